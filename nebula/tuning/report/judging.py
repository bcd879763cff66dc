"""What judges make of the nebulae, in words and numbers."""

from dataclasses import dataclass

from nebula.discrepancy import Interval
from nebula.evaluation.judges import Judging
from nebula.tuning.outcome import Outcome
from nebula.tuning.spec import StudySpec


@dataclass(frozen=True)
class JudgedSet:
    """A set of sounds as the table shows it.

    Attributes:
        name: Of the set.
        is_tuned: Whether it is the result of the study.
        cells: Each number with its interval, in the order of `COLUMNS`.
    """

    name: str
    is_tuned: bool
    cells: tuple[str, ...]


#: The numbers of the table; the first is left out where nothing is known of other sounds.
COLUMNS = ("Taken for<br>the target", "Told from<br>the target", "Precision", "Recall", "Density", "Coverage")


def teaching(judging: Judging) -> str:
    """Returns in words what the classifiers know, and how much of it they got right."""
    words = f"Three kinds of classifiers know {judging.recordings:,} sounds of the target"
    if judging.recognised is None or judging.mistaken is None:
        return (
            f"{words}. They know nothing else, so they cannot say which share of the sounds they would take for the "
            "target; a study that names others can."
        )
    return (
        f"{words} and {judging.other_recordings:,} others ({', '.join(judging.others)}). "
        f"Of sounds held out from them they took {judging.recognised.mean:.0%} of the target’s and "
        f"{judging.mistaken.mean:.0%} of the others’ for the target."
    )


def acquaintance(spec: StudySpec) -> str:
    """Returns in words whether the classifiers know what was tuned to, to end a sentence about traits with."""
    if spec.hold_out is None:
        return (
            "but they know the very target that this study was tuned to: with hold_out it keeps half of the target's "
            "recordings for them."
        )
    unit = "take" if spec.hold_out == "group" else "library"
    return f"and know recordings that were held out from the search, no {unit} of which it was tuned to."


def judged_sets(judging: Judging) -> list[JudgedSet]:
    """Returns the sets of sounds in the order they were judged, the target itself first."""
    rows = []
    for place, judged in enumerate(judging.judgements):
        same = judged.fidelity
        numbers = (judged.share, judged.told_apart, same.precision, same.recall, same.density, same.coverage)
        name = f"{judged.name}, by halves" if place == 0 else judged.name
        cells = tuple(_text(number) for number in numbers if number is not None)
        rows.append(JudgedSet(name, judged.name == "tuned" and place > 0, cells))
    return rows


def columns(judging: Judging) -> tuple[str, ...]:
    """Returns the heads of the numbers that there are."""
    return COLUMNS if judging.recognised is not None else COLUMNS[1:]


def why_not(outcome: Outcome) -> str:
    """Returns in words why nothing was judged, empty where it was."""
    if outcome.judging is None:
        return "A study without a target has nothing that its sounds should be taken for."
    return outcome.judging if isinstance(outcome.judging, str) else ""


def _text(interval: Interval) -> str:
    return f"{interval.mean:.2f} ({interval.low:.2f} to {interval.high:.2f})"
