"""The search for the sound of a synth that is nearest to a recording: retrieval, then evolution.

The nearest of many random sounds are the first parents. In each generation half of the children take some modules from
another parent, and in each child some values are moved at random: how many, and how far, each child draws for itself,
from one value to a third of them and from a step that is hardly heard to one across the range. In a fifth of the
children one value is drawn anew instead, which a wrong key or wave needs. So coarse and fine steps are tried all the
time, and what helps is kept however far the search is: the nearest of parents and children are the next parents.
`benchmarks/matching.py` measures how near that comes.
"""

from __future__ import annotations

from dataclasses import dataclass

from nebula import synths
from nebula.distances import Distance
from nebula.draws import sample_choices, to_unit
from nebula.embedding import SAMPLE_RATE_HZ, player_of
from nebula.errors import ArgumentError
from nebula.nebulae import Nebula
from nebula.tensors import Float, Float32, Float64, Tensor, np, torch
from nebula.watching import Watcher

# Sounds rendered at a time: their audio takes 22 MB.
_BLOCK_SOUNDS = 32

#: Every sound of a search has this one of the 32 noises: a preset does not choose it.
NOISE_ROW = 0

_PARENTS = 16
# Chance that a better parent is chosen before the next one, that a child has modules of another parent at all, and that
# a module is one of them.
_PREFERENCE, _CROSSED, _TAKEN = 0.2, 0.5, 0.3
# How far values are moved, and how large a share of them; the least share is of a value and a half.
_SMALLEST_STEP, _LARGEST_STEP = 0.003, 0.3
_LARGEST_SHARE, _FEWEST_MOVED = 0.3, 1.5
# Chance that a child differs from its parent in one value alone, which may be anywhere.
_ANEW = 0.2


@dataclass(frozen=True)
class Effort:
    """How hard to search.

    Attributes:
        bank: Random sounds that are looked through first, 32 or more.
        generations: Of evolution, 0 or more.
        children: In each, 2 or more.
        seed: Everything random follows from it.

    Raises:
        ArgumentError: A number is below its range.
    """

    bank: int = 8192
    generations: int = 128
    children: int = 32
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in (("bank", 2 * _PARENTS), ("generations", 0), ("children", 2), ("seed", 0)):
            if getattr(self, name) < least:
                raise ArgumentError(f"{name}: got {getattr(self, name)}, expected {least} or more")


@dataclass(frozen=True, eq=False)
class Bank:
    """Random sounds of a synth, from which searches begin.

    Attributes:
        synth: Name of the synth.
        units: Their unit values in the synth's uniform nebula.
        vectors: Their vectors.
    """

    synth: str
    units: Float32[np.ndarray, "sound parameter"]
    vectors: Float[Tensor, "sound dimension"]


@dataclass(frozen=True, eq=False)
class Match:
    """The nearest sound that was found.

    Attributes:
        unit: Its unit values in the synth's uniform nebula.
        distance: From the recording.
        retrieved: Distance of the nearest of the random sounds that the search began with.
        sounds: How many were rendered for this recording, the bank apart.
    """

    unit: Float32[np.ndarray, " parameter"]
    distance: float
    retrieved: float
    sounds: int


def make_bank(
    synth: str,
    distance: Distance,
    effort: Effort,
    start: Nebula | None = None,
    device: str = "cpu",
    watcher: Watcher | None = None,
) -> Bank:
    """Returns random sounds of a synth: half of a nebula, half uniform.

    Args:
        synth: Name of the synth.
        distance: Whose space vectors lie in.
        effort: How many sounds, and their seed.
        start: The nebula; the synth's default one, or else the uniform one, if None.
        device: Where sounds are rendered and embedded.
        watcher: Told the number of sounds done and in all.

    Raises:
        ArgumentError: The nebula is another synth's.
        SynthError: There is no such synth, or it cannot play.
    """
    chosen = synths.get(synth)
    begun = start or (Nebula.load(chosen.default) if chosen.default else Nebula.uniform(synth))
    uniform = Nebula.uniform(synth)
    half = effort.bank // 2
    numbers = np.random.default_rng(effort.seed).integers(0, 2**32, effort.bank)
    bent = player_of(begun).physical(chosen.sample(numbers[:half]), begun, sample_choices(begun.panel, numbers[:half]))
    curves, symmetric = torch.ones(len(chosen.panel)), torch.tensor(uniform.symmetric)
    units = torch.cat([to_unit(chosen.panel, bent, curves, symmetric), chosen.sample(numbers[half:])]).numpy()
    vectors = []
    for first in range(0, len(units), _BLOCK_SOUNDS):
        vectors.append(_vectors(units[first : first + _BLOCK_SOUNDS], uniform, distance, device))
        if watcher:
            watcher(min(first + _BLOCK_SOUNDS, len(units)), len(units))
    return Bank(synth, units, torch.cat(vectors))


def match(
    recording: Float[Tensor, " dimension"],
    bank: Bank,
    distance: Distance,
    effort: Effort,
    device: str = "cpu",
    watcher: Watcher | None = None,
) -> Match:
    """Returns the nearest sound to a recording that the search finds. Same arguments, same match.

    Args:
        recording: Its vector.
        bank: Where to begin.
        distance: Whose space the vectors lie in.
        effort: How many generations of how many children.
        device: Where sounds are rendered and embedded.
        watcher: Told the number of generations done and in all.
    """
    nebula = Nebula.uniform(bank.synth)
    modules = list(nebula.panel.modules.values())
    generator = np.random.default_rng([effort.seed, 1])
    away = _distances(bank.vectors, recording)
    order = np.argsort(away, kind="stable")[:_PARENTS]
    parents, nearness = bank.units[order], away[order]
    retrieved = float(nearness[0])
    for generation in range(effort.generations):
        children = _children(parents, modules, effort.children, generator)
        found = _distances(_vectors(children, nebula, distance, device), recording)
        parents, nearness = np.concatenate([parents, children]), np.concatenate([nearness, found])
        order = np.argsort(nearness, kind="stable")[:_PARENTS]
        parents, nearness = parents[order], nearness[order]
        if watcher:
            watcher(generation + 1, effort.generations)
    return Match(parents[0], float(nearness[0]), retrieved, effort.generations * effort.children)


def _children(
    parents: Float32[np.ndarray, "sound parameter"], modules: list[slice], count: int, generator: np.random.Generator
) -> Float32[np.ndarray, "child parameter"]:
    first = np.minimum(generator.geometric(_PREFERENCE, count) - 1, len(parents) - 1)
    second = generator.integers(0, len(parents), count)
    children = parents[first].astype(np.float64)
    crossed = generator.random(count) < _CROSSED
    for columns in modules:
        taken = crossed & (generator.random(count) < _TAKEN)
        children[taken, columns] = parents[second[taken], columns]
    width = children.shape[1]
    step = _SMALLEST_STEP * (_LARGEST_STEP / _SMALLEST_STEP) ** generator.random((count, 1))
    least = min(_FEWEST_MOVED / width, _LARGEST_SHARE)
    share = least * (_LARGEST_SHARE / least) ** generator.random((count, 1))
    moved = generator.random(children.shape) < share
    # No child is its parent.
    moved[np.arange(count), generator.integers(0, width, count)] = True
    children += moved * generator.normal(0.0, 1.0, children.shape) * step
    anew = np.flatnonzero(generator.random(count) < _ANEW)
    children[anew] = parents[first[anew]]
    children[anew, generator.integers(0, width, len(anew))] = generator.random(len(anew))
    # What leaves the box comes back in, as from a mirror.
    children = 1.0 - np.abs(1.0 - np.abs(children))
    return np.clip(children, 0.0, 1.0).astype(np.float32)


def _vectors(
    units: Float32[np.ndarray, "sound parameter"], nebula: Nebula, distance: Distance, device: str
) -> Float[Tensor, "sound dimension"]:
    rows = torch.full((len(units),), NOISE_ROW, dtype=torch.int64)
    with torch.no_grad():
        audio = player_of(nebula, device).render(torch.from_numpy(units), nebula, rows)
        return distance.embed(audio, SAMPLE_RATE_HZ).cpu()


def _distances(
    vectors: Float[Tensor, "sound dimension"], recording: Float[Tensor, " dimension"]
) -> Float64[np.ndarray, " sound"]:
    return np.asarray((vectors - recording).abs().sum(dim=1).double().numpy())
