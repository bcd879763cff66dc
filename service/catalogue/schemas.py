"""Choices, specs and costs as the API shows them."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from service.studies.schemas import STUDY_EXAMPLE


class DistanceAnswer(BaseModel):
    """A distance between sounds."""

    name: str
    ready: Annotated[bool, Field(description="Whether it can be used here and now.")]
    reason: Annotated[str, Field(description="Why not; empty if it can.")]


class DistancesAnswer(BaseModel):
    """All distances."""

    items: list[DistanceAnswer]


class SynthSummary(BaseModel):
    """A synthesizer, as lists show it."""

    name: str
    description: str
    parameters: Annotated[int, Field(description="How many it has.")]
    start: Annotated[str, Field(description="The nebula where studies of it begin that name no other.")]
    ready: Annotated[bool, Field(description="Whether it can be played here and now.")]
    reason: Annotated[str, Field(description="Why not; empty if it can.")]


class SynthFamilyAnswer(BaseModel):
    """Synthesizers whose names say what they are made of."""

    model_config = ConfigDict(from_attributes=True)

    form: Annotated[str, Field(description="Of their names.", examples=["parametric-s-q-f-g"])]
    description: Annotated[str, Field(description="What the letters in it stand for.")]
    example: Annotated[str, Field(description="One of the names.")]


class SynthsAnswer(BaseModel):
    """All synthesizers."""

    items: Annotated[list[SynthSummary], Field(description="Those with a name of their own, and plugins allowed here.")]
    families: Annotated[list[SynthFamilyAnswer], Field(description="Others, by their names; all can be searched, too.")]


class ParameterAnswer(BaseModel):
    """One knob or switch of a synthesizer."""

    model_config = ConfigDict(from_attributes=True)

    path: Annotated[str, Field(description="`module.name`, which globs in specs match.", examples=["vco_1.tuning"])]
    module: str
    name: str
    minimum: float
    maximum: float
    unit: Annotated[str, Field(description="Of minimum and maximum; empty for a plain ratio.")]
    description: str
    choices: Annotated[list[str], Field(description="What a switch can be set to; empty for a knob.")]


class SynthAnswer(SynthSummary):
    """A synthesizer with its parameters, in the order of every list of curves."""

    preset_formats: Annotated[list[str], Field(description="What its sounds can be exported as; its own first.")]
    items: list[ParameterAnswer]


class SpecAnswer(BaseModel):
    """A spec in both forms."""

    name: Annotated[str, Field(description="What it is asked for by.")]
    spec: Annotated[dict[str, Any], Field(description="In the structure of the TOML form.", examples=[STUDY_EXAMPLE])]
    toml: Annotated[str, Field(description="As the command line reads it.")]


class SpecsAnswer(BaseModel):
    """All shipped specs."""

    items: list[SpecAnswer]


class EstimateRequest(BaseModel):
    """A spec in one of its two forms."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"toml": 'version = 1\nname = "drums"\n...'}]}
    )

    spec: Annotated[dict[str, Any] | None, Field(description="In the structure of the TOML form.")] = None
    toml: Annotated[str | None, Field(max_length=65_536, description="As the command line reads it.")] = None


class CostAnswer(BaseModel):
    """What a study would take."""

    evaluations: Annotated[int, Field(description="Trials, and re-scorings of finalists.")]
    sounds: Annotated[int, Field(description="That all of these render.")]
    seconds_per_sound: Annotated[
        float | None, Field(description="On one worker, measured on trials of this distance here; null if none ran.")
    ]
    workers: Annotated[int, Field(description="Those that are there now.")]
    judging_seconds: Annotated[float, Field(description="What asking classifiers takes; 0 without a target.")]
    seconds: Annotated[float | None, Field(description="Of all, with all workers at it; null if nothing was measured.")]


class EstimateAnswer(BaseModel):
    """A spec that can be used, in both forms, and what it would cost."""

    spec: Annotated[dict[str, Any], Field(description="With every default written out.", examples=[STUDY_EXAMPLE])]
    toml: str
    cost: CostAnswer
