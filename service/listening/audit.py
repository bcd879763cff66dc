"""The leak audit: what of a sealed test could tell anyone which sound is which. It runs before a test opens.

It looks at the files themselves and at what a participant would be told, made by the functions that tell it.
"""

from __future__ import annotations

import re
import stat
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import scipy

from nebula.audio import spread
from nebula.listening import verify
from nebula.tensors import torch
from service.listening import answering, queries
from service.listening.design import arrange, design, questions
from service.listening.joining import draw_questions
from service.listening.names import names_among, texts_of, written_by_hand
from service.listening.showing import ADDRESS, question_shown, sound_head
from service.listening.spec import ListeningSpec, canaries
from service.listening.stimuli import EDGE_SECONDS
from service.listening.store import NAME, StimulusStore
from service.listening.tables import ListeningQuestion, ListeningTest

#: What may remain between the sounds of a question, beside `EDGE_SECONDS`.
LOUDNESS_LU, OFFSET = 0.5, 1e-3

# Participants whose slots are counted, and how unlikely their counts may be: one audit in a million fails by chance.
_SIMULATED, _CHANCE = 100, 1e-6

_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True)
class Leak:
    """Something that leaks.

    Attributes:
        check: Which part of the audit met it.
        message: What it is, without telling which sound is which.
    """

    check: str
    message: str


@dataclass(frozen=True, eq=False)
class _Rehearsal:
    """What the audit looks at: a test, its files, and the questions of participants who do not exist."""

    test: ListeningTest
    spec: ListeningSpec
    store: StimulusStore
    asked: list[ListeningQuestion]


def audit(test: ListeningTest, store: StimulusStore) -> list[Leak]:
    """Returns what leaks; nothing, if nothing does.

    Args:
        test: Sealed, with its key map.
        store: Where its sounds are.
    """
    spec = queries.spec_of(test)
    folder = store.root / str(test.folder)
    assert test.key_map is not None
    if {path.name for path in folder.glob("*")} != set(test.key_map["stimuli"]):
        # Without the files, no other check can run.
        return [Leak("files", "the files are not those of the key map")]
    groups = len(design(questions(spec)).groups)
    # One participant of each group, so that every sound is met.
    asked = [question for group in range(groups) for question in draw_questions(test, spec, partial(_filled, group))[1]]
    rehearsal = _Rehearsal(test, spec, store, asked)
    return [Leak(name, message) for name, check in CHECKS.items() for message in check(rehearsal)]


def unaudited(spec: ListeningSpec) -> list[str]:
    """Returns what could tell sounds apart and is wanted so, in sentences.

    Args:
        spec: Of a test.
    """
    if spec.levels == "aligned":
        return []
    return ["Levels are left as they are in each sound: loudness may tell sounds apart."]


def _filled(group: int, groups: int) -> list[int]:
    """Returns counts of participants with which the next one comes into a group."""
    return [int(number != group) for number in range(groups)]


def _files(rehearsal: _Rehearsal) -> Iterator[str]:
    assert rehearsal.test.key_map is not None
    folder = rehearsal.store.root / str(rehearsal.test.folder)
    known, found = rehearsal.test.key_map["stimuli"], sorted(folder.iterdir())
    if not NAME.fullmatch(folder.name) or not all(NAME.fullmatch(path.name) for path in found):
        yield "a file or folder has a name that was not drawn at random"
    if any(rehearsal.store.digest(folder.name, name) != known[name]["sha256"] for name in known):
        yield "a file is not what was committed to"
    if len({path.stat().st_mtime_ns for path in found}) > 1:
        yield "files have different dates"
    if stat.S_IMODE(folder.stat().st_mode) & 0o077:
        yield "others on this machine can read the files"


def _commitment(rehearsal: _Rehearsal) -> Iterator[str]:
    test = rehearsal.test
    if not verify(str(test.commitment), test.key_map, str(test.salt)):
        yield "the key map is not the one that was committed to"


def _alignment(rehearsal: _Rehearsal) -> Iterator[str]:
    assert rehearsal.test.key_map is not None
    together: dict[str, list[str]] = {}
    for name, stimulus in rehearsal.test.key_map["stimuli"].items():
        together.setdefault(stimulus["question"], []).append(name)
    for key, names in together.items():
        place = _place(rehearsal, key)
        sounds = [rehearsal.store.read(str(rehearsal.test.folder), name) for name in names]
        if len({sound.shape for sound in sounds}) > 1:
            what = "channels" if len({len(sound) for sound in sounds}) > 1 else "length"
            yield f"{place}: sounds differ in {what}"
            continue
        found = spread(torch.stack(sounds), rehearsal.spec.sample_rate_hz)
        if rehearsal.spec.levels == "aligned" and found.loudness_lu > LOUDNESS_LU:
            yield f"{place}: loudness differs by {found.loudness_lu:.2f} LU, expected at most {LOUDNESS_LU}"
        if found.onset_seconds > EDGE_SECONDS:
            yield f"{place}: onsets lie {1000 * found.onset_seconds:.0f} ms apart, expected at most 10"
        if rehearsal.spec.ends == "aligned" and found.tail_seconds > EDGE_SECONDS:
            yield f"{place}: ends lie {1000 * found.tail_seconds:.0f} ms apart, expected at most 10"
        if found.peak >= 1 or found.offset > OFFSET:
            yield f"{place}: peak {found.peak:.3f} or offset {found.offset:.1e}, expected below 1 and {OFFSET}"


def _place(rehearsal: _Rehearsal, key: str) -> str:
    """Returns what an experimenter knows a question by: its item, where items are listed."""
    if not rehearsal.spec.items:
        return f"trial {key}"
    return f"item {next(question.item for question in questions(rehearsal.spec) if question.key == key)!r}"


def _answers(rehearsal: _Rehearsal) -> Iterator[str]:
    for question in rehearsal.asked:
        place = _place(rehearsal, question.key)
        contents = [answering.played(rehearsal.store, rehearsal.test, sound) for sound in question.sounds]
        if len({len(content) for content in contents}) > 1:
            yield f"{place}: files differ in size"
        if len(set(contents)) < len(contents):
            yield f"{place}: two files are alike, byte by byte"
        if any(chunks(content) != ["fmt ", "data"] for content in contents):
            yield f"{place}: a file holds more than sound"
        heads = {tuple(sound_head(content).items()) for content in contents}
        if len(heads) > 1 or any(word in str(heads) for word in ("etag", "last-modified", "disposition", "timing")):
            yield f"{place}: headers tell files apart"


def _tokens(rehearsal: _Rehearsal) -> Iterator[str]:
    tokens = [sound.token for question in rehearsal.asked for sound in question.sounds]
    tokens += [question.id for question in rehearsal.asked]
    if len(set(tokens)) < len(tokens) or not all(_TOKEN.fullmatch(token) for token in tokens):
        yield "addresses are not all different, with 128 random bits each"


def _names(rehearsal: _Rehearsal) -> Iterator[str]:
    spec = rehearsal.spec
    assert rehearsal.test.key_map is not None
    seeds = [stimulus["source"].get("seed") for stimulus in rehearsal.test.key_map["stimuli"].values()]
    secret = canaries(spec) | {str(seed) for seed in seeds if seed is not None} | {str(rehearsal.test.folder)}
    secret |= {rehearsal.test.id, *rehearsal.test.key_map["stimuli"]}
    told = [*written_by_hand(spec), *(_said(spec, question) for question in rehearsal.asked)]
    for name in names_among(secret, told):
        yield f"participants are told {name!r}"


def _said(spec: ListeningSpec, question: ListeningQuestion) -> list[str]:
    """Returns what is told of a question but for its id, its method, which is no secret, and the addresses of sounds.

    In these all words but the last, which is drawn at random, are always the same.
    """
    addresses = {f"{ADDRESS}/sessions//audio/{sound.token}" for sound in question.sounds}
    shown = question_shown(spec, question, "", spec.language).model_dump(mode="json", exclude={"id", "method"})
    return [text for text in texts_of(shown) if text not in addresses]


def _slots(rehearsal: _Rehearsal) -> Iterator[str]:
    asked = questions(rehearsal.spec)
    groups = len(design(asked).groups)
    counts: Counter[tuple[str, int]] = Counter()
    totals: Counter[str] = Counter()
    sizes: dict[str, int] = {}
    for number in range(_SIMULATED):
        _, placements = arrange(asked, _filled(number % groups, groups))
        for placement in placements:
            for slot, system in enumerate(placement.slots):
                counts[system, slot] += 1
                totals[system] += 1
                sizes[system] = len(placement.slots)
    for system, slots in sizes.items():
        found = [counts[system, slot] for slot in range(slots)]
        if slots > 1 and scipy.stats.chisquare(found).pvalue < _CHANCE:
            yield "some sounds stand in some slots more often than in others"
            return


def _checks(rehearsal: _Rehearsal) -> Iterator[str]:
    assert rehearsal.test.key_map is not None
    asked = {question.key: question for question in questions(rehearsal.spec)}
    checks = {key for key, question in asked.items() if question.check}
    # Earlier versions had none, and did not say so.
    if set(rehearsal.test.key_map.get("checks", [])) != checks:
        yield "the attention checks are not those that were committed to"
    shapes: dict[bool, set[str]] = {True: set(), False: set()}
    for question in rehearsal.asked:
        if not question.practice:
            shown = question_shown(rehearsal.spec, question, "", rehearsal.spec.language)
            slots = [(slot.slot, len(slot.audio)) for slot in shown.slots]
            rest = shown.model_dump(mode="json", exclude={"id", "slots", "text"})
            shapes[question.key in checks].add(f"{slots} {rest}")
    if not shapes[True] <= shapes[False]:
        yield "participants are told of an attention check what they are told of no other trial"


def chunks(content: bytes) -> list[str]:
    """Returns the names of the chunks of a WAV file."""
    names, position = [], 12
    while position < len(content):
        names.append(content[position : position + 4].decode("latin-1"))
        size = int.from_bytes(content[position + 4 : position + 8], "little")
        position += 8 + size + size % 2
    return names


#: What is looked at, in order.
CHECKS: dict[str, Callable[[_Rehearsal], Iterator[str]]] = {
    "files": _files,
    "commitment": _commitment,
    "alignment": _alignment,
    "answers": _answers,
    "tokens": _tokens,
    "names": _names,
    "slots": _slots,
    "checks": _checks,
}
