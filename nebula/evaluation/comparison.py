"""How far apart sets of sounds are, and how varied each is in itself: the tables of section 5 of Turian et al. 2021."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from nebula import discrepancy, distances
from nebula.audio import Corpus
from nebula.discrepancy import FrechetStatistics
from nebula.distances import Embedder
from nebula.embedding import WHITE_NOISE, draw, embed_corpus, embed_white_noise, open_named
from nebula.errors import ArgumentError
from nebula.evaluation.descriptors import Descriptors
from nebula.evaluation.measures import check_measure, measure_for
from nebula.nebulae import Nebula
from nebula.watching import NamedWatcher, Watcher

# A diversity is estimated on this many independent sets of sounds, a comparison on as many repeated subsets.
_DIVERSITY_SETS = 10

# Of the seeds of a reference: no number of names before it may change them.
_REFERENCE_PLACE = 2**32 - 1


@dataclass(frozen=True)
class Comparison:
    """How far apart two sets of sounds are, over repeated random subsets of equal size.

    Attributes:
        first: Name of one set.
        second: Name of the other; the same name for a set within itself, by random halves.
        value: Mean of the measure over the trials; of equation (2) unless another was chosen.
        standard_deviation: Over the trials.
        sounds: Subset size on each side.
        trials: How many.
    """

    first: str
    second: str
    value: float
    standard_deviation: float
    sounds: int
    trials: int


@dataclass(frozen=True)
class Diversity:
    """How varied the sounds of one set are.

    Attributes:
        name: Of the set.
        diversity: Mean MMD between the halves of a random split, in closed form.
        low: Lower end of the 95 % interval of the mean over independent sets; equals `diversity` for a single set.
        high: Upper end.
        sounds: In each set.
    """

    name: str
    diversity: float
    low: float
    high: float
    sounds: int


def compare(
    names: Sequence[str],
    distance: str = "log-mel",
    *,
    measure: str = "l1",
    reference: str | None = None,
    sounds: int = 256,
    trials: int = 30,
    seed: int = 0,
    device: str | torch.device = "cpu",
    watcher: NamedWatcher = lambda name, done, total: None,
) -> list[Comparison]:
    """Returns MMD, or another measure, within each set of sounds and between every two, nearest first.

    From each corpus all sounds are used, from each nebula and of noise four times `sounds`. A trial compares `sounds`
    of one set with as many of the other, drawn without replacement; within a set, two random halves. Where a set is too
    small for that, the size is lowered to what the smaller set allows, and the result says so.

    Args:
        names: Names or paths of nebulae, paths of corpora, or `noise:white`; at least one, no two alike.
        distance: Name of the distance between sounds.
        measure: `l1` for equation (2), `gaussian`, `frechet` or `kad`.
        reference: Another such name, which is then the only one that others are compared with, and gives Gaussian
            kernels their bandwidth: what else is named changes no number. None compares every two; KAD needs one.
        sounds: Wanted size of each side, 2 or more.
        trials: How many trials a comparison, 2 or more.
        seed: Everything random follows from it.
        device: Where sounds are rendered and embedded.
        watcher: Told the name of the set, the number of its sounds done and in all.

    Raises:
        ArgumentError: A number is below its range, a name appears twice, there is no such measure, or it lacks a
            reference.
        CorpusError: There is no such nebula or corpus, or it cannot be used.
    """
    for label, value in (("sounds", sounds), ("trials", trials)):
        if value < 2:
            raise ArgumentError(f"{label}: got {value}, expected 2 or more")
    if len(set(names)) < len(names):
        raise ArgumentError(f"names: got {', '.join(names)}, expected each one once")
    if reference in names:
        raise ArgumentError(f"reference: got {reference!r}, expected one that is not among the names")
    check_measure(measure, reference is not None)
    chosen = distances.get(distance)
    sets = {}
    for place, name in enumerate(names):
        seeds = _seeds(seed, place, 4 * sounds)
        sets[name] = _embedded(name, chosen, seeds, device, partial(watcher, name))
    pairs = list(combinations(sets, 2))
    if reference is not None:
        pairs = [(name, reference) for name in names]
        seeds = _seeds(seed, _REFERENCE_PLACE, 4 * sounds)
        sets[reference] = _embedded(reference, chosen, seeds, device, partial(watcher, reference))
    by = measure_for(measure, sets.values(), None if reference is None else sets[reference])
    rows = []
    for name, vectors in sets.items():
        size = min(sounds, len(vectors) // 2)
        if size < 1:
            raise ArgumentError(f"{name!r}: got {len(vectors)} sound, expected at least 2 to compare it with itself")
        within = by.within(vectors[_order(seed, len(vectors))[: 2 * size]], trials, seed)
        rows.append(Comparison(name, name, within.mean, within.standard_deviation, size, trials))
    for first, second in pairs:
        x, y = sets[first], sets[second]
        size = min(sounds, len(x), len(y))
        between = by.between(x, y, size, trials, seed)
        rows.append(Comparison(first, second, between.mean, between.standard_deviation, size, trials))
    return sorted(rows, key=lambda row: row.value)


def measure_diversity(
    name: str,
    distance: str = "log-mel",
    *,
    sounds: int = 256,
    seed: int = 0,
    device: str | torch.device = "cpu",
    watcher: NamedWatcher = lambda name, done, total: None,
) -> Diversity:
    """Returns the diversity of a nebula, over ten independent sets of its sounds, or of a corpus as it is.

    Args:
        name: Name or path of a nebula, or path of a corpus.
        distance: Name of the distance between sounds.
        sounds: In each set drawn from a nebula, 2 or more.
        seed: Decides which sounds of a nebula are drawn.
        device: Where sounds are rendered and embedded.
        watcher: Told the name, the number of sounds done and in all.

    Raises:
        ArgumentError: `sounds` is below its range.
        CorpusError: There is no such nebula or corpus, or it cannot be used.
    """
    if sounds < 2:
        raise ArgumentError(f"sounds: got {sounds}, expected 2 or more")
    chosen = distances.get(distance)
    source = open_named(name)
    seeds = _seeds(seed, 0, _DIVERSITY_SETS * sounds)
    vectors = _vectors(source, chosen, seeds, device, partial(watcher, name))
    if isinstance(source, Corpus):
        value = float(discrepancy.diversity(vectors))
        return Diversity(name, value, value, value, len(vectors))
    values = [float(discrepancy.diversity(part)) for part in vectors.split(sounds)]
    interval = discrepancy.mean_interval(values)
    return Diversity(name, interval.mean, interval.low, interval.high, sounds)


def describe(
    names: Sequence[str],
    *,
    sounds: int = 256,
    seed: int = 0,
    device: str | torch.device = "cpu",
    watcher: NamedWatcher = lambda name, done, total: None,
) -> dict[str, Float[Tensor, "_ descriptor"]]:
    """Returns what the sounds of each set are like, by the `NAMES` of `nebula.evaluation.descriptors`.

    From each corpus all sounds are described, from each nebula and of noise as many as `sounds`.

    Args:
        names: Names or paths of nebulae, paths of corpora, or `noise:white`; at least one.
        sounds: Of each nebula, 2 or more.
        seed: Decides which ones.
        device: Where sounds are rendered and described.
        watcher: Told the name of the set, the number of its sounds done and in all.

    Raises:
        ArgumentError: `sounds` is below its range.
        CorpusError: There is no such nebula or corpus, or it cannot be used.
    """
    if sounds < 2:
        raise ArgumentError(f"sounds: got {sounds}, expected 2 or more")
    chosen = Descriptors()
    return {
        name: _embedded(name, chosen, _seeds(seed, place, sounds), device, partial(watcher, name))
        for place, name in enumerate(names)
    }


def fit_statistics(
    name: str,
    distance_name: str = "doppelganger",
    *,
    sounds: int = 1024,
    seed: int = 0,
    device: str | torch.device = "cpu",
    watcher: NamedWatcher = lambda name, done, total: None,
) -> FrechetStatistics:
    """Returns mean and covariance of a set's vectors, one for each sound, to be compared by Fréchet distance elsewhere.

    Args:
        name: Name or path of a nebula, path of a corpus, or `noise:white`. Of a corpus all sounds are taken.
        distance_name: Name of a distance. A covariance has the square of its dimensions: 6,464 for `log-mel`, which
            take minutes and 334 MB.
        sounds: Of a nebula or of noise, 2 or more.
        seed: Decides which ones.
        device: Where sounds are rendered and embedded.
        watcher: Told the name of the set, the number of its sounds done and in all.

    Raises:
        ArgumentError: `sounds` is below its range, a corpus has a single sound, or there is no such distance.
        CorpusError: There is no such nebula or corpus, or it cannot be used.
    """
    if sounds < 2:
        raise ArgumentError(f"sounds: got {sounds}, expected 2 or more")
    distance = distances.get(distance_name)
    return FrechetStatistics.of(_embedded(name, distance, _seeds(seed, 0, sounds), device, partial(watcher, name)))


def _embedded(
    name: str,
    distance: Embedder,
    seeds: list[int],
    device: str | torch.device,
    watcher: Watcher,
) -> Float[Tensor, "sound dimension"]:
    if name == WHITE_NOISE:
        return embed_white_noise(seeds, distance, device, watcher)
    return _vectors(open_named(name), distance, seeds, device, watcher)


def _vectors(
    source: Corpus | Nebula,
    distance: Embedder,
    seeds: list[int],
    device: str | torch.device,
    watcher: Watcher,
) -> Float[Tensor, "sound dimension"]:
    if isinstance(source, Corpus):
        return embed_corpus(source, distance, device, watcher)
    return draw(source, seeds, distance, device, watcher).vectors.cpu()


def _seeds(seed: int, place: int, count: int) -> list[int]:
    return [int(value) for value in np.random.SeedSequence([seed, place]).generate_state(count, np.uint32)]


def _order(seed: int, count: int) -> Tensor:
    return torch.from_numpy(np.random.default_rng(seed).permutation(count))
