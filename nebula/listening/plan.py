"""The analysis, decided before anyone has answered."""

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from nebula.errors import ArgumentError
from nebula.listening.resampling import Resampling
from nebula.listening.screening import Rule


class Method(StrEnum):
    """What participants are asked."""

    PREFERENCE = "preference"  # which of two
    RATING = "rating"  # how good is this one
    MULTI_STIMULUS = "multi-stimulus"  # how good is each of these; ITU-R BS.2132
    RANKING = "ranking"  # which of these is best, which comes next, and so on
    MUSHRA = "mushra"  # how near is each of these to the reference; ITU-R BS.1534-3
    ABX = "abx"  # which of two is the same as a third
    SAME_DIFFERENT = "same-different"  # are two the same
    BS1116 = "bs1116"  # which of two is the reference, and how much worse is the other; ITU-R BS.1116-3

    @property
    def tells_apart(self) -> bool:
        """Whether answers are right or wrong."""
        return self in (Method.ABX, Method.SAME_DIFFERENT)

    @property
    def is_chosen(self) -> bool:
        """Whether answers are choices; else they are ratings."""
        return self.tells_apart or self is Method.PREFERENCE


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What will be computed of the answers, whatever they are.

    Attributes:
        method: what participants are asked.
        screening: rules that decide who counts; results are given with and without.
        resampling: how intervals are made.
        significance: p-values up to this are called significant, in (0, 1).
        tie: whether a comparison could end undecided; none where that is not known.
        practice: how many trials were tried before the test; none where that is not known.
        scale: ends of the scale of ratings, the lower one first; none where there is none, or it is not known.
        controls: systems that are rated and not in question, such as the hidden reference and anchors.
        checks: how many attention checks, whose right answer is known, are hidden among each participant's trials.

    Raises:
        ArgumentError: `significance`, `scale` or `checks` is outside its range.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    method: Method
    screening: tuple[Rule, ...] = ()
    resampling: Resampling = field(default_factory=Resampling)
    significance: float = 0.05
    tie: bool | None = None
    practice: int | None = None
    scale: tuple[float, float] | None = None
    controls: tuple[str, ...] = ()
    checks: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.significance < 1:
            raise ArgumentError(f"significance: got {self.significance}, expected above 0 and below 1")
        if self.scale is not None and not (self.scale[0] < self.scale[1] and math.isfinite(sum(self.scale))):
            raise ArgumentError(f"scale: got {self.scale}, expected a lower and a higher end")
        if self.checks < 0:
            raise ArgumentError(f"checks: got {self.checks}, expected 0 or more")

    def to_json(self) -> dict[str, Any]:
        """Returns the plan as values of JSON, to be frozen and committed to."""
        form: dict[str, Any] = _PLANS.dump_python(self, mode="json")
        return form

    @classmethod
    def from_json(cls, form: object) -> "Plan":
        """Returns the plan of a JSON form.

        Args:
            form: what `to_json` returned.

        Raises:
            ArgumentError: it is not the form of a plan.
        """
        try:
            return _PLANS.validate_python(form)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise ArgumentError(f"plan: {place}: {first['msg']}" if place else f"plan: {first['msg']}") from error


_PLANS = TypeAdapter(Plan)
