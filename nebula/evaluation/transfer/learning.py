"""Learning and testing: what classifiers that learned so many sounds get wrong, one cell after the other."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int

from nebula.evaluation.transfer.models import CAPACITIES, chosen_capacity, log_losses, trained
from nebula.evaluation.transfer.sounds import LabelledSounds, TrainingSounds
from nebula.evaluation.transfer.spec import ModelName
from nebula.watching import Watcher

# To be raised when a classifier changes, so that cells of before are learned again.
_VERSION = 2

# Log-losses are kept in thousandths of a nat.
_LOSS_UNIT = 1e-3


@dataclass(frozen=True)
class Lesson:
    """What one classifier is to learn.

    Attributes:
        training: Name of what it learns from.
        model: Which classifier.
        size: Sounds of each class.
        repeat: Which draw of them.
        more: Name of what it learns beside, empty for nothing.
        more_size: Sounds of each class of that.
    """

    training: str
    model: ModelName
    size: int
    repeat: int
    more: str = ""
    more_size: int = 0


@dataclass(frozen=True)
class Cell:
    """What one classifier got wrong.

    Attributes:
        lesson: What it learned.
        capacity: That was chosen for it.
        wrong: For each tested sound, 1 where it was mistaken, else 0.
        losses: The log-loss of each tested sound, in nats.
    """

    lesson: Lesson
    capacity: float
    wrong: Int[np.ndarray, " sound"]
    losses: Float[np.ndarray, " sound"]


class CellFile:
    """Cells that are finished, a line each, so that a run that was stopped goes on.

    Args:
        path: Of the file; made when the first cell is added. A line that was broken off is passed over.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: dict[str, tuple[float, str, list[int]]] = {}
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                try:
                    content = json.loads(line)
                    kept = (float(content["capacity"]), str(content["wrong"]), list(content["losses"]))
                    self._found[content["key"]] = kept
                except (ValueError, KeyError, TypeError):
                    continue

    def find(self, key: str, lesson: Lesson) -> Cell | None:
        """Returns the cell of that key, None where it is not finished."""
        if key not in self._found:
            return None
        capacity, wrong, losses = self._found[key]
        return Cell(lesson, capacity, np.array([int(digit) for digit in wrong]), np.array(losses) * _LOSS_UNIT)

    def add(self, key: str, cell: Cell) -> None:
        """Keeps a finished cell."""
        wrong = "".join(map(str, cell.wrong.tolist()))
        losses = np.rint(cell.losses / _LOSS_UNIT).astype(int).tolist()
        content = {"key": key, **asdict(cell.lesson), "capacity": cell.capacity, "wrong": wrong, "losses": losses}
        line = json.dumps(content)
        with self._path.open("a", encoding="utf-8") as file:
            # Behind a line that was broken off, too.
            file.write(f"\n{line}\n" if file.tell() else f"{line}\n")
        self._found[key] = (cell.capacity, wrong, losses)


def learned(
    lessons: Sequence[Lesson],
    training: Mapping[str, TrainingSounds],
    test: LabelledSounds,
    cells: CellFile,
    seed: int = 0,
    watcher: Watcher = lambda done, total: None,
) -> Iterator[Cell]:
    """Yields what comes of each lesson; from the file where it was finished before.

    A capacity is chosen by cross-validation within what is learned; where a lesson has more than one set, within `more`
    alone. Nothing is known of the test.

    Args:
        lessons: What is to be learned.
        training: What lessons name.
        test: The sounds that are tested.
        cells: Where finished ones are kept.
        seed: Decides what is random in learning.
        watcher: Told the number of lessons done and in all.
    """
    prints = {name: sounds.fingerprint for name, sounds in training.items()}
    tested = hashlib.sha256(test.vectors.tobytes() + test.labels.tobytes()).hexdigest()
    for done, lesson in enumerate(lessons):
        watcher(done, len(lessons))
        told = [prints[name] for name in (lesson.training, lesson.more) if name]
        number = (lesson.model, CAPACITIES[lesson.model], lesson.size, lesson.more_size, lesson.repeat, seed, _VERSION)
        key = hashlib.sha256(f"{told} {tested} {number}".encode()).hexdigest()[:32]
        cell = cells.find(key, lesson)
        if cell is None:
            cells.add(key, _examined(lesson, training, test, seed))
            cell = cells.find(key, lesson)
            assert cell is not None
        yield cell
    watcher(len(lessons), len(lessons))


def _examined(lesson: Lesson, training: Mapping[str, TrainingSounds], test: LabelledSounds, seed: int) -> Cell:
    sounds = training[lesson.training].take(lesson.size, lesson.repeat)
    choosing = training[lesson.more].take(lesson.more_size, lesson.repeat) if lesson.more else sounds
    number = seed + lesson.repeat
    capacity = chosen_capacity(lesson.model, choosing.vectors, choosing.labels, choosing.groups, number)
    vectors, labels = sounds.vectors, sounds.labels
    if lesson.more:
        vectors = np.concatenate([vectors, choosing.vectors])
        labels = np.concatenate([labels, choosing.labels])
    classifier = trained(lesson.model, capacity, vectors, labels, number)
    wrong = (classifier.predict(test.vectors) != test.labels).astype(np.int64)
    return Cell(lesson, capacity, wrong, log_losses(classifier, test.vectors, test.labels))
