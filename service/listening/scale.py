"""The scale that ratings are given on."""

import math
from typing import Annotated

from pydantic import Field, model_validator

from service.listening.texts import Line, Table

#: The grades of ITU-R BS.1116-3, from the lowest; said in the participant's language, like the labels below.
IMPAIRMENTS = (
    "very annoying",
    "annoying",
    "slightly annoying",
    "perceptible, but not annoying",
    "imperceptible",
)

#: Of a scale that has no labels of the experimenter's own.
DEFAULT_LABELS = ("bad", "poor", "fair", "good", "excellent")


class RatingScale(Table):
    """The scale of ratings.

    Attributes:
        minimum: The lowest rating.
        maximum: The highest.
        labels: Words for it, from the lowest to the highest. They share it out evenly; with a step, the first one
            stands for the lowest rating, the last one for the highest, and the others evenly between.
        step: Between ratings; the page chooses one if none is given.
    """

    minimum: float = 0
    maximum: float = 100
    labels: Annotated[tuple[Line, ...], Field(max_length=11)] = DEFAULT_LABELS
    step: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "RatingScale":
        if not (math.isfinite(self.minimum) and math.isfinite(self.maximum) and self.minimum < self.maximum):
            raise ValueError(f"scale: got {self.minimum:g} to {self.maximum:g}, expected a minimum below the maximum")
        if self.step is not None and not _is_whole((self.maximum - self.minimum) / self.step):
            raise ValueError(f"scale: got a step of {self.step:g}, expected one that divides the scale evenly")
        return self

    def holds(self, rating: float) -> bool:
        """Returns whether a rating can be given."""
        within = self.minimum <= rating <= self.maximum
        return within and (self.step is None or _is_whole((rating - self.minimum) / self.step))


def _is_whole(number: float) -> bool:
    return abs(number - round(number)) < 1e-6
