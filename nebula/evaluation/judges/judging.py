"""Judging: what trained classifiers make of the sounds of nebulae, beside the target's own recordings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from jaxtyping import Float, Int

from nebula.audio import Corpus, HoldOut
from nebula.discrepancy import Interval
from nebula.embedding import draw, embed_sounds
from nebula.errors import ArgumentError, CorpusError
from nebula.evaluation.bootstrap import bootstrap_interval
from nebula.evaluation.judges.classifiers import CLASSIFIERS, cross_validated, trained, votes_of
from nebula.evaluation.judges.fidelity import Fidelity, fidelity
from nebula.evaluation.judges.traits import Traits
from nebula.nebulae import Nebula
from nebula.watching import NamedWatcher, Watcher

#: Fewer different things than these teach nothing that would hold for others; their halves are the fewest judged.
FEWEST_GROUPS = 12

#: What every nebula is judged beside: the voice as it comes, and what people made by hand.
YARDSTICKS = ("default", "drum")


@dataclass(frozen=True)
class Judgement:
    """What the classifiers make of one set of sounds. Intervals are 95 %, by bootstrap over sounds.

    Attributes:
        name: Of the set.
        sounds: How many were judged, beside as many recordings of the target.
        share: Of the sounds that are taken for the target, mean over classifiers; None where no others were given.
        share_by: The same by classifier.
        told_apart: Share of sounds that are rightly called recorded or rendered, in a cross-validation: 0.5 where they
            cannot be told apart.
        told_apart_by: The same by classifier.
        fidelity: Precision, recall, density and coverage.
    """

    name: str
    sounds: int
    share: Interval | None
    share_by: dict[str, float]
    told_apart: Interval
    told_apart_by: dict[str, float]
    fidelity: Fidelity


@dataclass(frozen=True)
class Judging:
    """What the judges make of all sets of sounds.

    Attributes:
        target: What the sounds should be taken for.
        recordings: How many sounds of it the classifiers know.
        others: What else they know.
        other_recordings: How many sounds of that.
        recognised: Share of the target's recordings that they take for the target without having learned from any of
            the same group; None where no others were given.
        mistaken: Share of the others' recordings that they take for the target, likewise.
        judgements: The target's own recordings first, by halves, then each set in the order given.
    """

    target: str
    recordings: int
    others: tuple[str, ...]
    other_recordings: int
    recognised: Interval | None
    mistaken: Interval | None
    judgements: tuple[Judgement, ...]


@dataclass(frozen=True, eq=False)
class Evidence:
    """Sounds as classifiers see them.

    Attributes:
        traits: One row for each sound.
        groups: Sounds with equal numbers are takes of the same thing.
        libraries: Sounds with equal numbers, in whatever evidence, are of one library; None: what classifiers are
            examined on may be of a library that they know.
    """

    traits: Float[np.ndarray, "sound trait"]
    groups: Int[np.ndarray, " sound"]
    libraries: Int[np.ndarray, " sound"] | None = None

    def __len__(self) -> int:
        return len(self.groups)

    def __getitem__(self, rows: Int[np.ndarray, " chosen"]) -> "Evidence":
        return Evidence(self.traits[rows], self.groups[rows], None if self.libraries is None else self.libraries[rows])


class Judges:
    """Classifiers that know recordings of a target and, if given, others.

    Args:
        target: Recordings of it.
        others: Recordings of other things; None if there are none.
        seed: Decides all that is random.

    Attributes:
        recognised: As in `Judging`.
        mistaken: As in `Judging`.

    Raises:
        CorpusError: Either has fewer than `FEWEST_GROUPS` groups, or a single library where those are told.
    """

    def __init__(self, target: Evidence, others: Evidence | None, seed: int = 0) -> None:
        for label, known in (("target", target), ("others", others)):
            found = FEWEST_GROUPS if known is None else len(np.unique(known.groups))
            if found < FEWEST_GROUPS:
                raise CorpusError(f"{label}: got {found} different recordings, expected {FEWEST_GROUPS} or more")
            if known is not None and known.libraries is not None and len(np.unique(known.libraries)) < 2:
                raise CorpusError(f"{label}: got recordings of 1 library, expected 2 or more to hold one out")
        self._target, self._seed = target, seed
        self._classifiers = None
        self.recognised: Interval | None = None
        self.mistaken: Interval | None = None
        if others is not None:
            traits = np.concatenate([target.traits, others.traits])
            labels = np.repeat([1, 0], [len(target), len(others)])
            if target.libraries is not None and others.libraries is not None:
                libraries = np.concatenate([target.libraries, others.libraries])
                votes = cross_validated(traits, labels, libraries, seed, one_by_one=True)
            else:
                groups = np.concatenate([target.groups, others.groups + target.groups.max() + 1])
                votes = cross_validated(traits, labels, groups, seed)
            self._votes = votes[:, : len(target)]
            self.recognised, _ = _by_classifier(self._votes, target.groups, seed)
            self.mistaken, _ = _by_classifier(votes[:, len(target) :], others.groups, seed)
            self._classifiers = trained(traits, labels, seed)

    def judge(self, name: str, rendered: Evidence) -> Judgement:
        """Returns what the classifiers make of some sounds, beside as many of the target's recordings.

        Args:
            name: What the sounds are called.
            rendered: The sounds; where there are more than recordings, the first ones are judged.

        Raises:
            ArgumentError: There are fewer than half of `FEWEST_GROUPS` sounds.
        """
        known = self._target[self._order()[: len(rendered)]]
        judged = rendered[np.arange(len(known))]
        votes = None if self._classifiers is None else votes_of(self._classifiers, judged.traits)
        return self._judgement(name, known, judged, votes)

    def judge_recordings(self, name: str, sounds: int) -> Judgement:
        """Returns what a perfect nebula would get: one half of the target's recordings judged beside the other.

        Args:
            name: What the target is called.
            sounds: How many in each half, at most.
        """
        order = self._order()
        groups, members = np.unique(self._target.groups[order], return_inverse=True)
        sides = np.random.default_rng(self._seed).permutation(np.arange(len(groups)) % 2)[members]
        one, other = order[sides == 0], order[sides == 1]
        size = min(len(one), len(other), sounds)
        votes = None if self._classifiers is None else self._votes[:, other[:size]]
        return self._judgement(name, self._target[one[:size]], self._target[other[:size]], votes)

    def _judgement(self, name: str, known: Evidence, judged: Evidence, votes: np.ndarray | None) -> Judgement:
        if len(judged) < FEWEST_GROUPS // 2:
            raise ArgumentError(f"sounds: got {len(judged)} of {name}, expected {FEWEST_GROUPS // 2} or more")
        share, share_by = (None, {}) if votes is None else _by_classifier(votes, judged.groups, self._seed)
        traits = np.concatenate([known.traits, judged.traits])
        labels = np.repeat([1, 0], [len(known), len(judged)])
        groups = np.concatenate([known.groups, judged.groups + known.groups.max() + 1])
        right = (cross_validated(traits, labels, groups, self._seed) == labels).astype(np.int64)
        told_apart, told_apart_by = _by_classifier(right, groups, self._seed)
        measured = fidelity(known.traits, judged.traits, known.groups, self._seed)
        return Judgement(name, len(judged), share, share_by, told_apart, told_apart_by, measured)

    def _order(self) -> Int[np.ndarray, " sound"]:
        """The order in which recordings are taken, the same for all sets: one of each group, then second takes."""
        order = np.random.default_rng(self._seed).permutation(len(self._target))
        takes: dict[int, int] = {}
        numbers = []
        for group in self._target.groups[order].tolist():
            takes[group] = takes.get(group, 0) + 1
            numbers.append(takes[group])
        return order[np.argsort(numbers, kind="stable")]


def judge_sounds(
    sets: Mapping[str, Nebula | Corpus],
    target: Corpus | Nebula,
    others: Sequence[Corpus] = (),
    *,
    sounds: int = 256,
    recordings: int = 1024,
    by: HoldOut = "group",
    seed: int = 0,
    device: str | torch.device = "cpu",
    watcher: NamedWatcher = lambda name, done, total: None,
) -> Judging:
    """Returns what classifiers that know recordings of the target, and others, make of the sounds of nebulae.

    To judge a tuned nebula, give recordings of the target that the tuning did not see: `Corpus.split` cuts a corpus so.

    Args:
        sets: Nebulae, or other sets of sounds, by the name to call them.
        target: Recordings of what the sounds should be taken for; a nebula where that is the target.
        others: Recordings of other things. Without them nothing can say what share is taken for the target.
        sounds: Judged of each set; fewer where there are fewer recordings of the target.
        recordings: Most sounds of the target that are known, and of all others together.
        by: What recordings that `recognised` and `mistaken` are measured on share with none that was learned: `corpus`
            holds out whole libraries, of the target and of others together.
        seed: Everything random follows from it.
        device: Where sounds are rendered and traits computed.
        watcher: Told the name of a set, the number of its sounds done and in all.

    Raises:
        ArgumentError: `sounds` or `recordings` is below `FEWEST_GROUPS`, or `by` is a label that a recording lacks.
        CorpusError: A corpus cannot be used, or there are too few recordings or libraries.
    """
    for label, value in (("sounds", sounds), ("recordings", recordings)):
        if value < FEWEST_GROUPS:
            raise ArgumentError(f"{label}: got {value}, expected {FEWEST_GROUPS} or more")
    take = partial(_evidence, seed=seed, device=device)
    learn = partial(take, stream=0, libraries={} if by == "corpus" else None)
    known = learn(target, recordings, watcher=partial(watcher, target.name))
    apart = [learn(corpus, -(-recordings // len(others)), watcher=partial(watcher, corpus.name)) for corpus in others]
    judges = Judges(known, _together(apart) if apart else None, seed)
    size = min(sounds, len(known))
    judgements = [judges.judge_recordings(target.name, size)]
    for name, source in sets.items():
        judgements.append(judges.judge(name, take(source, size, stream=1, watcher=partial(watcher, name))))
    return Judging(
        target.name,
        len(known),
        tuple(corpus.name for corpus in others),
        sum(map(len, apart)),
        judges.recognised,
        judges.mistaken,
        tuple(judgements),
    )


def _evidence(
    source: Corpus | Nebula,
    limit: int,
    *,
    stream: int,
    seed: int,
    device: str | torch.device,
    watcher: Watcher,
    libraries: dict[tuple[str, ...], int] | None = None,
) -> Evidence:
    """Up to `limit` sounds of a source; each content counts once. Sounds of different streams differ.

    `libraries` numbers those that were met so far, if sounds are to be held out by them; a nebula is one of them.
    """
    generator = np.random.default_rng([seed, stream])
    if isinstance(source, Nebula):
        seeds = [int(value) for value in generator.integers(2**32, size=limit)]
        vectors = draw(source, seeds, Traits(), device, watcher).vectors.cpu()
        own = None if libraries is None else np.full(limit, libraries.setdefault((), len(libraries)))
        return Evidence(vectors.double().numpy(), np.arange(limit), own)
    if len(source) > limit:
        chosen = generator.permutation(len(source))[:limit]
        source = source.subset(source.sounds[place].name for place in chosen)
    found = embed_sounds(source, Traits(), device, watcher)
    rows = np.unique(np.asarray(found.content), return_index=True)[1]
    numbers: dict[tuple[str, ...], int] = {}
    groups = np.array([numbers.setdefault(found.sounds[row].group, len(numbers)) for row in rows])
    traits = found.vectors.double().numpy()[rows]
    if libraries is None:
        return Evidence(traits, groups)
    named = [found.sounds[row].kept_with("corpus") for row in rows]
    return Evidence(traits, groups, np.array([libraries.setdefault(name, len(libraries)) for name in named]))


def _together(parts: Sequence[Evidence]) -> Evidence:
    groups, first = [], 0
    for part in parts:
        groups.append(part.groups + first)
        first += int(part.groups.max()) + 1
    libraries = [part.libraries for part in parts if part.libraries is not None]
    return Evidence(
        np.concatenate([part.traits for part in parts]),
        np.concatenate(groups),
        np.concatenate(libraries) if libraries else None,
    )


def _by_classifier(
    ones: Int[np.ndarray, "classifier sound"],
    groups: Int[np.ndarray, " sound"],
    seed: int,
) -> tuple[Interval, dict[str, float]]:
    """The share of ones, over classifiers with its interval, and by classifier."""
    interval = bootstrap_interval(ones.mean(axis=0), seed=seed, groups=groups)
    return interval, dict(zip(CLASSIFIERS, ones.mean(axis=1).tolist(), strict=True))
