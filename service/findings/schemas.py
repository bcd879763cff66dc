"""Findings of studies as the API shows them."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Curves = Annotated[list[float], Field(description="Of each parameter, in the order of `/v1/synths/{name}`.")]
Symmetric = Annotated[list[bool], Field(description="Of each parameter, in the same order.")]


class ShapeAnswer(BaseModel):
    """Curves, falls and symmetry of a nebula."""

    model_config = ConfigDict(from_attributes=True)

    curves: Curves
    falls: Annotated[list[float], Field(description="The second exponents of the curves, in the same order.")]
    symmetric: Symmetric


class BestAnswer(ShapeAnswer):
    """The best trial so far."""

    number: Annotated[int, Field(description="Of the trial, in the order in which trials finished.")]
    score: float


class FinalistAnswer(BaseModel):
    """A candidate re-scored on fresh seeds."""

    origin: Annotated[
        str, Field(description="`trial G.C` (generation and candidate), `centre` of the search, or `start`.")
    ]
    mean: float
    low: Annotated[float, Field(description="Where the 95 % interval of the mean begins.")]
    high: Annotated[float, Field(description="Where it ends.")]


class ImportanceAnswer(BaseModel):
    """One hyperparameter and how much it matters."""

    name: Annotated[str, Field(examples=["vco_1.tuning.curve"])]
    share: Annotated[float, Field(description="Of the spread between good and other trials; all sum to 1.")]


class TargetAnswer(BaseModel):
    """What a study is tuned towards."""

    kind: Annotated[Literal["corpus", "nebula"], Field(description="What the spec's target is.")]
    name: Annotated[str, Field(description="Id of the corpus, or what the nebula is asked for by.")]
    title: Annotated[str, Field(description="What people call it.")]


class IntervalAnswer(BaseModel):
    """A mean with its 95 % interval."""

    mean: float
    low: float
    high: float


class JudgedAnswer(BaseModel):
    """What classifiers make of a set of sounds beside the target's."""

    role: Annotated[
        Literal["target", "start", "found", "other"],
        Field(description="`target` is one half of its own sounds beside the other."),
    ]
    name: str
    told_apart: Annotated[IntervalAnswer, Field(description="Share rightly called recorded or rendered; 0.5: chance.")]
    precision: Annotated[float, Field(description="Share of its sounds that lie among the target's.")]
    recall: Annotated[float, Field(description="Share of the target's sounds that lie among its own.")]


class VerdictAnswer(BaseModel):
    """What a finished study has come to."""

    sentences: Annotated[
        list[str], Field(description="Whether the start was beaten, and whether classifiers can tell.")
    ]
    judged: Annotated[list[JudgedAnswer], Field(description="Empty where classifiers were not asked.")]
    advice: Annotated[str, Field(description="What to try next.")]


class FindingsAnswer(BaseModel):
    """What a study has found so far."""

    synth: Annotated[str, Field(description="Name of the synthesizer whose nebulae are searched.")]
    target: Annotated[TargetAnswer | None, Field(description="Null if there is none, or it is not there any more.")]
    start: Annotated[ShapeAnswer | None, Field(description="Where its search began; null if it is not there any more.")]
    start_name: Annotated[
        str | None, Field(description="What the start is asked for by, which the spec may not say; null like it.")
    ]
    tuned: Annotated[list[bool], Field(description="Whether each parameter's curve, fall or symmetry varies.")]
    best: Annotated[BestAnswer | None, Field(description="Null before the first trial.")]
    found: Annotated[ShapeAnswer | None, Field(description="The nebula that it ended with; null before that.")]
    importance: Annotated[list[ImportanceAnswer], Field(description="The largest share first; empty before 20 trials.")]
    finalists: Annotated[list[FinalistAnswer], Field(description="The best first.")]
    verdict: Annotated[VerdictAnswer | None, Field(description="Null before its results are written.")]


class YardstickAnswer(BaseModel):
    """What a nebula scores in a study that did not make it."""

    name: Annotated[str, Field(examples=["default"])]
    score: Annotated[float, Field(description="Mean over several sets of as many sounds as a trial has.")]
    low: Annotated[float, Field(description="Where the 95 % interval of the mean begins.")]
    high: Annotated[float, Field(description="Where it ends.")]


class YardsticksAnswer(BaseModel):
    """What nebulae that everybody knows score in a study."""

    items: list[YardstickAnswer]
    reason: Annotated[str, Field(description="Why there are none; empty if there are.")]


class FootprintAnswer(BaseModel):
    """What deleting a study frees."""

    bytes: Annotated[int, Field(description="Of its files and sounds.")]
    trials: Annotated[int, Field(description="That are kept of it.")]
