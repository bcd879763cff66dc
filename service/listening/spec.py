"""What a listening test is: the structure of the TOML files in `studies/listening`, and of the JSON that is posted."""

import tomllib
from itertools import combinations
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from nebula.draws import SEED_LIMIT
from nebula.listening import SCREENING_PRESETS, Method, Plan, Resampling, Rule
from nebula.shipped import ShippedFiles
from service.listening.items import ItemOrder, ListedItem, Name, System
from service.listening.languages import LANGUAGES, Language
from service.listening.scale import DEFAULT_LABELS, IMPAIRMENTS, RatingScale
from service.listening.texts import Line, QuestionnaireField, Table, Texts, Translation, own_texts

#: What MUSHRA's hidden reference is called among the systems.
REFERENCE = "reference"

#: ITU-R BS.1534-3: no more signals in one trial, and none longer.
MUSHRA_SIGNALS, MUSHRA_SECONDS = 12, 12.0

#: Most systems of one test, and most slots of one trial: each has a letter.
SYSTEMS, SLOTS = 64, 23

#: Most sounds that one test renders; each is held in memory until all are as loud as each other.
SOUNDS = 1024

# Those that compare with a reference that is heard openly and hidden, too.
_REFERENCED = frozenset({Method.MUSHRA, Method.BS1116})

_SHIPPED = ShippedFiles("nebula.shipped_studies", ".toml", "listening")


class AnalysisSpec(Table):
    """What will be computed of the answers; frozen when the test is sealed.

    Attributes:
        screening: Name of a preset, or rules.
        level: Confidence of intervals.
        resamples: Of the bootstrap.
        seed: Of the bootstrap.
        significance: p-values up to this are called significant.
    """

    screening: Literal["none", "experts", "bs1534-3", "attention"] | tuple[Rule, ...] = "none"
    level: Annotated[float, Field(gt=0, lt=1)] = 0.95
    resamples: Annotated[int, Field(ge=2, le=100_000)] = 2000
    seed: Annotated[int, Field(ge=0, lt=SEED_LIMIT)] = 0
    significance: Annotated[float, Field(gt=0, lt=1)] = 0.05


class ListeningSpec(Table):
    """A listening test.

    Attributes:
        version: Of the form, 1.
        name: What experimenters call it; participants never see it.
        method: What participants are asked.
        texts: What they read.
        language: Of these texts, and of all other words of the spec's own.
        translations: The same words in other languages.
        systems: What is compared.
        reference: Of MUSHRA and BS.1116, heard openly and hidden; of ABX and of same or different, what each system is
            compared with, and if there is none, all systems are compared with each other.
        anchors_hz: Cutoffs of MUSHRA's anchors, which are made from the reference.
        sounds: Without listed items: how many sounds of each system are rated, or how many comparisons there are.
        practice: Without listed items: how many trials are heard before, and do not count.
        checks: In comparisons that may end undecided: how many attention checks are hidden among the trials, pairs of
            one sound and itself. Where sounds are told apart, items are marked as checks instead.
        playlist: Sounds in each slot, one after the other.
        seconds: Length of a nebula's sounds, and the longest of others.
        tails: `natural` lets each sound die away, `aligned` ends all of a trial together; MUSHRA is aligned if nothing
            is said, the rest natural.
        levels: `aligned` brings every sound to one loudness; `as-is` leaves sounds as loud as they are, and what they
            differ by in loudness is heard. All are turned down by one gain where a peak would clip.
        loudness_lufs: Integrated loudness of every sound, where levels are aligned.
        sample_rate_hz: Of every sound.
        corpus: Id of the uploaded corpus that listed items name sounds of.
        items: Listed items.
        order: Of the items that count, by their names; at random for each participant if there is none.
        strict: Whether at most 12 signals stand side by side, and in MUSHRA none is longer than 12 s, as ITU-R
            BS.1534-3 wants it; else at most 23.
        tie: Whether a comparison, or a trial of ABX, may end undecided.
        tags: Words that a trial's sounds can be tagged with.
        scale: Of ratings; places are put in order without one.
        questionnaire: Asked after the trials.
        analysis: The plan.
        vanished_minutes: Who has not answered for so long no longer counts when groups are filled.
        completion_url: Where participants are sent in the end, such as a recruiter's page.
    """

    version: Literal[1]
    name: Name
    method: Method
    texts: Texts = Texts()
    language: Language = "en"
    translations: dict[Language, Translation] = Field(default_factory=dict)
    systems: Annotated[tuple[System, ...], Field(min_length=1, max_length=SYSTEMS)]
    reference: System | None = None
    anchors_hz: Annotated[tuple[Annotated[int, Field(ge=100, le=20_000)], ...], Field(max_length=4)] = ()
    sounds: Annotated[int, Field(ge=1, le=512)] = 64
    practice: Annotated[int, Field(ge=0, le=20)] = 0
    checks: Annotated[int, Field(ge=0, le=20)] = 0
    playlist: Annotated[int, Field(ge=1, le=16)] = 1
    seconds: Annotated[float, Field(ge=0.1, le=60)] = 4.0
    tails: Literal["natural", "aligned"] | None = None
    levels: Literal["aligned", "as-is"] = "aligned"
    loudness_lufs: Annotated[float, Field(ge=-60, le=-10)] = -23.0
    sample_rate_hz: Literal[44100, 48000] = 44100
    corpus: Line | None = None
    items: Annotated[tuple[ListedItem, ...], Field(max_length=512)] = ()
    order: ItemOrder | None = None
    strict: bool = True
    tie: bool = False
    tags: Annotated[tuple[Line, ...], Field(max_length=50)] = ()
    scale: RatingScale = RatingScale()
    questionnaire: Annotated[tuple[QuestionnaireField, ...], Field(max_length=50)] = ()
    analysis: AnalysisSpec = AnalysisSpec()
    vanished_minutes: Annotated[float, Field(gt=0, le=100_000)] = 60
    completion_url: Annotated[str, Field(pattern=r"^https://[^\s\"'<>]+$", max_length=500)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _graded(cls, form: Any) -> Any:
        if isinstance(form, dict) and form.get("method") == Method.BS1116 and "scale" not in form:
            return form | {"scale": {"minimum": 1, "maximum": 5, "labels": IMPAIRMENTS, "step": 0.1}}
        return form

    @model_validator(mode="after")
    def _consistent(self) -> "ListeningSpec":
        names = [system.name for system in self.systems]
        _differ("systems", names)
        _differ("questionnaire", [question.key for question in self.questionnaire])
        least = {Method.PREFERENCE: 2, Method.MULTI_STIMULUS: 2, Method.RANKING: 3}.get(self.method, 1)
        if self.method.tells_apart and self.reference is None:
            least = 2
        if len(names) < least:
            raise ValueError(f"systems: got {len(names)}, expected at least {least} for {self.method.value}")
        self._check_reference(names)
        self._check_sizes()
        if self.checks and not (self.method is Method.PREFERENCE and self.tie):
            hint = "; items can be marked with check = true" if self.method.tells_apart else ""
            raise ValueError(f"checks: got {self.checks}, expected 0 but for preference with tie = true{hint}")
        self._check_items()
        self._check_translations()
        return self

    def _check_reference(self, names: list[str]) -> None:
        if self.anchors_hz and self.method is not Method.MUSHRA:
            raise ValueError(f"anchors_hz: got some, expected none for {self.method.value}")
        if self.reference is None:
            if self.method in _REFERENCED:
                raise ValueError(f"reference: got none, expected one for {self.method.value}")
            return
        if self.method not in _REFERENCED and not self.method.tells_apart:
            raise ValueError(f"reference: got one, expected none for {self.method.value}")
        if REFERENCE in names or any(name.startswith("anchor-") for name in names):
            raise ValueError(f"systems: got {', '.join(names)}, expected neither 'reference' nor 'anchor-...'")
        if self.method is Method.BS1116 and (self.scale.minimum, self.scale.maximum) != (1, 5):
            raise ValueError("scale: expected 1 to 5 for bs1116")

    def _check_sizes(self) -> None:
        signals, most = max(map(len, self.slots()), default=0), MUSHRA_SIGNALS if self.strict else SLOTS
        if signals > most:
            raise ValueError(f"systems: got {signals} with reference and anchors, expected at most {most}")
        if self.method is Method.MUSHRA and self.strict and self.seconds > MUSHRA_SECONDS:
            allowed = f"at most {MUSHRA_SECONDS:g} for mushra, as ITU-R BS.1534-3 has it, or strict = false"
            raise ValueError(f"seconds: got {self.seconds:g}, expected {allowed}")

    def _check_items(self) -> None:
        sources = (*self.systems, *((self.reference,) if self.reference else ()))
        listed = {REFERENCE if source is self.reference else source.name for source in sources if source.is_listed}
        if listed and not self.items:
            raise ValueError(f"items: got none, expected some: {min(listed)!r} has neither nebula nor corpus")
        if listed and self.corpus is None:
            raise ValueError("corpus: got none, expected the one whose sounds the items list")
        for group in {item.group for item in self.items}:
            _differ(f"items of group {group}", [item.name for item in self.items if item.group == group])
        for item in self.items:
            if not set(item.sounds) <= listed or (REFERENCE in listed) != (REFERENCE in item.sounds):
                given, wanted = (", ".join(sorted(names)) or "none" for names in (item.sounds, listed))
                raise ValueError(f"item {item.name!r}: got sounds of {given}, expected {wanted}")
            if not self.slots(item):
                raise ValueError(f"item {item.name!r}: got sounds of too few systems to compare")
            for name, sounds in item.sounds.items():
                if len(sounds) != self.playlist:
                    raise ValueError(f"item {item.name!r}: got {len(sounds)} of {name!r}, expected {self.playlist}")
        unheard = listed - {name for item in self.items for name in item.sounds}
        if unheard:
            raise ValueError(f"systems: {min(unheard)!r} has no sounds in any item, expected some")
        self._check_order()
        self._check_marks()
        groups = {item.group for item in self.items if not item.practice}
        if self.items and groups != set(range(len(groups))) | {0}:
            raise ValueError(f"items: got groups {sorted(groups)} that count, expected 0, 1, 2 and so on")

    def _check_marks(self) -> None:
        marked = [item for item in self.items if item.check]
        if marked and not self.method.tells_apart:
            raise ValueError(f"item {marked[0].name!r}: got check = true, expected false for {self.method.value}")
        if any(item.practice for item in marked):
            raise ValueError("items: got a check for practice, expected checks that are hidden among the trials")
        checks = dict.fromkeys((item.group for item in self.items if not item.practice), 0)
        for item in marked:
            checks[item.group] += len(self.slots(item))
        if len(set(checks.values())) > 1:
            raise ValueError(f"items: got {sorted(checks.values())} checks by group, expected as many in each")
        if any(all(item.check for item in self.items if item.group == group and not item.practice) for group in checks):
            raise ValueError("items: got a group of checks alone, expected other items, too")

    def _check_order(self) -> None:
        if self.order is None:
            return
        named, counting = list(self.order.names()), {item.name for item in self.items if not item.practice}
        _differ("order", named)
        if set(named) != counting:
            raise ValueError(f"order: got {len(named)} names, expected each of the {len(counting)} items that count")
        if any(item.block is not None for item in self.items):
            raise ValueError("items: got blocks, expected none where there is an order")

    def _check_translations(self) -> None:
        if self.language in self.translations:
            raise ValueError(f"translations: got {self.language!r}, expected languages other than that of the texts")
        for language, translation in self.translations.items():
            translation.check(language, self.texts, self.own_labels, self.tags, self.questionnaire, self.item_texts)
        texts = self.item_texts if self.translations else {}
        for item in self.items:
            if item.text != texts.get(item.name, item.text):
                raise ValueError(f"item {item.name!r}: got texts that differ by group, expected one to be translated")

    @property
    def has_scale(self) -> bool:
        """Whether sounds are rated on a scale, neither chosen nor put in order."""
        return not self.method.is_chosen and self.method is not Method.RANKING

    @property
    def rated_from(self) -> tuple[float, float] | None:
        """Ends of the scale of ratings, or of places; None where there are choices."""
        if self.method is Method.RANKING:
            return 1.0, float(len(self.systems))
        return (self.scale.minimum, self.scale.maximum) if self.has_scale else None

    @property
    def own_labels(self) -> tuple[str, ...]:
        """Labels of the scale that the experimenter has written, from the lowest."""
        own = self.has_scale and self.scale.labels not in (DEFAULT_LABELS, IMPAIRMENTS)
        return self.scale.labels if own else ()

    @property
    def item_texts(self) -> dict[str, str]:
        """Texts of the items that have one, by their names."""
        return {item.name: item.text for item in self.items if item.text.strip()}

    @property
    def has_no_words(self) -> bool:
        """Whether all that participants read follows from the plan."""
        return not (own_texts(self.texts) or self.own_labels or self.tags or self.questionnaire or self.item_texts)

    @property
    def languages(self) -> tuple[Language, ...]:
        """What participants may read it in; the first one is for who wants none of them.

        What follows from the plan is there in all languages. Words of the experimenter's own are there in those of the
        spec, and a page speaks one language only.
        """
        spoken = [self.language, *self.translations]
        if self.has_no_words:
            spoken += [language for language in LANGUAGES if language not in spoken]
        return tuple(spoken)

    @property
    def ends(self) -> str:
        """How sounds end: `natural` or `aligned`."""
        return self.tails or ("aligned" if self.method in _REFERENCED else "natural")

    @property
    def one_loudness_lufs(self) -> float | None:
        """Loudness that all sounds are brought to; None where levels are left as they are."""
        return self.loudness_lufs if self.levels == "aligned" else None

    @property
    def has_open_reference(self) -> bool:
        """Whether the reference is heard openly."""
        return self.method in _REFERENCED

    @property
    def choices(self) -> tuple[str, ...]:
        """What can be chosen in a trial; nothing where sounds are rated."""
        if self.method is Method.SAME_DIFFERENT:
            return ("same", "different")
        return ("A", "B", *(("tie",) if self.tie else ())) if self.method.is_chosen else ()

    def slots(self, item: ListedItem | None = None) -> list[tuple[str, ...]]:
        """Returns which systems can stand side by side.

        Args:
            item: Where an item lists sounds, those of which it has some; of all items, in which most stand, if none is
                given.
        """
        if item is None and self.items:
            return max(map(self.slots, self.items), key=lambda found: (max(map(len, found), default=0), len(found)))
        names = tuple(
            each.name for each in self.systems if item is None or not each.is_listed or each.name in item.sounds
        )
        if self.method is Method.RATING:
            return [(name,) for name in names]
        if self.method is Method.RANKING:
            # Places among fewer mean something else.
            return [names] if len(names) == len(self.systems) else []
        if self.method is Method.MUSHRA:
            return [(*names, REFERENCE, *self.anchors)] if names else []
        if self.reference is not None:
            return [(name, REFERENCE) for name in names]
        return list(combinations(names, 2)) if self.method.is_chosen else [names] if len(names) > 1 else []

    @property
    def anchors(self) -> dict[str, int]:
        """Cutoffs of the anchors by their names among the systems."""
        return {f"anchor-{cutoff}": cutoff for cutoff in self.anchors_hz}

    @property
    def practice_trials(self) -> int:
        """How many trials each participant tries before the test."""
        if not self.items:
            return self.practice
        return sum(len(self.slots(item)) for item in self.items if item.practice)

    @property
    def checks_asked(self) -> int:
        """How many attention checks each participant is asked."""
        return self.checks + sum(len(self.slots(item)) for item in self.items if item.check and item.group == 0)

    @property
    def plan(self) -> Plan:
        """The analysis as it will be done."""
        chosen = self.analysis
        rules = SCREENING_PRESETS[chosen.screening] if isinstance(chosen.screening, str) else chosen.screening
        resampling = Resampling(level=chosen.level, resamples=chosen.resamples, seed=chosen.seed)
        return Plan(
            method=self.method,
            screening=rules,
            resampling=resampling,
            significance=chosen.significance,
            tie=self.tie if "B" in self.choices else None,
            practice=self.practice_trials,
            scale=self.rated_from,
            controls=(REFERENCE, *self.anchors) if self.method is Method.MUSHRA else (),
            checks=self.checks_asked,
        )

    @classmethod
    def shipped(cls) -> tuple[str, ...]:
        """Returns the names of the specs that come with the package, in alphabetical order."""
        return _SHIPPED.names()

    @classmethod
    def load(cls, name: str) -> "ListeningSpec":
        """Returns a spec that comes with the package."""
        return cls.model_validate(tomllib.loads(_SHIPPED.text(name)))


def _differ(noun: str, names: list[str]) -> None:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"{noun}: got {repeated[0]!r} more than once, expected names that differ")


def canaries(spec: ListeningSpec) -> set[str]:
    """Returns every name that tells where a sound comes from: no participant may meet one."""
    sources = (*spec.systems, *((spec.reference,) if spec.reference else ()))
    names = {name for source in sources for name in (source.name, source.nebula, source.corpus, spec.corpus) if name}
    listed = {name for item in spec.items for names in item.sounds.values() for name in names}
    # That there is a reference is no secret; where it hides is.
    return (names | listed | set(spec.anchors)) - {REFERENCE}
