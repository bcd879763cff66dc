"""The answers of a listening test, in long form: one row for each sound that was judged.

This is what the statistics take and what keeps them apart from whoever asked. A comparison has two rows, one for each
slot; a multi-stimulus trial has a row for each slot; a single rating has one. A trial of ABX, or of same or different,
has a row for each of the two systems that are to be told apart.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from nebula.errors import ArgumentError


class Choice(StrEnum):
    """What became of a sound in a comparison."""

    CHOSEN = "chosen"  # preferred to the other
    PASSED = "passed"  # the other was preferred
    TIED = "tied"  # neither was; said of both
    SAME = "same"  # the two were called the same; said of both
    DIFFERENT = "different"  # the two were called different; said of both


_SAID_OF_BOTH = (Choice.TIED, Choice.SAME, Choice.DIFFERENT)


@dataclass(frozen=True, kw_only=True)
class Participant:
    """Who answered.

    Attributes:
        key: unlike that of any other participant; no name.
        questionnaire: the answer to each question, or all that were ticked.
        checks: of each attention check that was answered, whether it was passed; they are no answers, and in no figure.
    """

    key: str
    questionnaire: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    checks: tuple[bool, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The judgement of one sound in one trial by one participant.

    Attributes:
        participant: the participant's key.
        trial: key of the trial, its own within the participant.
        item: what the trial asked about: the sound, playlist or excerpt. Answers of all participants to one item share
            what is peculiar to it.
        system: what made the sound: a nebula, a model, the hidden reference, an anchor. In a trial of same or
            different, one of the two that are to be told apart, whichever of them were played.
        position: slot on the page, from 0.
        rating: the rating, or nothing in a comparison.
        choice: what was chosen, or nothing in a rating; in ABX, what was said to be X.
        right: whether that is so, the same in both rows; nothing where nothing is right or wrong, or nothing was said.
    """

    participant: str
    trial: str
    item: str
    system: str
    position: int
    rating: float | None = None
    choice: Choice | None = None
    right: bool | None = None


@dataclass(frozen=True)
class Answers:
    """The answers of one test, all ratings or all choices.

    Attributes:
        participants: all who are to be counted, also those without answers.
        rows: their answers, in any order.

    Raises:
        ArgumentError: a row contradicts another or itself.
    """

    participants: tuple[Participant, ...]
    rows: tuple[Answer, ...]

    def __post_init__(self) -> None:
        keys = {participant.key for participant in self.participants}
        if len(keys) < len(self.participants):
            raise ArgumentError("participants: two have the same key")
        trials: dict[tuple[str, str], list[Answer]] = {}
        for row in self.rows:
            if row.participant not in keys:
                raise ArgumentError(f"answers: participant {row.participant!r} is not among the participants")
            if (row.rating is None) == (row.choice is None) or (row.rating is None) != (self.rows[0].rating is None):
                raise ArgumentError(f"{_place(row)}: expected either ratings everywhere or choices everywhere")
            if row.rating is not None and not math.isfinite(row.rating):
                raise ArgumentError(f"{_place(row)}: rating is {row.rating}, expected a finite number")
            trials.setdefault((row.participant, row.trial), []).append(row)
        for rows in trials.values():
            _check_trial(rows)

    @property
    def are_choices(self) -> bool:
        """Whether these are comparisons."""
        return bool(self.rows) and self.rows[0].choice is not None

    @property
    def are_right_or_wrong(self) -> bool:
        """Whether sounds were told apart, rather than preferred or rated."""
        return any(row.right is not None for row in self.rows)

    def of(self, keys: set[str]) -> "Answers":
        """Returns the answers of some of the participants.

        Args:
            keys: theirs.
        """
        return Answers(
            tuple(participant for participant in self.participants if participant.key in keys),
            tuple(row for row in self.rows if row.participant in keys),
        )


@dataclass(frozen=True)
class Columns:
    """Answers as numbers: `listener`, `item`, `system` and `trial` count the names in their sorted order.

    Attributes:
        listeners: keys of the participants who answered.
        items: names.
        systems: names.
        listener: of each row.
        item: of each row.
        system: of each row.
        trial: of each row; of no other participant.
        position: of each row.
        value: rating, or 1 for chosen, 0 for passed and 1/2 for what is said of both.
    """

    listeners: tuple[str, ...]
    items: tuple[str, ...]
    systems: tuple[str, ...]
    listener: NDArray[np.int64]
    item: NDArray[np.int64]
    system: NDArray[np.int64]
    trial: NDArray[np.int64]
    position: NDArray[np.int64]
    value: NDArray[np.float64]


def columns(answers: Answers) -> Columns:
    """Returns answers as numbers, sorted by participant, trial and position.

    Args:
        answers: in any order.
    """
    rows = sorted(answers.rows, key=lambda row: (row.participant, row.trial, row.position))
    listeners, listener = _coded([row.participant for row in rows])
    items, item = _coded([row.item for row in rows])
    systems, system = _coded([row.system for row in rows])
    trials = sorted({(row.participant, row.trial) for row in rows})
    number = {trial: place for place, trial in enumerate(trials)}
    scores = dict.fromkeys(Choice, 0.5) | {Choice.CHOSEN: 1.0, Choice.PASSED: 0.0}
    values = [scores[row.choice] if row.choice is not None else row.rating for row in rows]
    return Columns(
        listeners,
        items,
        systems,
        listener,
        item,
        system,
        np.array([number[row.participant, row.trial] for row in rows], dtype=np.int64),
        np.array([row.position for row in rows], dtype=np.int64),
        np.array(values, dtype=np.float64),
    )


def _coded(names: list[str]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    ordered = sorted(set(names))
    number = {name: place for place, name in enumerate(ordered)}
    return tuple(ordered), np.array([number[name] for name in names], dtype=np.int64)


def _check_trial(rows: list[Answer]) -> None:
    first = rows[0]
    for noun, values in (("position", [row.position for row in rows]), ("system", [row.system for row in rows])):
        if len(set(values)) < len(values):
            raise ArgumentError(f"{_place(first)}: two answers have the same {noun}")
    if len({row.item for row in rows}) > 1:
        raise ArgumentError(f"{_place(first)}: answers are about different items")
    if first.choice is not None:
        choices = sorted(row.choice for row in rows if row.choice is not None)
        both = len(choices) == 2 and choices[0] is choices[1] and choices[0] in _SAID_OF_BOTH
        if choices != [Choice.CHOSEN, Choice.PASSED] and not both:
            raise ArgumentError(
                f"{_place(first)}: choices are {', '.join(choices)}; expected one chosen and one passed, or two tied"
            )
        if len({row.right for row in rows}) > 1:
            raise ArgumentError(f"{_place(first)}: is right in one row and wrong in the other")


def _place(row: Answer) -> str:
    return f"participant {row.participant!r}, trial {row.trial!r}"
