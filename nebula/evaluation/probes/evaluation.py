"""Distances on a labelled corpus: how well a classifier of their vectors names recordings that it never heard."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Int

from nebula import distances
from nebula.audio import Corpus, Sound
from nebula.audio.corpus import HoldOut
from nebula.discrepancy import Interval
from nebula.distances import Embedder
from nebula.embedding import embed_sounds
from nebula.errors import ArgumentError
from nebula.evaluation.bootstrap import balanced_shares
from nebula.evaluation.probes.learners import Learner, read_labels
from nebula.evaluation.probes.statistics import LogMelStatistics
from nebula.watching import NamedWatcher

#: Parts of the sounds: each is asked about once, while the next one validates and the others are learned from.
FOLDS = 5

#: What every distance is beside: log-mel statistics, and a network that learned nothing.
BASELINES = ("log-mel-statistics", "resnet:random")

_LEVEL = 0.95


@dataclass(frozen=True)
class Probe:
    """How well a label can be read from a distance's vectors.

    Attributes:
        distance: Its name.
        learner: Of the classifier.
        accuracy: Share of sounds that are named rightly.
        balanced: The mean over classes of the share of a class that is, with its 95 % interval over groups.
        above: How much more that is than for log-mel statistics, the same sounds drawn; None for these themselves.
        chance: The balanced accuracy of who answers at random.
        classes: Names of the labels that were asked for.
        sounds: How many sounds had one of them.
        groups: How many groups, or libraries, they are of.
    """

    distance: str
    learner: Learner
    accuracy: float
    balanced: Interval
    above: Interval | None
    chance: float
    classes: tuple[str, ...]
    sounds: int
    groups: int


def evaluate_probe(
    corpus: Corpus,
    label: str,
    names: Sequence[str] = (),
    *,
    learner: Learner = "linear",
    by: HoldOut = "group",
    seed: int = 0,
    device: str | torch.device = "cpu",
    watcher: NamedWatcher = lambda name, done, total: None,
) -> list[Probe]:
    """Returns how well classifiers read a label from the vectors of distances; the first rows are `BASELINES`.

    Sounds are cut into five parts that share no group, or no library, with as many of each label as that allows. What
    the classifiers answer about each part they learned from others.

    Args:
        corpus: Recordings with labels. Sounds that cannot be used are listed in its `skipped` afterwards.
        label: A column of its manifest; sounds without it, and labels of fewer than five groups, are left out.
        names: Distances beside the baselines, HEAR modules included.
        learner: Which classifier.
        by: What no two parts share.
        seed: Decides the parts, what is random in learning, and the resamples.
        device: Where sounds are embedded.
        watcher: Told what is done, how much of it, and how much there is in all.

    Raises:
        ArgumentError: Fewer than two labels have five groups, a sound has no library, or there is no such distance.
        CorpusError: Not one sound can be used.
    """
    embedders: list[Embedder] = [LogMelStatistics(), *(distances.get(name) for name in (*BASELINES[1:], *names))]
    kept = _kept(corpus, label, by)
    asked = corpus.subset([sound.name for sound in kept])
    answers = []
    labels = groups = np.zeros(0, dtype=np.int64)
    classes: tuple[str, ...] = ()
    for number, embedder in enumerate(embedders):
        name = embedder.name

        def step(done: int, total: int, name: str = name) -> None:
            watcher(name, done, total)

        found = embed_sounds(asked, embedder, device, step)
        rows = np.unique(np.asarray(found.content), return_index=True)[1]
        sounds = [found.sounds[row] for row in rows]
        classes = tuple(sorted({sound.labels[label] for sound in sounds}))
        labels = np.array([classes.index(sound.labels[label]) for sound in sounds])
        groups = _numbered([sound.kept_with(by) for sound in sounds])
        watcher(f"probing {name}", number, len(embedders))
        answers.append(_answers(learner, found.vectors.numpy()[rows], labels, groups, seed))
    shares = np.concatenate(
        [balanced_shares(labels, groups, None), balanced_shares(labels, groups, np.random.default_rng(seed))]
    )
    right = [shares @ (given == labels) for given in answers]
    return [
        Probe(
            embedder.name,
            learner,
            float((given == labels).mean()),
            _interval(values),
            None if not number else _interval(values - right[0]),
            1 / len(classes),
            classes,
            len(labels),
            int(groups.max()) + 1,
        )
        for number, (embedder, given, values) in enumerate(zip(embedders, answers, right, strict=True))
    ]


def _kept(corpus: Corpus, label: str, by: HoldOut) -> list[Sound]:
    having = [sound for sound in corpus.sounds if label in sound.labels]
    if not having:
        known = ", ".join(sorted({name for sound in corpus.sounds for name in sound.labels})) or "none"
        raise ArgumentError(f"label: got {label!r}, expected a label of {corpus.name}: {known}")
    groups: dict[str, set[tuple[str, ...]]] = {}
    for sound in having:
        groups.setdefault(sound.labels[label], set()).add(sound.kept_with(by))
    enough = {name for name, found in groups.items() if len(found) >= FOLDS}
    if len(enough) < 2:
        raise ArgumentError(
            f"label: got {label!r}, of which {len(enough)} value{'s' * (len(enough) != 1)} in {corpus.name} ha"
            f"{'ve' if len(enough) != 1 else 's'} sounds of {FOLDS} or more {_PLURAL[by]}, expected two values or more"
        )
    return [sound for sound in having if sound.labels[label] in enough]


_PLURAL: dict[HoldOut, str] = {"group": "groups", "corpus": "libraries"}


def _numbered(groups: Sequence[tuple[str, ...]]) -> Int[np.ndarray, " sound"]:
    numbers: dict[tuple[str, ...], int] = {}
    return np.array([numbers.setdefault(group, len(numbers)) for group in groups])


def _answers(
    learner: Learner,
    vectors: np.ndarray,
    labels: Int[np.ndarray, " sound"],
    groups: Int[np.ndarray, " sound"],
    seed: int,
) -> Int[np.ndarray, " sound"]:
    # Imported here: scikit-learn takes a second to load.
    from sklearn.model_selection import StratifiedGroupKFold

    part = np.zeros(len(labels), dtype=np.int64)
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    for number, (_, rows) in enumerate(folds.split(vectors, labels, groups)):
        part[rows] = number
    given = np.zeros_like(labels)
    for number in range(FOLDS):
        answer, validate = part == number, part == (number + 1) % FOLDS
        given[answer] = read_labels(
            learner, vectors, labels, ~(answer | validate), validate, answer, seed * FOLDS + number
        )
    return given


def _interval(values: np.ndarray) -> Interval:
    """The value of the sounds themselves, between the percentiles of its resamples."""
    low, high = np.quantile(values[1:], [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return Interval(float(values[0]), float(low), float(high), _LEVEL)
