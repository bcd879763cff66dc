"""From answers to findings, as the plan says: with screening and without."""

from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from nebula.errors import ArgumentError
from nebula.listening.answers import Answers
from nebula.listening.plan import Method, Plan
from nebula.listening.positions import PositionBias, position_bias
from nebula.listening.preference import Preference, preferences
from nebula.listening.ratings import Ratings, rate
from nebula.listening.screening import Screening, screen
from nebula.listening.strengths import Strength, strengths


@dataclass(frozen=True)
class Findings:
    """What some participants' answers say.

    Attributes:
        participants: how many, also without answers.
        listeners: how many of them answered.
        trials: that were answered, over all listeners.
        items: that were asked about.
        systems: names of what was judged.
        preferences: of each pair of systems; empty for ratings.
        strengths: of more than two systems, strongest first; empty for two and for ratings.
        ratings: none for choices.
        positions: none where nothing can be said of slots.
    """

    participants: int
    listeners: int
    trials: int
    items: int
    systems: tuple[str, ...]
    preferences: tuple[Preference, ...]
    strengths: tuple[Strength, ...]
    ratings: Ratings | None
    positions: PositionBias | None

    @property
    def withheld(self) -> tuple[str, ...]:
        """Why figures have no interval, each reason once."""
        estimates = [each.share for each in self.preferences] + [each.log_odds for each in self.strengths]
        if self.ratings is not None:
            estimates += [figure for each in self.ratings.systems for figure in (each.mean, each.median)]
            estimates += [each.mean for each in self.ratings.differences]
        return tuple(dict.fromkeys(estimate.withheld for estimate in estimates if estimate.withheld))


@dataclass(frozen=True)
class Analysis:
    """What a test found.

    Attributes:
        plan: by which this was computed.
        screening: whom each rule keeps.
        everyone: findings without screening.
        screened: findings from those whom all rules keep; none where the plan has no rules.
    """

    plan: Plan
    screening: Screening
    everyone: Findings
    screened: Findings | None

    @property
    def planned(self) -> Findings:
        """The findings that the plan announced: those after screening, if there is any."""
        return self.screened or self.everyone

    def to_json(self) -> dict[str, Any]:
        """Returns everything as values of JSON."""
        form: dict[str, Any] = _ANALYSES.dump_python(self, mode="json")
        return form


_ANALYSES = TypeAdapter(Analysis)


def analyse(answers: Answers, plan: Plan) -> Analysis:
    """Returns what a test found; the same answers and plan give the same, to the last digit.

    Args:
        answers: of all participants, however few.
        plan: frozen before the first of them.

    Raises:
        ArgumentError: answers are choices where the plan wants ratings, or the other way round;
            or a rating is outside the plan's scale.
    """
    if answers.rows and answers.are_choices != (plan.method is Method.PREFERENCE):
        given = "choices" if answers.are_choices else "ratings"
        raise ArgumentError(f"answers: are {given}, which the method {plan.method.value!r} has none of")
    screening = screen(answers, plan.screening)
    everyone = _find(answers, plan)
    screened = _find(answers.of(set(screening.kept)), plan) if plan.screening else None
    return Analysis(plan, screening, everyone, screened)


def _find(answers: Answers, plan: Plan) -> Findings:
    rows = answers.rows
    systems = tuple(sorted({row.system for row in rows}))
    compared = bool(rows) and answers.are_choices
    return Findings(
        participants=len(answers.participants),
        listeners=len({row.participant for row in rows}),
        trials=len({(row.participant, row.trial) for row in rows}),
        items=len({row.item for row in rows}),
        systems=systems,
        preferences=preferences(answers, plan.resampling) if compared else (),
        strengths=strengths(answers, plan.resampling) if compared and len(systems) > 2 else (),
        ratings=rate(answers, plan.resampling, plan.scale) if rows and not compared else None,
        positions=position_bias(answers) if rows else None,
    )
