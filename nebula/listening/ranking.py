"""Orders of several sounds, from the best to the worst: the places of systems, and strengths from the pairs implied.

Places are analysed as ratings are, by ranks of listeners' means. Whoever places one sound before another has as good as
compared the two, and the strengths of Bradley and Terry are those of all such pairs. Pairs of one order depend on each
other; intervals hold nevertheless, for whole listeners and whole sounds are drawn anew. If orders follow the model of
Plackett and Luce, its strengths are the same.

Sources: Luce, "Individual choice behavior", 1959; Plackett, "The analysis of permutations", Applied Statistics 24,
1975.
"""

from itertools import combinations

from nebula.errors import ArgumentError
from nebula.listening.answers import Answer, Answers, Choice
from nebula.listening.ratings import Ratings, rate
from nebula.listening.resampling import Resampling
from nebula.listening.strengths import Strength, strengths


def ranked(answers: Answers, resampling: Resampling) -> tuple[Ratings, tuple[Strength, ...]]:
    """Returns the places of systems, of which 1 is the best, with their tests, and their strengths, strongest first.

    Args:
        answers: of each trial a place for every system, as its rating: 1, 2 and so on, none twice.
        resampling: how intervals are made.

    Raises:
        ArgumentError: a trial has other ratings than these, or not all systems.
    """
    systems = {row.system for row in answers.rows}
    trials: dict[tuple[str, str], list[Answer]] = {}
    for row in answers.rows:
        trials.setdefault((row.participant, row.trial), []).append(row)
    for (participant, trial), rows in trials.items():
        places = sorted(row.rating or 0.0 for row in rows)
        if places != list(range(1, len(systems) + 1)):
            given = ", ".join(f"{place:g}" for place in places)
            raise ArgumentError(
                f"participant {participant!r}, trial {trial!r}: got places {given}, expected 1 to {len(systems)}, none "
                "twice"
            )
    implied = tuple(row for rows in trials.values() for row in _implied(rows))
    found = strengths(Answers(answers.participants, implied), resampling)
    return rate(answers, resampling, (1.0, float(len(systems)))), found


def _implied(rows: list[Answer]) -> list[Answer]:
    """Returns the comparisons that an order implies: of each pair the one with the lower place is chosen."""
    ordered = sorted(rows, key=lambda row: row.rating or 0.0)
    return [
        Answer(
            participant=row.participant,
            trial=f"{row.trial} {first.position} {second.position}",
            item=row.item,
            system=row.system,
            position=row.position,
            choice=choice,
        )
        for first, second in combinations(ordered, 2)
        for row, choice in ((first, Choice.CHOSEN), (second, Choice.PASSED))
    ]
