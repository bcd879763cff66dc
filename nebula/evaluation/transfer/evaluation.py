"""The evaluation of transfer, from its spec to its curves."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch

from nebula import distances
from nebula.audio import Corpus
from nebula.distances import Distance
from nebula.embedding import open_named
from nebula.errors import ArgumentError
from nebula.evaluation.transfer.curves import LearningCurve, learning_curves
from nebula.evaluation.transfer.halves import class_corpora, held_out, untested
from nebula.evaluation.transfer.learning import CellFile, Lesson, learned
from nebula.evaluation.transfer.sounds import (
    ClassSounds,
    DrawnSounds,
    TrainingSounds,
    labelled,
    recorded,
    rendered,
)
from nebula.evaluation.transfer.spec import RECORDINGS, TransferSpec
from nebula.nebulae import Nebula
from nebula.watching import NamedWatcher, Watcher


@dataclass(frozen=True)
class Transfer:
    """What sounds are worth as training data.

    Attributes:
        name: Of the spec.
        distance: Whose vectors classifiers saw.
        classes: Which they told apart.
        learned: Real recordings of each class that could be learned from.
        tested: Recordings of each class that were tested on.
        libraries: Libraries of the tested recordings, where a manifest tells them.
        curves: One for each training and model, the recordings' first.
        remarks: What one should know about the recordings: what was guessed of them, changed and skipped.
    """

    name: str
    distance: str
    classes: tuple[str, ...]
    learned: tuple[int, ...]
    tested: tuple[int, ...]
    libraries: tuple[str, ...]
    curves: tuple[LearningCurve, ...]
    remarks: tuple[str, ...]


def evaluate_transfer(
    spec: TransferSpec,
    folder: str | os.PathLike[str],
    recordings: str | os.PathLike[str] = "",
    *,
    device: str | torch.device = "cpu",
    watcher: NamedWatcher = lambda name, done, total: None,
) -> Transfer:
    """Returns how well classifiers that learned from sounds of nebulae know recordings that they never heard.

    Args:
        spec: What is learned, and what is tested.
        folder: Where rendered sounds and finished cells are kept; made if missing. The same call again goes on.
        recordings: Folder that the spec's recordings lie in, if not the current one.
        device: Where sounds are rendered and embedded.
        watcher: Told what is done, how much of it, and how much there is in all.

    Raises:
        SpecError: The recordings cannot be told apart or divided as the spec asks.
        CorpusError: A corpus or nebula is not there, or cannot be used.
        NebulaFileError: A nebula's file cannot be used.
        ArgumentError: A folder cannot be written, or there is no such distance.
    """
    distance = distances.get(spec.distance)
    place = Path(folder)
    try:
        (place / "vectors").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArgumentError(f"folder {str(place)!r}: cannot be made ({error.strerror})") from error
    halves = held_out(spec, class_corpora(spec, recordings))
    take = partial(recorded, embedder=distance, seed=spec.seed, device=device)
    known = take([one for one, _ in halves], watcher=partial(watcher, "recordings to learn"))
    unknown = take([other for _, other in halves], watcher=partial(watcher, "recordings to test"))
    tested = labelled([(sounds.vectors, sounds.groups) for sounds in unknown])
    training = {RECORDINGS: TrainingSounds(RECORDINGS, known)}
    for name, sounds in spec.training.items():
        training[name] = _training(
            name, spec, sounds, halves, distance, place / "vectors", device, partial(watcher, name)
        )
    lessons = lessons_of(spec, training)
    cells = list(
        learned(lessons, training, tested, CellFile(place / "cells.jsonl"), spec.seed, partial(watcher, "learning"))
    )
    libraries = {sound.labels.get("corpus", "") for _, other in halves for sound in other.sounds}
    return Transfer(
        spec.name,
        spec.distance,
        spec.classes,
        tuple(sounds.most for sounds in known),
        tuple(sounds.most for sounds in unknown),
        tuple(sorted(libraries - {""})),
        tuple(learning_curves(cells, tested, spec.seed)),
        _remarks(spec, halves),
    )


def _remarks(spec: TransferSpec, halves: Sequence[tuple[Corpus, Corpus]]) -> tuple[str, ...]:
    found = []
    for name, sides in zip(spec.classes, halves, strict=True):
        # Both halves say what was guessed of the whole.
        found += [f"{name}: {remark}" for remark in dict.fromkeys(remark for half in sides for remark in half.remarks)]
        skipped = [sound for half in sides for sound in half.skipped]
        if skipped:
            found.append(
                f"{name}: {len(skipped)} sounds were skipped, the first: {skipped[0].name}: {skipped[0].reason}"
            )
    return tuple(found)


def lessons_of(spec: TransferSpec, training: Mapping[str, TrainingSounds]) -> list[Lesson]:
    """Returns all that is to be learned: each size of each training, then the largest together with all recordings."""
    real = training[RECORDINGS].most
    lessons = []
    for name, sounds in training.items():
        sizes = [2**power for power in range(sounds.most.bit_length())]
        if name == RECORDINGS and sizes[-1] < real:
            sizes.append(real)
        for model in spec.models:
            lessons += [Lesson(name, model, size, repeat) for size in sizes for repeat in range(spec.repeats)]
            if name != RECORDINGS:
                lessons += [Lesson(RECORDINGS, model, real, r, name, sizes[-1]) for r in range(spec.repeats)]
    return lessons


def _training(
    name: str,
    spec: TransferSpec,
    sounds: Mapping[str, str],
    halves: Sequence[tuple[Corpus, Corpus]],
    distance: Distance,
    folder: Path,
    device: str | torch.device,
    watcher: Watcher,
) -> TrainingSounds:
    """What a spec's training names, nebulae rendered as far as they will be learned."""
    classes: list[ClassSounds] = []
    for place, label in enumerate(spec.classes):
        source = open_named(sounds[label])
        if isinstance(source, Nebula):
            # Of another stream for each class: a nebula that stands for two of them has no sound in both.
            stream = (spec.seed, place)
            draw = rendered(source, distance, folder, device, watcher)
            print_ = hashlib.sha256(f"{source.to_json()} {distance.key} {stream}".encode()).hexdigest()
            drawn = DrawnSounds(draw, spec.largest, print_, stream)
            for repeat in range(spec.repeats):
                drawn.take(spec.largest, repeat)
            classes.append(drawn)
        else:
            source = untested(spec, f"training.{name}.{label}", source, halves)
            classes += recorded([source], distance, spec.seed, device, watcher)
    return TrainingSounds(name, tuple(classes))
