"""Trying a plan before anyone answers: what would make its analysis fail later is refused while it can be mended."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from nebula.listening import (
    Answer,
    Answers,
    AttentionRule,
    Choice,
    Method,
    Participant,
    Plan,
    analyse,
    canonical_json,
)
from service.errors import Unprocessable
from service.listening.design import Question, arrange, design, questions
from service.listening.misfits import misfits
from service.listening.names import names_planned
from service.listening.report import Visitor, report
from service.listening.spec import ListeningSpec

# Enough to run every line of the analysis; that intervals are sound is not asked here.
_RESAMPLES = 2

# Simulated people in each group: two, so that there is something to compare.
_PEOPLE = 2


def try_plan(spec: ListeningSpec) -> None:
    """Passes if a test can be frozen, its texts fit it and tell no name, and a report can be made of simulated answers.

    Raises:
        Unprocessable: They cannot.
    """
    plan = spec.plan
    for noun, names in (("analysis.screening", [rule.name for rule in plan.screening]), ("tags", spec.tags)):
        repeated = [name for name, count in Counter(names).items() if count > 1]
        if repeated:
            raise Unprocessable(f"{noun}: got {repeated[0][:64]!r} more than once, expected names that differ")
    _check_attention(plan)
    if faults := misfits(spec):
        raise Unprocessable("; ".join(faults[:5]))
    if names := names_planned(spec):
        raise Unprocessable(
            f"names: got {', '.join(map(repr, names[:5]))} among what participants read, expected texts, labels, "
            "options and tags without the names of what is compared"
        )
    answers = _simulated(spec)
    visitors = [Visitor(device="headphones", said=person.questionnaire) for person in answers.participants]
    brief = replace(plan, resampling=replace(plan.resampling, resamples=_RESAMPLES))
    try:
        if b"\\u0000" in canonical_json(plan.to_json()):
            raise ValueError("text: got a null character, expected none")
        report(spec, analyse(answers, brief), visitors, "0" * 64, True, spec.one_loudness_lufs).encode()
    except (ValueError, ArithmeticError, LookupError) as error:
        reason = " ".join(str(error).split())[:300]
        raise Unprocessable(
            f"analysis: fails on simulated answers ({reason}), expected a plan that can be done"
        ) from error


def _check_attention(plan: Plan) -> None:
    """Passes if rules about attention checks can drop somebody.

    Raises:
        Unprocessable: They cannot.
    """
    for rule in plan.screening:
        if isinstance(rule, AttentionRule) and rule.at_most_count >= plan.checks:
            raise Unprocessable(
                f"analysis.screening: got {rule.name!r}, which allows {rule.at_most_count} failed attention checks of "
                f"{plan.checks}, expected fewer than there are"
            )


def _simulated(spec: ListeningSpec) -> Answers:
    generator, asked = random.Random(0), questions(spec)
    known = {question.key: question for question in asked}
    groups = [0] * len(design(asked).groups)
    said = {question.key: (question.options or ("",))[0] for question in spec.questionnaire}
    people: list[Participant] = []
    rows: list[Answer] = []
    for number in range(_PEOPLE * len(groups)):
        group, placements = arrange(asked, groups, generator)
        groups[group] += 1
        key = str(number)
        checks: list[bool] = []
        for turn, placement in enumerate(placements):
            question = known[placement.item]
            if question.check:
                checks.append(generator.choice(spec.choices) == spec.choices[-1])
            elif not question.practice:
                rows += _answered(spec, key, str(turn), question, placement.slots, generator)
        said_by_all = said | {"device": "headphones"}
        people.append(Participant(key=key, questionnaire=said_by_all, checks=tuple(checks)))
    return Answers(tuple(people), tuple(rows))


def _answered(
    spec: ListeningSpec, person: str, turn: str, question: Question, slots: tuple[str, ...], generator: random.Random
) -> Iterator[Answer]:
    chosen = generator.randrange(2)
    answered = partial(Answer, participant=person, trial=turn, item=question.item)
    if spec.method.is_chosen:
        right = bool(generator.randrange(2)) if spec.method.tells_apart else None
        for position, system in enumerate(question.systems):
            choice = Choice.CHOSEN if position == chosen else Choice.PASSED
            if spec.method is Method.SAME_DIFFERENT:
                choice = Choice.DIFFERENT if (len(set(slots)) == 2) == right else Choice.SAME
            yield answered(system=system, position=position, choice=choice, right=right)
    else:
        places = generator.sample(range(1, len(slots) + 1), len(slots))
        for position, system in enumerate(slots):
            rating = generator.uniform(spec.scale.minimum, spec.scale.maximum) if spec.has_scale else places[position]
            yield answered(system=system, position=position, rating=rating)
