"""From answers to findings, as the plan says: with screening and without."""

from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from nebula.errors import ArgumentError
from nebula.listening.answers import Answers
from nebula.listening.grades import difference_ratings
from nebula.listening.plan import Method, Plan
from nebula.listening.positions import PositionBias, position_bias
from nebula.listening.preference import Preference, preferences
from nebula.listening.ranking import ranked
from nebula.listening.ratings import Ratings, rate
from nebula.listening.screening import Screening, screen
from nebula.listening.strengths import Strength, strengths
from nebula.listening.telling import Discrimination, discriminations


@dataclass(frozen=True)
class Findings:
    """What some participants' answers say.

    Attributes:
        participants: how many, also without answers.
        listeners: how many of them answered.
        trials: that were answered, over all listeners.
        items: that were asked about.
        systems: names of what was judged.
        preferences: of each pair of systems; empty for ratings, and where answers are right or wrong.
        strengths: of more than two systems, strongest first; empty for two and for ratings, but not for places.
        ratings: none for choices; of BS.1116, difference grades; of ranking, places, of which 1 is the best.
        discriminations: of each pair of systems where answers are right or wrong; else empty.
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
    discriminations: tuple[Discrimination, ...]
    positions: PositionBias | None

    @property
    def withheld(self) -> tuple[str, ...]:
        """Why figures have no interval, each reason once."""
        estimates = [each.share for each in self.preferences] + [each.log_odds for each in self.strengths]
        estimates += [each.right for each in self.discriminations]
        if self.ratings is not None:
            estimates += [figure for each in self.ratings.systems for figure in (each.mean, each.median)]
            estimates += [each.mean for each in self.ratings.differences]
        return tuple(dict.fromkeys(estimate.withheld for estimate in estimates if estimate.withheld))


@dataclass(frozen=True)
class AttentionChecks:
    """How attention checks went.

    Attributes:
        answered: checks that were answered, over all participants, whether they count or not.
        failed: those of them that were answered wrongly.
        participants: how many failed at least one.
    """

    answered: int
    failed: int
    participants: int


@dataclass(frozen=True)
class Analysis:
    """What a test found.

    Attributes:
        plan: by which this was computed.
        screening: whom each rule keeps.
        everyone: findings without screening.
        screened: findings from those whom all rules keep; none where the plan has no rules.
        checks: how attention checks went; none where the plan has none.
    """

    plan: Plan
    screening: Screening
    everyone: Findings
    screened: Findings | None
    checks: AttentionChecks | None

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
    fits = answers.are_choices == plan.method.is_chosen
    if answers.rows and not (fits and (plan.method.tells_apart or not answers.are_right_or_wrong)):
        given = "right or wrong" if answers.are_right_or_wrong else "choices" if answers.are_choices else "ratings"
        raise ArgumentError(f"answers: are {given}, which the method {plan.method.value!r} has none of")
    screening = screen(answers, plan.screening)
    everyone = _find(answers, plan)
    screened = _find(answers.of(set(screening.kept)), plan) if plan.screening else None
    return Analysis(plan, screening, everyone, screened, _checks(answers) if plan.checks else None)


def _checks(answers: Answers) -> AttentionChecks:
    each = [person.checks for person in answers.participants]
    failed = [checks.count(False) for checks in each]
    return AttentionChecks(sum(map(len, each)), sum(failed), sum(count > 0 for count in failed))


def _find(answers: Answers, plan: Plan) -> Findings:
    rows = answers.rows
    systems = tuple(sorted({row.system for row in rows}))
    compared = bool(rows) and plan.method is Method.PREFERENCE
    told_apart = bool(rows) and plan.method.tells_apart
    strong = strengths(answers, plan.resampling) if compared and len(systems) > 2 else ()
    ratings = None
    if rows and plan.method is Method.RANKING:
        ratings, strong = ranked(answers, plan.resampling)
    elif rows and not plan.method.is_chosen:
        ratings = _rated(answers, plan)
    return Findings(
        participants=len(answers.participants),
        listeners=len({row.participant for row in rows}),
        trials=len({(row.participant, row.trial) for row in rows}),
        items=len({row.item for row in rows}),
        systems=systems,
        preferences=preferences(answers, plan.resampling) if compared else (),
        strengths=strong,
        ratings=ratings,
        discriminations=discriminations(answers, plan.resampling) if told_apart else (),
        positions=position_bias(answers) if rows else None,
    )


def _rated(answers: Answers, plan: Plan) -> Ratings:
    if plan.method is Method.BS1116:
        return difference_ratings(answers, plan.resampling, plan.scale)
    return rate(answers, plan.resampling, plan.scale, plan.controls)
