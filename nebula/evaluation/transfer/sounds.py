"""What classifiers learn from and are tested on: sounds of nebulae, rendered once and kept, and recordings."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int

from nebula.audio import Corpus
from nebula.distances import Embedder
from nebula.embedding import draw, embed_sounds
from nebula.files import writing_whole
from nebula.nebulae import Nebula
from nebula.watching import Watcher

#: Longer vectors are projected onto so many random directions, the same for all sounds. Distances between sounds stay
#: as they were, their squares with a standard deviation of sqrt(2 / 256), which is 9 % (Johnson and Lindenstrauss).
DIMENSIONS = 256

# Sounds that are rendered and kept at a time: what an interruption costs at most.
_BLOCK_SOUNDS = 256

Vectors = Float[np.ndarray, "sound dimension"]


@dataclass(frozen=True, eq=False)
class LabelledSounds:
    """Sounds with their classes.

    Attributes:
        vectors: One row for each sound.
        labels: The place of its class.
        groups: Sounds with equal numbers are takes of one thing.
    """

    vectors: Vectors
    labels: Int[np.ndarray, " sound"]
    groups: Int[np.ndarray, " sound"]


@dataclass(frozen=True, eq=False)
class KnownSounds:
    """A limited set of sounds, such as recordings: each repeat takes them in another order.

    One take of each group comes first, then second takes: few recordings are as many things as can be.

    Attributes:
        vectors: One row for each sound.
        groups: Sounds with equal numbers are takes of one thing.
        seed: Decides the orders.
    """

    vectors: Vectors
    groups: Int[np.ndarray, " sound"]
    seed: int

    @property
    def most(self) -> int:
        """All of them."""
        return len(self.vectors)

    @property
    def fingerprint(self) -> str:
        """Of vectors, groups and seed."""
        digest = hashlib.sha256(self.vectors.tobytes())
        digest.update(f"{self.groups.tolist()} {self.seed}".encode())
        return digest.hexdigest()

    def take(self, count: int, repeat: int) -> tuple[Vectors, Int[np.ndarray, " sound"]]:
        """Returns the first sounds of a repeat and their groups; more begin with fewer, and repeats share some."""
        order = np.random.default_rng([self.seed, repeat]).permutation(len(self.vectors))
        takes: dict[int, int] = {}
        numbers = []
        for group in self.groups[order].tolist():
            takes[group] = takes.get(group, 0) + 1
            numbers.append(takes[group])
        chosen = order[np.argsort(numbers, kind="stable")][:count]
        return self.vectors[chosen], self.groups[chosen]


@dataclass(frozen=True, eq=False)
class DrawnSounds:
    """Sounds that can be had without end, such as a nebula's: no two repeats share one.

    Attributes:
        draw: Vectors of the sounds with given seeds.
        most: How many a repeat may have.
        fingerprint: The same for the same sounds.
        stream: Decides the seeds, with the repeat; sets with different streams share no sounds.
    """

    draw: Callable[[list[int]], Vectors]
    most: int
    fingerprint: str
    stream: tuple[int, ...]

    def take(self, count: int, repeat: int) -> tuple[Vectors, Int[np.ndarray, " sound"]]:
        """Returns the first sounds of a repeat, each a group of its own; more sounds begin with fewer."""
        return self.draw(self.seeds(count, repeat)), np.arange(count)

    def seeds(self, count: int, repeat: int) -> list[int]:
        """Returns the seeds of the first sounds of a repeat."""
        sequence = np.random.SeedSequence([*self.stream, repeat])
        return [int(seed) for seed in sequence.generate_state(count, np.uint32)]


#: Sounds of one class, to learn from.
ClassSounds = KnownSounds | DrawnSounds


@dataclass(frozen=True, eq=False)
class TrainingSounds:
    """Something to learn classes from.

    Attributes:
        name: What it is called.
        classes: Sounds of each class, in the order of labels.
    """

    name: str
    classes: tuple[ClassSounds, ...]

    @property
    def most(self) -> int:
        """How many sounds there are of each class."""
        return min(sounds.most for sounds in self.classes)

    @property
    def fingerprint(self) -> str:
        """The same for the same sounds of the same classes."""
        return hashlib.sha256(" ".join(sounds.fingerprint for sounds in self.classes).encode()).hexdigest()

    def take(self, count: int, repeat: int) -> LabelledSounds:
        """Returns so many sounds of each class; no group is in two classes."""
        return labelled([sounds.take(count, repeat) for sounds in self.classes])


def labelled(classes: Sequence[tuple[Float[np.ndarray, "_ dimension"], Int[np.ndarray, " _"]]]) -> LabelledSounds:
    """Returns the sounds of several classes, each with its groups, as one set; no group is of two classes.

    Args:
        classes: Vectors and groups of each, as many or as few as there are.
    """
    groups, first = [], 0
    for _, numbers in classes:
        groups.append(numbers + first)
        first += int(numbers.max()) + 1
    labels = np.repeat(np.arange(len(classes)), [len(vectors) for vectors, _ in classes])
    return LabelledSounds(np.concatenate([vectors for vectors, _ in classes]), labels, np.concatenate(groups))


def projected(vectors: Vectors) -> Float[np.ndarray, "sound shorter"]:
    """Returns vectors of `DIMENSIONS` or fewer dimensions; such that already are unchanged."""
    dimension = vectors.shape[1]
    if dimension <= DIMENSIONS:
        return vectors.astype(np.float32)
    directions = np.random.default_rng(0).normal(size=(dimension, DIMENSIONS)) / np.sqrt(DIMENSIONS)
    shorter: np.ndarray = vectors @ directions
    return shorter.astype(np.float32)


def rendered(
    nebula: Nebula, embedder: Embedder, folder: Path, device: str | torch.device, watcher: Watcher
) -> Callable[[list[int]], Vectors]:
    """Returns what gives a nebula's sounds as vectors: rendered once, block by block, and kept in a folder.

    Args:
        nebula: What to draw from.
        embedder: Whose vectors, before `projected`.
        folder: Where they are kept; it exists.
        device: Where sounds are rendered and embedded.
        watcher: Told the number of sounds done and in all.
    """

    def vectors_of(seeds: list[int]) -> Vectors:
        parts = []
        for first in range(0, len(seeds), _BLOCK_SOUNDS):
            block = seeds[first : first + _BLOCK_SOUNDS]
            known = hashlib.sha256(f"{nebula.to_json()} {embedder.key} {DIMENSIONS} {block[0]}".encode()).hexdigest()
            path = folder / f"{known[:32]}.npy"
            kept = np.load(path) if path.exists() else np.zeros((0, 0), np.float32)
            if len(kept) < len(block):
                # All that a repeat may ask for of this block is rendered in order, so what is kept is its beginning.
                missing = block[len(kept) :]
                new = projected(draw(nebula, missing, embedder, device).vectors.cpu().numpy())
                kept = np.concatenate([kept, new]) if len(kept) else new
                with writing_whole(path) as file:
                    np.save(file, kept)
                watcher(first + len(block), len(seeds))
            parts.append(kept[: len(block)])
        return np.concatenate(parts)

    return vectors_of


def recorded(
    corpora: Sequence[Corpus], embedder: Embedder, seed: int, device: str | torch.device, watcher: Watcher
) -> tuple[KnownSounds, ...]:
    """Returns the sounds of a corpus for each class, each content once.

    Raises:
        CorpusError: Not one sound of a corpus can be used.
    """
    classes = []
    for corpus in corpora:
        found = embed_sounds(corpus, embedder, device, watcher)
        rows = np.unique(np.asarray(found.content), return_index=True)[1]
        numbers: dict[tuple[str, ...], int] = {}
        groups = np.array([numbers.setdefault(found.sounds[row].group, len(numbers)) for row in rows])
        classes.append(KnownSounds(projected(found.vectors.numpy()[rows]), groups, seed))
    return tuple(classes)
