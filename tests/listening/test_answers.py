"""The long table: what it refuses, and its numbers."""

import pytest

from nebula.errors import ArgumentError
from nebula.listening import Answer, Answers, Choice, Participant
from nebula.listening.answers import columns

PEOPLE = (Participant(key="p"), Participant(key="q"))


def row(**changes):
    return Answer(**{"participant": "p", "trial": "1", "item": "x", "system": "a", "position": 0} | changes)


def test_rows_are_sorted_and_names_counted():
    table = columns(
        Answers(
            PEOPLE,
            (
                row(participant="q", system="b", position=1, choice=Choice.TIED),
                row(participant="q", choice=Choice.TIED),
                row(system="b", choice=Choice.CHOSEN),
                row(position=1, choice=Choice.PASSED),
            ),
        )
    )
    assert (table.listeners, table.items, table.systems) == (("p", "q"), ("x",), ("a", "b"))
    assert table.listener.tolist() == [0, 0, 1, 1]
    assert table.trial.tolist() == [0, 0, 1, 1]
    assert table.system.tolist() == [1, 0, 0, 1]
    assert table.value.tolist() == [1.0, 0.0, 0.5, 0.5]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([row(participant="z", rating=1.0)], "answers: participant 'z' is not among the participants"),
        ([row()], "participant 'p', trial '1': expected either ratings everywhere or choices everywhere"),
        (
            [row(rating=1.0), row(trial="2", choice=Choice.TIED)],
            "participant 'p', trial '2': expected either ratings everywhere or choices everywhere",
        ),
        ([row(rating=float("nan"))], "participant 'p', trial '1': rating is nan, expected a finite number"),
        ([row(rating=1.0), row(rating=2.0)], "participant 'p', trial '1': two answers have the same position"),
        (
            [row(rating=1.0), row(rating=2.0, position=1)],
            "participant 'p', trial '1': two answers have the same system",
        ),
        (
            [row(rating=1.0), row(rating=2.0, position=1, system="b", item="y")],
            "participant 'p', trial '1': answers are about different items",
        ),
        (
            [row(choice=Choice.CHOSEN), row(choice=Choice.CHOSEN, position=1, system="b")],
            "participant 'p', trial '1': choices are chosen, chosen; expected one chosen and one passed, or two tied",
        ),
        (
            [row(choice=Choice.CHOSEN)],
            "participant 'p', trial '1': choices are chosen; expected one chosen and one passed, or two tied",
        ),
    ],
)
def test_rows_that_contradict_themselves_or_others_are_refused(rows, message):
    with pytest.raises(ArgumentError) as raised:
        Answers(PEOPLE, tuple(rows))
    assert str(raised.value) == message


def test_a_participant_comes_once():
    with pytest.raises(ArgumentError, match=r"^participants: two have the same key$"):
        Answers((PEOPLE[0], PEOPLE[0]), ())
