"""White noise as a set of sounds: what lies far from everything and close to itself, by any sane distance."""

from __future__ import annotations

from collections.abc import Sequence

from nebula.distances import Embedder
from nebula.embedding.form import DURATION_SECONDS, SAMPLE_RATE_HZ
from nebula.tensors import Float, Tensor, np, torch
from nebula.watching import Watcher

#: How users name it among nebulae and corpora.
WHITE_NOISE = "noise:white"

# As many sounds at a time as recordings are embedded.
_BLOCK_SOUNDS = 32


def white_noise(seeds: Sequence[int]) -> Float[Tensor, "batch time"]:
    """Returns uniform white noise over the full scale, as long as all sounds are; row i depends on `seeds[i]` alone.

    Args:
        seeds: One integer, 0 or more, for each sound.
    """
    samples = round(DURATION_SECONDS * SAMPLE_RATE_HZ)
    rows = [np.random.default_rng(seed).uniform(-1, 1, samples).astype(np.float32) for seed in seeds]
    return torch.from_numpy(np.stack(rows))


def embed_white_noise(
    seeds: Sequence[int],
    embedder: Embedder,
    device: str | torch.device = "cpu",
    watcher: Watcher | None = None,
) -> Float[Tensor, "sound dimension"]:
    """Returns the vectors of white noises, on the CPU.

    Args:
        seeds: One for each sound, at least one.
        embedder: Whose space the vectors lie in.
        device: Where they are embedded.
        watcher: Told the number of sounds done and in all.
    """
    vectors = []
    with torch.no_grad():
        for first in range(0, len(seeds), _BLOCK_SOUNDS):
            audio = white_noise(seeds[first : first + _BLOCK_SOUNDS])
            vectors.append(embedder.embed(audio.to(device), SAMPLE_RATE_HZ).cpu())
            if watcher:
                watcher(min(first + _BLOCK_SOUNDS, len(seeds)), len(seeds))
    return torch.cat(vectors)
