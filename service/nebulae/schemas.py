"""Nebulae as the API shows and takes them."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from service.api.loudness import Loudness
from service.nebulae.shelf import Origin
from service.nebulae.variation import MOST_WIDTH

_ENTRY = {"name": ["keyboard", "midi_f0", "curve"], "value": 1.0}

_EXAMPLE = {"version": 1, "synth": "voice", "parameters": {"keyboard.midi_f0": {"curve": 1.0, "symmetric": False}}}

#: Either form of a nebula's file, as `Nebula.from_json` reads it, which checks what is in it.
NebulaJson = Annotated[
    list[Any] | dict[str, Any],
    Field(
        max_length=1000,
        description="A nebula as its file has it: torchsynth's list of two entries, curve and symmetric, for each "
        "parameter of the Voice; or an object of version, synth, parameters and, where draws go together, correlation; "
        "or, of a mixture, of version, synth and components.",
        examples=[[_ENTRY], _EXAMPLE],
    ),
]
CorrelationJson = Annotated[
    dict[str, Any] | None,
    Field(
        description="The file `NAME.correlation.json`, of which draws go together, that earlier versions wrote beside "
        "a nebula in torchsynth's form."
    ),
]
CorrelationOf = Annotated[
    str | None,
    Field(
        max_length=64,
        description="Name of a nebula whose draws go together as those of this one are to, whatever its curves; "
        "instead of `correlation`.",
    ),
]
OthersOf = Annotated[
    str | None,
    Field(
        max_length=64,
        description="Name of a mixture in which this nebula, which is none, takes the place of the first component.",
    ),
]
Name = Annotated[
    str, Field(max_length=200, description="Up to 64 letters, digits, spaces, dots, - or _.", examples=["my drums"])
]


class ForebearAnswer(BaseModel):
    """What a nebula was saved from."""

    name: Annotated[str | None, Field(description="What that one is asked for by; null if it is not there any more.")]
    title: Annotated[str, Field(description="What people call it.")]


class NebulaSummary(BaseModel):
    """A nebula, as lists show it."""

    name: Annotated[str, Field(description="What it is asked for by; the study's id for one that a study found.")]
    title: Annotated[str, Field(description="What people call it.")]
    synth: Annotated[str, Field(description="Name of the synthesizer whose sounds these are.")]
    origin: Annotated[Origin, Field(description="shipped with the package, found by a study, or kept by people.")]
    study_id: str | None
    created_at: datetime | None
    saved_from: Annotated[ForebearAnswer | None, Field(description="The nebula that it was shaped from, if any.")]
    description: Annotated[str, Field(description="What it is, of those that ship; else empty.")]
    starred: Annotated[bool, Field(description="Whether who asks has starred it.")]


class Curve(BaseModel):
    """One parameter and how a nebula bends its draw."""

    module: str
    name: str
    minimum: float
    maximum: float
    unit: str
    description: str
    choices: Annotated[list[str], Field(description="What a switch can be set to; empty for a knob.")]
    curve: Annotated[float, Field(description="1 leaves the draw uniform.")]
    fall: Annotated[float, Field(description="The curve's second exponent, by which values rest within the range.")]
    symmetric: Annotated[bool, Field(description="Whether the curve bends around the centre of the range.")]


class ComponentAnswer(BaseModel):
    """One of the nebulae that a mixture draws its sounds from; lists are in the order of the synth's parameters."""

    weight: Annotated[float, Field(description="Share of all sounds.")]
    curves: list[float]
    falls: list[float]
    symmetric: list[bool]


class NebulaAnswer(NebulaSummary):
    """A nebula with its parameters, in the order of its synth."""

    parameters: Annotated[list[Curve], Field(description="Of a mixture, those of its first component.")]
    components: Annotated[list[ComponentAnswer], Field(description="Of a mixture; of others the nebula itself alone.")]
    preset_formats: Annotated[
        list[str], Field(description="What its sounds can be exported as; the synth's own first.")
    ]
    correlated: Annotated[bool, Field(description="Whether some draws go together; else each is independent.")]


class NebulaPost(BaseModel):
    """A nebula to be kept."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    nebula: NebulaJson
    correlation: CorrelationJson = None
    correlation_of: CorrelationOf = None
    others_of: OthersOf = None
    saved_from: Annotated[
        str | None, Field(max_length=64, description="Name of the nebula that it was shaped from, if any.")
    ] = None


class NebulaPatch(BaseModel):
    """What can be changed of a kept nebula."""

    model_config = ConfigDict(extra="forbid")

    name: Name


class PreviewPost(BaseModel):
    """A sound of a nebula that is not kept."""

    model_config = ConfigDict(extra="forbid")

    nebula: NebulaJson
    correlation: CorrelationJson = None
    correlation_of: CorrelationOf = None
    others_of: OthersOf = None
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    loudness: Annotated[Loudness, Field(description="`matched`: as loud as every other sound.")] = Loudness.OWN


class VariationPost(BaseModel):
    """A nebula to be varied by chance."""

    model_config = ConfigDict(extra="forbid")

    nebula: NebulaJson
    width: Annotated[
        float,
        Field(
            ge=0,
            le=MOST_WIDTH,
            description="Standard deviation of the normal steps of each curve, and of each fall other than 1, in "
            "decades. Where the fall is 1, symmetry turns with a probability of a tenth of it.",
        ),
    ]
    seed: Annotated[int, Field(ge=0, lt=2**32, description="The same seed gives the same variation.")]
    locked: Annotated[
        list[Annotated[str, Field(max_length=200)]],
        Field(
            max_length=1000,
            description="Modules, or module.parameter, that stay as they are; others do not depend on it.",
            examples=[["keyboard", "vco_1.tuning"]],
        ),
    ] = []


class VariationAnswer(BaseModel):
    """A nebula varied by chance; lists are in the order of the synth's parameters."""

    curves: list[float]
    falls: list[float]
    symmetric: list[bool]


class SurroundingsPost(BaseModel):
    """What a nebula is to surround: presets, or a sound of another nebula."""

    model_config = ConfigDict(extra="forbid")

    presets: Annotated[
        dict[str, Any] | None, Field(description="As `GET /v1/nebulae/{name}/presets?format=json` gives them.")
    ] = None
    number: Annotated[int | None, Field(ge=1, description="Which preset alone; all, as a mixture, if null.")] = None
    nebula: Annotated[str | None, Field(max_length=64, description="Name of a nebula whose sound is surrounded.")] = (
        None
    )
    seed: Annotated[int, Field(ge=0, lt=2**32, description="Which sound of that nebula.")] = 0
    width: Annotated[
        float,
        Field(ge=0.005, lt=0.9, description="Share of a range that the central 90 % of a parameter's draws take."),
    ] = 0.2


class SurroundingsAnswer(BaseModel):
    """A nebula around sounds."""

    nebula: Annotated[list[Any] | dict[str, Any], Field(description="As its file has it, to be posted under a name.")]
    names: Annotated[list[str], Field(description="What the presets are called that it surrounds.")]


class DifferenceAnswer(BaseModel):
    """A parameter in which nebulae differ: the first's value, then those of the others, in their order."""

    module: str
    name: str
    curves: list[float]
    symmetric: list[bool]
    falls: list[float]


class Differences(BaseModel):
    """Every parameter in which nebulae differ, the curves furthest apart first."""

    items: list[DifferenceAnswer]


class MmdAnswer(BaseModel):
    """How far the sounds of a nebula are from others."""

    mmd: Annotated[float, Field(description="Equation (2) of Turian et al. 2021, mean over random sets of sounds.")]
    standard_deviation: float
    distance: str
    sounds: Annotated[int, Field(description="In each set.")]
