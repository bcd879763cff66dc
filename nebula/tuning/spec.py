"""The study spec: what to tune, towards what, with how much effort. Written in TOML."""

import math
import os
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal

import tomli_w
from pydantic import Field, field_validator, model_validator

from nebula import synths
from nebula.draws import SEED_LIMIT, Panel
from nebula.errors import NebulaError, SpecError
from nebula.nebulae import FALLS, UNIFORM, Nebula
from nebula.shipped import ShippedFiles
from nebula.spec_files import Spec, SpecTable, toml_content

MeasureName = Literal["l1", "gaussian"]
Tuned = Literal["curves", "curves+symmetry", "curves+correlation", "curves+falls", "curves+falls+correlation"]
SamplerName = Literal["auto", "random", "sobol", "tpe", "gp", "cma-es"]

#: Samplers that move all candidates together, so that it can be seen whether they still gain.
FLATTENING: tuple[SamplerName, ...] = ("auto", "cma-es")

_SHIPPED = ShippedFiles("nebula.shipped_studies", ".toml")


class Phase(SpecTable):
    """One stretch of the search.

    Attributes:
        sampler: What proposes candidates; `auto` is the best that Nebula knows.
        trials: How many, 1 or more; at most, where it may end before.
        until_flat: Whether it ends when more trials no longer help, see `nebula.tuning.flatness`; `auto` and `cma-es`
            alone can tell. `trials = "until-flat"` with `at_most = 1000` says the same as `trials = 1000` with this.
    """

    sampler: SamplerName
    trials: Annotated[int, Field(ge=1)]
    until_flat: bool = False

    @model_validator(mode="before")
    @classmethod
    def _in_words(cls, content: Any) -> Any:
        if not isinstance(content, Mapping) or content.get("trials") != "until-flat" or "at_most" not in content:
            return content
        rest = {key: value for key, value in content.items() if key != "at_most"}
        return {**rest, "trials": content["at_most"], "until_flat": True}

    @field_validator("trials", mode="before")
    @classmethod
    def _bounded(cls, value: Any) -> Any:
        if value == "until-flat":
            raise ValueError("expected at_most beside it, the most that there may be")
        return value


class Search(SpecTable):
    """Where and how to search.

    Attributes:
        start: Name or path of the nebula that gives every value that is not tuned, and where `auto` and CMA-ES begin.
            If not given, the default nebula of the study's synth, or its uniform one.
        tune: Which hyperparameters vary. Falls, the second exponents of curves, let values rest within a range and not
            at its ends only. Correlation follows once the curves are near where they end.
        frozen: Globs over `module.parameter`, such as `vco_*.tuning`; what matches keeps the start's values. Each has
            to match a parameter of the start's synth.
        curve_range: Smallest and largest curve tried.
        fall_range: Smallest and largest fall tried, within 1e-30 and 1e300.
        components: Of the mixture that is searched for, each a nebula with its own curves and its weight; those that
            come to weigh less than a hundredth are dropped. More than one takes `auto` in every phase, and tunes
            neither symmetry nor correlation.
        nearness: How much a sound is credited for lying near one of the target's, beside its influence on the score,
            from 0 to 10; at 1 both count alike. What is found is then taken for the target more often. Takes `auto`,
            which alone credits sounds, in every phase, and a target.
        phases: One after the other, each knowing what the earlier ones found.
    """

    start: str = "default"
    tune: Tuned = "curves"
    frozen: tuple[str, ...] = ()
    curve_range: tuple[float, float] = (0.1, 10.0)
    fall_range: tuple[float, float] = (0.1, 1000.0)
    components: Annotated[int, Field(ge=1, le=16)] = 1
    nearness: Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)] = 0.0
    phases: Annotated[tuple[Phase, ...], Field(min_length=1)]

    @field_validator("frozen", "curve_range", "fall_range", "phases", mode="before")
    @classmethod
    def _from_list(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @field_validator("curve_range")
    @classmethod
    def _ordered(cls, value: tuple[float, float]) -> tuple[float, float]:
        if not (0 < value[0] < value[1] and math.isfinite(value[1])):
            raise ValueError("expected two positive numbers, the smaller one first")
        return value

    @field_validator("fall_range")
    @classmethod
    def _within(cls, value: tuple[float, float]) -> tuple[float, float]:
        if not FALLS[0] <= value[0] < value[1] <= FALLS[1]:
            raise ValueError(f"expected two numbers from {FALLS[0]:g} to {FALLS[1]:g}, the smaller one first")
        return value


class Finalists(SpecTable):
    """Re-scoring of the best candidates on fresh seeds, since the best of many noisy scores flatters itself.

    Attributes:
        count: How many of the best are re-scored, 1 or more.
        repeats: On how many fresh sets of sounds, 2 or more; each has `sounds_per_trial` sounds.
    """

    count: Annotated[int, Field(ge=1)] = 10
    repeats: Annotated[int, Field(ge=2)] = 10


class StudySpec(Spec):
    """A study: tune a nebula towards a target (`match`) or towards variety (`diversify`).

    Attributes:
        version: Of the form, 1.
        name: What the study is called.
        synth: Name of the synthesizer whose nebulae are searched; that of the start if None.
        objective: `match` minimises MMD to the target, `diversify` maximises the diversity of the nebula's own sounds.
        target: Path of a corpus, or name or path of a nebula, whose sounds are to be resembled; only for `match`.
        others: Paths of corpora of other things, for the classifiers of the report to tell the target from. They have
            no part in the search; only for `match`.
        hold_out: Keeps half of the target's recordings from the search, for the classifiers of the report to know. What
            no two of different halves share: `group`, so that takes of one thing stay together, or `corpus`, the
            library; then the classifiers are examined on other libraries, too. None: they know what was tuned to. Only
            for a target of recordings.
        distance: Name of the distance between sounds.
        measure: Between the vectors of sounds and of the target: `l1` is equation (2) of Turian et al. 2021, `gaussian`
            the squared MMD of a Gaussian kernel, which also sees how dimensions vary together; only for `match`.
        sounds_per_trial: Sounds rendered for one score, 4 or more.
        seed: Everything random follows from it.
        search: Where and how to search.
        finalists: How the best are re-scored.

    Raises:
        SpecError: From `load` and `parse`; a value is missing, unknown, of the wrong type or out of range.
    """

    version: Literal[1]
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$")]
    synth: str | None = None
    objective: Literal["match", "diversify"]
    target: str | None = None
    others: tuple[str, ...] = ()
    hold_out: Literal["group", "corpus"] | None = None
    distance: str = "log-mel"
    measure: MeasureName = "l1"
    sounds_per_trial: Annotated[int, Field(ge=4)] = 256
    seed: Annotated[int, Field(ge=0, lt=SEED_LIMIT)] = 0
    search: Search
    finalists: Finalists = Finalists()

    @field_validator("others", mode="before")
    @classmethod
    def _from_list(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="before")
    @classmethod
    def _start_of_synth(cls, content: Any) -> Any:
        """Has a study that names a synth but no start begin at that synth's own nebula."""
        if not isinstance(content, Mapping) or not isinstance(content.get("synth"), str):
            return content
        search = content.get("search")
        if not isinstance(search, Mapping) or "start" in search:
            return content
        return {**content, "search": {**search, "start": start_of(content["synth"])}}

    @model_validator(mode="after")
    def _synth_fits(self) -> "StudySpec":
        if self.synth is not None:
            start_of(self.synth)
        if not Nebula.known(self.search.start):
            # A file, or something that whoever reads the spec knows: `Space.of` looks at it.
            return self
        start = Nebula.load(self.search.start)
        if self.synth not in (None, start.synth):
            raise ValueError(f"search.start: got a nebula of the synth {start.synth!r}, expected {self.synth!r}")
        try:
            frozen_columns(self.search.frozen, start.panel)
        except ValueError as error:
            raise ValueError(f"search.frozen: {error}") from error
        return self

    @model_validator(mode="after")
    def _target_fits(self) -> "StudySpec":
        if self.objective == "diversify" and self.target is not None:
            raise ValueError("target: a study that diversifies has none")
        if self.objective == "diversify" and self.others:
            raise ValueError("others: a study that diversifies has no target to tell them from")
        if self.objective == "diversify" and self.hold_out is not None:
            raise ValueError("hold_out: a study that diversifies has no target to hold any of out")
        if self.objective == "diversify" and self.measure != "l1":
            raise ValueError(f"measure: got {self.measure!r}, a study that diversifies has l1 alone")
        return self

    @model_validator(mode="after")
    def _samplers_fit(self) -> "StudySpec":
        samplers = {phase.sampler for phase in self.search.phases}
        for number, phase in enumerate(self.search.phases):
            if phase.until_flat and phase.sampler not in FLATTENING:
                raise ValueError(
                    f"search.phases.{number}.until_flat: got sampler {phase.sampler!r}, expected "
                    f"{' or '.join(FLATTENING)}"
                )
        if self.search.tune == "curves+symmetry" and "auto" in samplers:
            raise ValueError("search.phases: sampler 'auto' tunes no symmetry; flags take another, such as 'cma-es'")
        if self.search.tune.endswith("+correlation") and samplers != {"auto"}:
            raise ValueError("search.phases: correlation takes sampler 'auto' in every phase")
        if self.search.components > 1 and samplers != {"auto"}:
            raise ValueError("search.phases: several components take sampler 'auto' in every phase")
        if self.search.components > 1 and self.search.tune not in ("curves", "curves+falls"):
            raise ValueError(f"search.tune: got {self.search.tune!r}, several components have curves and falls alone")
        if self.search.nearness and samplers != {"auto"}:
            raise ValueError("search.phases: nearness takes sampler 'auto' in every phase")
        if self.search.nearness and self.objective == "diversify":
            raise ValueError("search.nearness: a study that diversifies has no target to be near")
        return self

    @classmethod
    def shipped(cls) -> tuple[str, ...]:
        """Returns the names of the specs that come with the package, in alphabetical order."""
        return _SHIPPED.names()

    @classmethod
    def shipped_text(cls, name: str) -> str:
        """Returns a shipped spec as it was written, with its comments."""
        return _SHIPPED.text(name)

    @classmethod
    def load(cls, name_or_path: str | os.PathLike[str]) -> "StudySpec":
        """Returns a spec that comes with the package, by name, or one from a TOML file.

        Raises:
            SpecError: There is no such name or file, or its content is not a spec.
        """
        return cls.from_toml(*_SHIPPED.read(name_or_path, "spec", SpecError))

    @classmethod
    def from_toml(cls, text: str, source: str = "text") -> "StudySpec":
        """Returns the spec written in `text`; `source` is what messages call it.

        Raises:
            SpecError: The text is not TOML or not a spec.
        """
        return cls.parse(toml_content(text, source), source)

    def to_toml(self) -> str:
        """Returns the spec in its TOML form, defaults included; `from_toml` reads it back."""
        return tomli_w.dumps(self.model_dump(mode="json", exclude_none=True))

    def with_synth(self, name: str) -> "StudySpec":
        """Returns the same study of another synth, which begins at that synth's own nebula.

        Raises:
            SpecError: There is no such synth, or what the study freezes it does not have.
        """
        if name == self.synth:
            return self
        content = self.model_dump()
        del content["search"]["start"]
        return self.parse({**content, "synth": name}, self.name)

    @property
    def start_synth(self) -> str:
        """Name of the synth, as far as the spec says it: its own, or that of a start that is known by its name."""
        if self.synth is not None:
            return self.synth
        return Nebula.load(self.search.start).synth if Nebula.known(self.search.start) else "voice"

    def with_trials(self, trials: int) -> "StudySpec":
        """Returns the same study with `trials` trials, shared out over the phases in their proportions.

        Every phase keeps at least one trial.

        Raises:
            SpecError: There are fewer trials than phases.
        """
        phases = self.search.phases
        if trials < len(phases):
            raise SpecError(
                f"trials: got {trials}, expected at least {len(phases)}, one for each phase of {self.name!r}"
            )
        total = self.trials
        spare = trials - len(phases)
        quotas = [spare * phase.trials / total for phase in phases]
        shares = [math.floor(quota) for quota in quotas]
        by_remainder = sorted(range(len(phases)), key=lambda i: (shares[i] - quotas[i], i))
        for i in by_remainder[: spare - sum(shares)]:
            shares[i] += 1
        shared = tuple(
            phase.model_copy(update={"trials": 1 + share}) for phase, share in zip(phases, shares, strict=True)
        )
        return self.model_copy(update={"search": self.search.model_copy(update={"phases": shared})})

    def ended_when_flat(self) -> "StudySpec":
        """Returns the same study, each phase of which ends when more trials no longer help, and has that many at most.

        Raises:
            SpecError: The sampler of a phase cannot tell.
        """
        content = self.model_dump()
        content["search"]["phases"] = tuple({**phase, "until_flat": True} for phase in content["search"]["phases"])
        return self.parse(content, self.name)

    def loss(self, score: float) -> float:
        """Returns what the study minimises: the score, or its negative where the objective is to maximise it."""
        return score if self.objective == "match" else -score

    @property
    def trials(self) -> int:
        """Number of trials over all phases, the most that there may be."""
        return sum(phase.trials for phase in self.search.phases)


def start_of(synth: str) -> str:
    """Returns the name of the nebula where a study of a synth begins that names no other.

    Raises:
        ValueError: There is no such synth.
    """
    try:
        return synths.get(synth).default or f"{synth}/{UNIFORM}"
    except NebulaError as error:
        raise ValueError(str(error)) from error


def frozen_columns(globs: tuple[str, ...], panel: Panel) -> set[int]:
    """Returns the columns that globs over paths match.

    Raises:
        ValueError: A glob matches nothing, or nothing is left.
    """
    for glob in globs:
        if not any(fnmatchcase(path, glob) for path in panel.paths):
            raise ValueError(f"no parameter matches {glob!r}")
    frozen = {column for column, path in enumerate(panel.paths) if any(fnmatchcase(path, glob) for glob in globs)}
    if len(frozen) == len(panel):
        raise ValueError("every parameter is frozen, nothing is left to tune")
    return frozen
