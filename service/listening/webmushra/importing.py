"""From the pages of a configuration to specs: one for each kind of question that it asks."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from nebula.audio import ANCHOR_CUTOFFS_HZ
from nebula.listening import Method
from service.errors import Unprocessable
from service.listening.languages import LANGUAGES
from service.listening.misfits import misfits
from service.listening.names import names_planned
from service.listening.spec import MUSHRA_SIGNALS, REFERENCE, ListeningSpec
from service.listening.webmushra.notes import ImportNote, Notes
from service.listening.webmushra.pages import PageList, WrittenPage, is_false, is_true, page_list
from service.listening.webmushra.questionnaires import fields_of
from service.listening.webmushra.scales import Scale, scales_of
from service.listening.webmushra.systems import Systems, sound_name
from service.listening.webmushra.texts import Prose
from service.listening.webmushra.yaml_reading import content_of

#: Pages that are trials.
KINDS = ("mushra", "paired_comparison", "bs1116", "likert_single_stimulus", "likert_multi_stimulus")

# Pages that are none, but of which something is kept.
_OTHERS = ("generic", "consent", "volume", "finish")

_TRAINING = re.compile(r"train|practi[cs]e|familiari[sz]|warm-?up|übung|練習|练习", re.IGNORECASE)

# Longest sound, by whether the test is MUSHRA's as its recommendation wants it.
_SECONDS = {True: 12.0, False: 30.0}

# What only steers webMUSHRA's own program, by place.
_STEERING = {"testname", "testId", "bufferSize", "stopOnErrors", "remoteService", "pages", "language"}
_KNOWN = {"type", "id", "name", "content", "stimuli", "reference", "response", "unforced", "strict", "randomize"}
_KNOWN |= {"createAnchor35", "createAnchor70", "showWaveform", "enableLooping", "showConditionNames", "switchBack"}
_KNOWN |= {"mustRate", "mustPlayback", "maxStimuli", "mustConsent", "stimulus", "defaultVolume", "questionnaire"}
_KNOWN |= {"popupContent", "showResults", "writeResults", "showErrors"}


@dataclass(frozen=True)
class Imported:
    """What a configuration becomes.

    Attributes:
        specs: A test for each kind of question, in the order in which they first come.
        notes: What is not as the configuration says it.
    """

    specs: tuple[ListeningSpec, ...]
    notes: tuple[ImportNote, ...]


@dataclass(eq=False)
class _Test:
    """The pages that become one test, and by which scale they are answered."""

    method: Method
    scale: Scale | None
    pages: list[WrittenPage]


# Of pages that are no trials, where there is nothing else.
_KINDS_NAMED = 4


def read(configuration: str, corpus: str) -> Imported:
    """Returns the tests that a configuration of webMUSHRA asks for, and what of it is not kept.

    Args:
        configuration: The YAML file.
        corpus: Id of the uploaded corpus; its sounds are found by the ends of the paths in the file.

    Raises:
        Unprocessable: It is no configuration, or has no page that is a trial.
    """
    content = content_of(configuration)
    if not isinstance(content, dict) or not isinstance(content.get("pages"), list):
        raise Unprocessable("configuration: got none, expected a mapping with a list under the key 'pages'")
    notes, met = Notes(), dict[str, int]()
    listed = page_list(content["pages"], met)
    for name in (name for name, count in met.items() if count > 1):
        notes.add("changed", f"{met[name]} pages are called {name!r}: all but the first are numbered.")
    pages = list(listed.pages())
    tests = _tests(pages, notes)
    if not tests:
        raise Unprocessable(_no_trial(pages, notes))
    _note_all(content, pages, tests, notes)
    prose, fields = Prose(content, pages, KINDS, notes), fields_of([page.form for page in pages], notes)
    specs: list[ListeningSpec] = []
    for test in tests:
        builder = _Builder(content, listed, test, prose, notes, corpus)
        place = "" if len(tests) == 1 else f" {len(specs) + 1} {test.method.value}"
        specs.append(builder.spec(fields if test is tests[-1] else [], place))
    if fields and len(tests) > 1:
        notes.add("changed", "The questionnaire comes after the last of the tests.")
    notes.add(
        "always",
        "Onsets of a trial are brought together, and all sounds are turned down by one gain where a peak would clip; "
        "webMUSHRA plays them as they are. Levels are left as they are here, too.",
    )
    notes.add(
        "always", "Positions on the page are drawn at random in every trial, and nobody sees the names of stimuli."
    )
    return Imported(tuple(specs), notes.all())


def _no_trial(pages: list[WrittenPage], notes: Notes) -> str:
    """Returns what a configuration has in place of pages that are trials."""
    kinds = Counter(page.kind for page in pages).most_common(_KINDS_NAMED)
    has = ", ".join(f"{count} of type {kind[:40]!r}" for kind, count in kinds) or "no page"
    why = next((f"; {note.text}" for note in notes.all() if any(page.kind in KINDS for page in pages)), "")
    return f"configuration: got {has}, expected pages of type {', '.join(KINDS)} that can be read{why}"


def _tests(pages: list[WrittenPage], notes: Notes) -> list[_Test]:
    """Returns what has to be asked by tests of their own."""
    found: dict[tuple[Method, str, int], _Test] = {}
    for page in pages:
        if page.kind not in KINDS:
            if page.kind not in _OTHERS:
                notes.add(
                    "left out", f"A page of the type {page.kind!r}, which is none of those that are read.", page.id
                )
            continue
        stimuli = page.form.get("stimuli")
        if not isinstance(stimuli, dict) or not stimuli:
            notes.add("left out", "A page without stimuli.", page.id)
            continue
        method = _method(page, len(stimuli), notes)
        if method is None:
            continue
        by_likert = page.kind.startswith("likert")
        scales: list[Scale | None] = [*scales_of(page.form, page.id, notes)] if by_likert else [None]
        for number, scale in enumerate(scales):
            test = found.setdefault((method, str(scale), number), _Test(method, scale, []))
            test.pages.append(page)
        if len(scales) > 1:
            notes.add("changed", f"Sounds are rated by {len(scales)} scales: each becomes a test of its own.", page.id)
    if len(found) > 1:
        notes.add(
            "changed", f"The pages ask {len(found)} kinds of questions: each becomes a test with a link of its own."
        )
    return list(found.values())


def _method(page: WrittenPage, stimuli: int, notes: Notes) -> Method | None:
    has_reference = isinstance(page.form.get("reference"), str)
    if page.kind == "mushra":
        if has_reference:
            return Method.MUSHRA
        notes.add("changed", "MUSHRA without a reference is a rating of several stimuli (ITU-R BS.2132).", page.id)
        return Method.MULTI_STIMULUS if stimuli > 1 else Method.RATING
    if page.kind == "paired_comparison":
        if has_reference:
            notes.add(
                "changed",
                "Reference, A and B become ABX: X is the reference or the other one by the toss of a coin, and people "
                "say which of the two it is.",
                page.id,
            )
            return Method.ABX
        if stimuli > 1:
            return Method.PREFERENCE
        notes.add("left out", "A comparison of one stimulus with nothing.", page.id)
        return None
    if page.kind == "bs1116":
        if has_reference:
            return Method.BS1116
        notes.add("left out", "A page of BS.1116 without a reference.", page.id)
        return None
    return Method.MULTI_STIMULUS if page.kind == "likert_multi_stimulus" and stimuli > 1 else Method.RATING


def _note_all(content: dict[str, Any], pages: list[WrittenPage], tests: list[_Test], notes: Notes) -> None:
    """Notes what is done otherwise on all pages."""
    if is_true(content.get("showButtonPreviousPage")):
        notes.add("changed", "There is no way back to earlier pages.")
    for key in sorted(set(content) - _STEERING - {"showButtonPreviousPage"}):
        notes.add("left out", f"{key!r}, which is nothing that webMUSHRA documents.")
    language = str(content.get("language") or "en")
    if language not in LANGUAGES:
        notes.add("changed", f"The page's own words are in English: it does not speak {language!r}.")
    asked = {page for test in tests for page in test.pages}
    for page in pages:
        form = page.form
        for key in sorted(set(form) - _KNOWN):
            if page in asked or page.kind in _OTHERS:
                notes.add("left out", f"{key!r}, which is nothing that webMUSHRA documents.", page.id)
        if page in asked:
            _note_trial(page, notes)
        elif page.kind == "volume":
            notes.add(
                "changed", "The volume is set by noise, on the device, in place of a stimulus and a slider.", page.id
            )
        elif page.kind == "finish" and is_true(form.get("showResults")):
            notes.add(
                "left out", "Results are not shown to participants: they would tell which sound was which.", page.id
            )
        elif page.kind == "consent" and is_false(form.get("mustConsent")):
            notes.add("changed", "Who does not consent cannot go on.", page.id)


def _note_trial(page: WrittenPage, notes: Notes) -> None:
    form = page.form
    if is_true(form.get("showWaveform")):
        notes.add("left out", "Waveforms are not shown: they tell sounds apart.", page.id)
    if is_true(form.get("showConditionNames")):
        notes.add("left out", "Names of stimuli are not shown.", page.id)
    if is_false(form.get("randomize")):
        notes.add("changed", "Positions of stimuli are drawn at random where they were fixed.", page.id)
    if is_false(form.get("enableLooping")):
        notes.add("changed", "People may repeat a part of the sounds if they like.", page.id)
    if is_true(form.get("switchBack")):
        notes.add("changed", "Switching keeps the position, and does not go back to the start.", page.id)
    if str(form.get("mustPlayback")) == "ended":
        notes.add("changed", "Every sound has to be played before going on, but not up to its end.", page.id)
    if page.kind.startswith("likert") and not is_true(form.get("mustRate")):
        notes.add("changed", "Every sound has to be rated before going on.", page.id)
    if form.get("maxStimuli") is not None:
        notes.add("changed", "All stimuli are heard, not only as many as 'maxStimuli' says.", page.id)
    if page.kind == "bs1116" and any(is_true(form.get(key)) for key in ("createAnchor35", "createAnchor70")):
        notes.add("left out", "BS.1116 has no anchors.", page.id)


class _Builder:
    """Makes the spec of one test."""

    def __init__(
        self, content: dict[str, Any], listed: PageList, test: _Test, prose: Prose, notes: Notes, corpus: str
    ) -> None:
        self._content, self._listed, self._test = content, listed, test
        self._prose, self._notes, self._corpus = prose, notes, corpus
        self._systems = Systems(test.pages, test.method, notes)

    def spec(self, fields: list[dict[str, Any]], place: str) -> ListeningSpec:
        """Returns the spec.

        Args:
            fields: Of the questionnaire.
            place: What its name has in addition to that of the configuration.
        """
        test, method = self._test, self._test.method
        practised = self._practised()
        items = [item for page in test.pages for item in self._items(page, page in practised)]
        form: dict[str, Any] = {
            "version": 1,
            "name": self._name(place),
            "method": method.value,
            "texts": self._prose.texts,
            "language": self._language(),
            "systems": [{"name": name} for name in self._systems.names],
            "corpus": self._corpus,
            "items": items,
            "order": self._order(self._listed, practised),
            "levels": "as-is",
            "questionnaire": fields,
        }
        if method in (Method.MUSHRA, Method.ABX, Method.BS1116):
            form["reference"] = {"name": REFERENCE}
        if method is Method.MUSHRA:
            form |= self._mushra()
        if method.is_chosen:
            form["tie"] = self._tie()
        if test.scale is not None:
            form["scale"] = test.scale
        form["seconds"] = _SECONDS[method is Method.MUSHRA and form.get("strict", True)]
        self._notes.add("always", f"Of {method.value} sounds longer than {form['seconds']:g} s are cut there.")
        return self._fitting(form)

    def _practised(self) -> set[WrittenPage]:
        training = {page for page in self._test.pages if _is_training(page)}
        if len(training) == len(self._test.pages):
            return set()
        for page in training:
            self._notes.add(
                "changed", "A page for training becomes practice, before the test; it does not count.", page.id
            )
        return training

    def _items(self, page: WrittenPage, practice: bool) -> list[dict[str, Any]]:
        sounds = self._systems.sounds(page)
        if self._test.method in (Method.MUSHRA, Method.ABX, Method.BS1116):
            sounds[REFERENCE] = [sound_name(page.form["reference"])]
        shared = {"practice": practice, "text": self._prose.of_page(page)}
        if self._systems.are_items:
            return [shared | {"name": name, "sounds": sounds} for name, sounds in self._systems.items(page)]
        return [shared | {"name": page.id, "sounds": sounds}]

    def _order(self, listed: PageList, practised: set[WrittenPage]) -> dict[str, Any] | None:
        parts: list[Any] = []
        for part in listed.parts:
            if isinstance(part, PageList):
                inner = self._order(part, practised)
                if inner is not None:
                    parts.append(inner["parts"][0] if len(inner["parts"]) == 1 else inner)
            elif part in self._test.pages and part not in practised:
                names = [name for name, _ in self._systems.items(part)] if self._systems.are_items else [part.id]
                parts.append({"shuffled": True, "parts": names} if len(names) > 1 else names[0])
        return {"shuffled": listed.shuffled, "parts": parts} if parts else None

    def _mushra(self) -> dict[str, Any]:
        forms = [page.form for page in self._test.pages]
        found: dict[str, Any] = {"anchors_hz": []}
        for key, cutoff in zip(("createAnchor35", "createAnchor70"), ANCHOR_CUTOFFS_HZ, strict=True):
            wanted = [page for page in self._test.pages if is_true(page.form.get(key))]
            if wanted:
                found["anchors_hz"].append(cutoff)
            for page in self._test.pages if wanted else []:
                if page not in wanted:
                    self._notes.add("changed", f"The anchor at {cutoff} Hz is heard on every page.", page.id)
        signals = max(len(form["stimuli"]) for form in forms) + 1 + len(found["anchors_hz"])
        if any(is_false(form.get("strict")) for form in forms):
            found["strict"] = False
        elif signals > MUSHRA_SIGNALS:
            found["strict"] = False
            self._notes.add(
                "changed", f"{signals} signals on a page: more than ITU-R BS.1534-3 allows, so it is not strict."
            )
        return found

    def _tie(self) -> bool:
        unforced = {page for page in self._test.pages if _is_label(page.form.get("unforced"))}
        words = "I cannot tell" if self._test.method is Method.ABX else "No preference"
        for page in (page for page in unforced if page.form["unforced"] != words):
            self._notes.add("changed", f"{page.form['unforced']!r} is called {words!r}.", page.id)
        for page in self._test.pages if unforced else []:
            if page not in unforced:
                self._notes.add("changed", "Trials may end undecided on every page.", page.id)
        return bool(unforced)

    def _language(self) -> str:
        said = str(self._content.get("language") or "")
        return said if said in LANGUAGES else LANGUAGES[0]

    def _name(self, place: str) -> str:
        words = str(self._content.get("testId") or self._content.get("testname") or "imported")
        return _plain_name(words)[: 64 - len(place)] + place

    def _fitting(self, form: dict[str, Any]) -> ListeningSpec:
        """Returns the spec, without texts that contradict it and with other names for systems that its texts name."""
        spec = _validated(form)
        for _ in range(2):
            told = names_planned(spec)
            if not told:
                break
            form = self._systems.renamed(form, told)
            spec = _validated(form)
        for fault in misfits(spec):
            name = fault.partition(":")[0].removeprefix("texts.")
            words = form["texts"].pop(name, None)
            if words is not None:
                self._notes.add("left out", f"{fault}: written anew. It was: {words[:300]}")
        return _validated(form)


def _is_training(page: WrittenPage) -> bool:
    named = f"{page.id} {page.form.get('name') or ''}"
    return _TRAINING.search(named) is not None


def _is_label(value: object) -> bool:
    """Returns whether a label is there, such as that of the button for no preference."""
    return isinstance(value, str) and not is_false(value)


def _plain_name(words: str) -> str:
    letters = "".join(letter if letter.isalnum() or letter in " ._-" else "-" for letter in words)
    return letters.lstrip(" ._-")[:64] or "imported"


def _validated(form: dict[str, Any]) -> ListeningSpec:
    try:
        return ListeningSpec.model_validate(form)
    except ValidationError as error:
        raise Unprocessable(f"configuration: {_first(error.errors())}") from error


def _first(errors: Iterable[Any]) -> str:
    first = next(iter(errors))
    place = ".".join(str(part) for part in first["loc"])
    return f"{place} {first['msg']}".replace("Value error, ", "").strip()
