"""Which participants count: rules that are written down before the test and applied after it.

A rule is a value with a JSON form, so that it can be frozen with the plan of a test and shown with its report.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Discriminator

from nebula.errors import ArgumentError
from nebula.listening.answers import Answers, Participant

#: What hidden reference and anchors are called unless a test says otherwise.
REFERENCE, LOW_ANCHOR, MID_ANCHOR = "reference", "anchor-3500", "anchor-7000"


@dataclass(frozen=True, kw_only=True)
class QuestionnaireRule:
    """Keeps participants who gave one of some answers to at least one of some questions.

    Attributes:
        name: what the rule is called in the report.
        questions: keys of the questionnaire.
        accepted: answers, as they are stored.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    name: str
    questions: tuple[str, ...]
    accepted: tuple[str, ...]
    kind: Literal["questionnaire"] = "questionnaire"

    def keeps(self, participant: Participant, answers: Answers) -> bool:
        """Returns whether a participant is kept.

        Args:
            participant: who.
            answers: not looked at.
        """
        given: set[str] = set()
        for question in self.questions:
            answer = participant.questionnaire.get(question, ())
            given.update((answer,) if isinstance(answer, str) else answer)
        return not given.isdisjoint(self.accepted)


@dataclass(frozen=True, kw_only=True)
class RatingRule:
    """Keeps participants who rated some systems below, or above, a limit no more often than is allowed.

    Attributes:
        name: what the rule is called in the report.
        systems: those whose ratings count, such as the hidden reference.
        side: ratings strictly `below` the limit count, or strictly `above` it.
        limit: on the scale of the ratings.
        at_most_count: how many such ratings are allowed, or
        at_most_share: what share of the participant's ratings of these systems may be such.

    Raises:
        ArgumentError: not exactly one of count and share is given, or it is out of range.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    name: str
    systems: tuple[str, ...]
    side: Literal["below", "above"]
    limit: float
    at_most_count: int | None = None
    at_most_share: float | None = None
    kind: Literal["rating"] = "rating"

    def __post_init__(self) -> None:
        if (self.at_most_count is None) == (self.at_most_share is None):
            raise ArgumentError(f"rule {self.name!r}: expected either at_most_count or at_most_share")
        if (self.at_most_count or 0) < 0 or not 0 <= (self.at_most_share or 0) <= 1:
            allowed = "at_most_count of 0 or more or at_most_share from 0 to 1"
            raise ArgumentError(f"rule {self.name!r}: expected {allowed}")

    def keeps(self, participant: Participant, answers: Answers) -> bool:
        """Returns whether a participant is kept; without ratings of these systems nothing speaks against it.

        Args:
            participant: who.
            answers: this participant's, or everyone's.
        """
        ratings = [
            row.rating
            for row in answers.rows
            if row.participant == participant.key and row.system in self.systems and row.rating is not None
        ]
        beyond = sum(rating < self.limit if self.side == "below" else rating > self.limit for rating in ratings)
        if self.at_most_count is not None:
            return beyond <= self.at_most_count
        return beyond <= (self.at_most_share or 0.0) * len(ratings)


@dataclass(frozen=True, kw_only=True)
class AttentionRule:
    """Keeps participants who failed no more attention checks than is allowed.

    Attributes:
        name: what the rule is called in the report.
        at_most_count: how many failed checks are allowed, 0 or more.

    Raises:
        ArgumentError: the count is negative.

    Source: of tasks with a known answer among the others, ITU-T P.808, "Subjective evaluation of speech quality with a
        crowdsourcing approach", 2021.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    name: str
    at_most_count: int
    kind: Literal["attention"] = "attention"

    def __post_init__(self) -> None:
        if self.at_most_count < 0:
            raise ArgumentError(f"rule {self.name!r}: got at_most_count {self.at_most_count}, expected 0 or more")

    def keeps(self, participant: Participant, answers: Answers) -> bool:
        """Returns whether a participant is kept; a check that was not answered is not failed.

        Args:
            participant: who.
            answers: not looked at.
        """
        return participant.checks.count(False) <= self.at_most_count


#: Any rule; `kind` tells which.
Rule = Annotated[QuestionnaireRule | RatingRule | AttentionRule, Discriminator("kind")]


@dataclass(frozen=True)
class Verdict:
    """What one rule alone would do.

    Attributes:
        rule: its name.
        kept: keys of participants.
        dropped: keys of participants.
    """

    rule: str
    kept: tuple[str, ...]
    dropped: tuple[str, ...]


@dataclass(frozen=True)
class Screening:
    """What all rules together do.

    Attributes:
        verdicts: of each rule alone, in the order of the rules.
        kept: keys of participants whom every rule keeps.
        dropped: keys of the others.
    """

    verdicts: tuple[Verdict, ...]
    kept: tuple[str, ...]
    dropped: tuple[str, ...]


def screen(answers: Answers, rules: tuple[Rule, ...]) -> Screening:
    """Returns whom the rules keep.

    Args:
        answers: of everyone.
        rules: in any number; none keep everyone.

    Raises:
        ArgumentError: two rules have the same name.
    """
    names = Counter(rule.name for rule in rules)
    if len(names) < len(rules):
        raise ArgumentError(f"rules: {names.most_common(1)[0][0]!r} is the name of more than one")
    each = {participant.key: answers.of({participant.key}) for participant in answers.participants}
    verdicts = []
    for rule in rules:
        keeps = {person.key: rule.keeps(person, each[person.key]) for person in answers.participants}
        kept, dropped = (tuple(key for key, kept in keeps.items() if kept is side) for side in (True, False))
        verdicts.append(Verdict(rule.name, kept, dropped))
    lost = {key for verdict in verdicts for key in verdict.dropped}
    kept, dropped = (tuple(key for key in each if (key in lost) is side) for side in (False, True))
    return Screening(tuple(verdicts), kept, dropped)


def expert_rules(
    expertise: tuple[str, ...] = ("compressor", "mixing"),
    reference: str = REFERENCE,
    anchors: tuple[str, ...] = (LOW_ANCHOR,),
) -> tuple[Rule, ...]:
    """Returns the rules that keep experts who listen closely, on good equipment.

    A "yes" to at least one question of expertise; headphones or monitors; at most three ratings below 90 for the hidden
    reference; at most two above 90 for the anchor.

    Args:
        expertise: keys of the questions of expertise. The question of equipment is `device`, with the answers
            `headphones` and `monitors` among others.
        reference: what the hidden reference is called.
        anchors: what the anchors are called whose ratings count together.
    """
    return (
        QuestionnaireRule(name="expertise", questions=expertise, accepted=("yes",)),
        QuestionnaireRule(name="equipment", questions=("device",), accepted=("headphones", "monitors")),
        RatingRule(name="hidden reference", systems=(reference,), side="below", limit=90, at_most_count=3),
        RatingRule(name="anchor", systems=anchors, side="above", limit=90, at_most_count=2),
    )


def bs1534_rules(reference: str = REFERENCE, mid_anchor: str = MID_ANCHOR) -> tuple[Rule, ...]:
    """Returns the rules of ITU-R BS.1534-3.

    The hidden reference below 90 for more than 15 % of the items excludes, and so does the mid anchor above 90 for more
    than 15 % of them.

    Args:
        reference: what the hidden reference is called.
        mid_anchor: what the anchor at 7 kHz is called.
    """
    return (
        RatingRule(name="hidden reference", systems=(reference,), side="below", limit=90, at_most_share=0.15),
        RatingRule(name="mid anchor", systems=(mid_anchor,), side="above", limit=90, at_most_share=0.15),
    )


#: Rules by the name that users choose.
SCREENING_PRESETS: dict[str, tuple[Rule, ...]] = {
    "none": (),
    "experts": expert_rules(),
    "bs1534-3": bs1534_rules(),
    "attention": (AttentionRule(name="attention checks", at_most_count=1),),
}
