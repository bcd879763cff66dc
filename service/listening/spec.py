"""What a listening test is: the structure of the TOML files in `studies/listening`, and of the JSON that is posted."""

import math
import tomllib
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from nebula.draws import SEED_LIMIT
from nebula.listening import SCREENING_PRESETS, Method, Plan, Resampling, Rule
from nebula.shipped import ShippedFiles

#: What MUSHRA's hidden reference is called among the systems.
REFERENCE = "reference"

#: ITU-R BS.1534-3: no more signals in one trial, and none longer.
MUSHRA_SIGNALS, MUSHRA_SECONDS = 12, 12.0

#: Most sounds that one test renders; each is held in memory until all are as loud as each other.
SOUNDS = 1024

_SHIPPED = ShippedFiles("nebula.shipped_studies", ".toml", "listening")

_LABELS = ("bad", "poor", "fair", "good", "excellent")


def _storable(text: str) -> str:
    # PostgreSQL keeps neither in JSON.
    if "\0" in text or any(0xD800 <= ord(character) < 0xE000 for character in text):
        raise ValueError("expected text without null characters and halves of surrogate pairs")
    return text


Text = Annotated[str, Field(max_length=10_000), AfterValidator(_storable)]
Line = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_storable)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$")]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Texts(_Table):
    """What participants read; they know nothing else of the test.

    Attributes:
        title: Of the page.
        consent: What they agree to.
        instructions: What they are to do.
        question: Of each trial.
        practice: Before the practice trials.
        thanks: In the end.
    """

    title: Text = "Listening test"
    consent: Text = ""
    instructions: Text = ""
    question: Text = ""
    practice: Text = ""
    thanks: Text = ""


class System(_Table):
    """What makes sounds: one side of a comparison.

    Attributes:
        name: In the report.
        nebula: Its random sounds, with seeds that are drawn when the test is sealed; or
        corpus: random sounds of an uploaded corpus, by its id; or neither, and items list its sounds.
    """

    name: Name
    nebula: Line | None = None
    corpus: Line | None = None

    @model_validator(mode="after")
    def _one_source(self) -> "System":
        if self.nebula is not None and self.corpus is not None:
            raise ValueError(f"system {self.name!r}: got nebula and corpus, expected at most one of them")
        return self

    @property
    def is_listed(self) -> bool:
        """Whether items list its sounds."""
        return self.nebula is None and self.corpus is None


class ListedItem(_Table):
    """An excerpt: what one trial is about, by the sounds of each system.

    Attributes:
        name: In the report.
        sounds: Names of sounds in the test's corpus, by system; MUSHRA's reference under `reference`.
        group: Each participant hears one group of items.
        block: Items of a group with the same block stay consecutive; none has a block of its own.
        practice: Whether it is heard before the test and does not count.
    """

    name: Line
    sounds: dict[Name, Annotated[tuple[Line, ...], Field(min_length=1)]] = {}
    group: Annotated[int, Field(ge=0, lt=100)] = 0
    block: Line | None = None
    practice: bool = False


class RatingScale(_Table):
    """The scale of ratings; labels share it out evenly, from the lowest to the highest."""

    minimum: float = 0
    maximum: float = 100
    labels: Annotated[tuple[Line, ...], Field(max_length=11)] = _LABELS

    @model_validator(mode="after")
    def _in_order(self) -> "RatingScale":
        if not (math.isfinite(self.minimum) and math.isfinite(self.maximum) and self.minimum < self.maximum):
            raise ValueError(f"scale: got {self.minimum:g} to {self.maximum:g}, expected a minimum below the maximum")
        return self


class QuestionnaireField(_Table):
    """A question that is asked after the trials.

    Attributes:
        key: What screening rules and the export call it.
        text: What participants read.
        kind: One of the options, any number of them, or text.
        options: To choose from.
        required: Whether it has to be answered.
    """

    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    text: Line
    kind: Literal["choice", "choices", "text"] = "choice"
    options: Annotated[tuple[Line, ...], Field(max_length=50)] = ()
    required: bool = True

    @model_validator(mode="after")
    def _has_options(self) -> "QuestionnaireField":
        if (self.kind == "text") != (not self.options):
            raise ValueError(f"question {self.key!r}: got {len(self.options)} options, expected some, or none for text")
        return self


class AnalysisSpec(_Table):
    """What will be computed of the answers; frozen when the test is sealed.

    Attributes:
        screening: Name of a preset, or rules.
        level: Confidence of intervals.
        resamples: Of the bootstrap.
        seed: Of the bootstrap.
        significance: p-values up to this are called significant.
    """

    screening: Literal["none", "experts", "bs1534-3"] | tuple[Rule, ...] = "none"
    level: Annotated[float, Field(gt=0, lt=1)] = 0.95
    resamples: Annotated[int, Field(ge=2, le=100_000)] = 2000
    seed: Annotated[int, Field(ge=0, lt=SEED_LIMIT)] = 0
    significance: Annotated[float, Field(gt=0, lt=1)] = 0.05


class ListeningSpec(_Table):
    """A listening test.

    Attributes:
        version: Of the form, 1.
        name: What experimenters call it; participants never see it.
        method: What participants are asked.
        texts: What they read.
        systems: What is compared.
        reference: MUSHRA's.
        anchors_hz: Cutoffs of MUSHRA's anchors, which are made from the reference.
        sounds: Without listed items: how many sounds of each system are rated, or how many comparisons there are.
        practice: Without listed items: how many trials are heard before, and do not count.
        playlist: Sounds in each slot, one after the other.
        seconds: Length of a nebula's sounds, and the longest of others.
        tails: `natural` lets each sound die away, `aligned` ends all of a trial together; MUSHRA is aligned if nothing
            is said, the rest natural.
        loudness_lufs: Integrated loudness of every sound.
        sample_rate_hz: Of every sound.
        corpus: Id of the uploaded corpus that listed items name sounds of.
        items: Listed items.
        tie: Whether a comparison may end undecided.
        tags: Words that a trial's sounds can be tagged with.
        scale: Of ratings.
        questionnaire: Asked after the trials.
        analysis: The plan.
        vanished_minutes: Who has not answered for so long no longer counts when groups are filled.
        completion_url: Where participants are sent in the end, such as a recruiter's page.
    """

    version: Literal[1]
    name: Name
    method: Method
    texts: Texts = Texts()
    systems: Annotated[tuple[System, ...], Field(min_length=1, max_length=MUSHRA_SIGNALS)]
    reference: System | None = None
    anchors_hz: Annotated[tuple[Annotated[int, Field(ge=100, le=20_000)], ...], Field(max_length=4)] = ()
    sounds: Annotated[int, Field(ge=1, le=512)] = 64
    practice: Annotated[int, Field(ge=0, le=20)] = 0
    playlist: Annotated[int, Field(ge=1, le=16)] = 1
    seconds: Annotated[float, Field(ge=0.1, le=60)] = 4.0
    tails: Literal["natural", "aligned"] | None = None
    loudness_lufs: Annotated[float, Field(ge=-60, le=-10)] = -23.0
    sample_rate_hz: Literal[44100, 48000] = 44100
    corpus: Line | None = None
    items: Annotated[tuple[ListedItem, ...], Field(max_length=512)] = ()
    tie: bool = False
    tags: Annotated[tuple[Line, ...], Field(max_length=50)] = ()
    scale: RatingScale = RatingScale()
    questionnaire: Annotated[tuple[QuestionnaireField, ...], Field(max_length=50)] = ()
    analysis: AnalysisSpec = AnalysisSpec()
    vanished_minutes: Annotated[float, Field(gt=0, le=100_000)] = 60
    completion_url: Annotated[str, Field(pattern=r"^https://[^\s\"'<>]+$", max_length=500)] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> "ListeningSpec":
        names = [system.name for system in self.systems]
        _differ("systems", names)
        _differ("questionnaire", [question.key for question in self.questionnaire])
        least = {Method.PREFERENCE: 2, Method.MULTI_STIMULUS: 2}.get(self.method, 1)
        if len(names) < least:
            raise ValueError(f"systems: got {len(names)}, expected at least {least} for {self.method.value}")
        self._check_mushra(names)
        self._check_items()
        return self

    def _check_mushra(self, names: list[str]) -> None:
        if self.method is not Method.MUSHRA:
            if self.reference is not None or self.anchors_hz:
                raise ValueError(f"reference, anchors_hz: got some, expected none for {self.method.value}")
            return
        if self.reference is None:
            raise ValueError("reference: got none, expected one for mushra")
        if REFERENCE in names or any(name.startswith("anchor-") for name in names):
            raise ValueError(f"systems: got {', '.join(names)}, expected neither 'reference' nor 'anchor-...'")
        signals = len(names) + 1 + len(self.anchors_hz)
        if signals > MUSHRA_SIGNALS:
            raise ValueError(f"systems: got {signals} with reference and anchors, expected at most {MUSHRA_SIGNALS}")
        if self.seconds > MUSHRA_SECONDS:
            raise ValueError(f"seconds: got {self.seconds:g}, expected at most {MUSHRA_SECONDS:g} for mushra")

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
            if set(item.sounds) != listed:
                given, wanted = (", ".join(sorted(names)) or "none" for names in (item.sounds, listed))
                raise ValueError(f"item {item.name!r}: got sounds of {given}, expected {wanted}")
            for name, sounds in item.sounds.items():
                if len(sounds) != self.playlist:
                    raise ValueError(f"item {item.name!r}: got {len(sounds)} of {name!r}, expected {self.playlist}")
        groups = {item.group for item in self.items if not item.practice}
        if self.items and groups != set(range(len(groups))) | {0}:
            raise ValueError(f"items: got groups {sorted(groups)} that count, expected 0, 1, 2 and so on")

    @property
    def ends(self) -> str:
        """How sounds end: `natural` or `aligned`."""
        return self.tails or ("aligned" if self.method is Method.MUSHRA else "natural")

    @property
    def anchors(self) -> dict[str, int]:
        """Cutoffs of the anchors by their names among the systems."""
        return {f"anchor-{cutoff}": cutoff for cutoff in self.anchors_hz}

    @property
    def practice_trials(self) -> int:
        """How many trials each participant tries before the test."""
        if not self.items:
            return self.practice
        several = len(self.systems)
        asked = {Method.PREFERENCE: several * (several - 1) // 2, Method.RATING: several}.get(self.method, 1)
        return asked * sum(item.practice for item in self.items)

    @property
    def plan(self) -> Plan:
        """The analysis as it will be done."""
        chosen = self.analysis
        rules = SCREENING_PRESETS[chosen.screening] if isinstance(chosen.screening, str) else chosen.screening
        resampling = Resampling(level=chosen.level, resamples=chosen.resamples, seed=chosen.seed)
        scale = None if self.method is Method.PREFERENCE else (self.scale.minimum, self.scale.maximum)
        return Plan(
            method=self.method,
            screening=rules,
            resampling=resampling,
            significance=chosen.significance,
            tie=self.tie if self.method is Method.PREFERENCE else None,
            practice=self.practice_trials,
            scale=scale,
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
