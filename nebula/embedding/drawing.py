"""Sounds of nebulae, rendered and embedded block by block."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from nebula import synths
from nebula.distances import Embedder
from nebula.embedding.form import DURATION_SECONDS, SAMPLE_RATE_HZ
from nebula.nebulae import Nebula
from nebula.tensors import Float, Tensor, torch
from nebula.watching import Watcher

# Audio exists only for this many sounds at a time: 22 MB a block of 4 s sounds, and large enough for a GPU.
_BLOCK_SOUNDS = {"cpu": 32, "cuda": 256}


@dataclass(frozen=True)
class Drawn:
    """Sounds of a nebula as vectors.

    Attributes:
        vectors: One row for each seed, on the device they were rendered on.
        render_seconds: Time spent rendering.
        embed_seconds: Time spent embedding.
    """

    vectors: Float[Tensor, "sound dimension"]
    render_seconds: float
    embed_seconds: float


def draw(
    nebula: Nebula,
    seeds: Sequence[int],
    embedder: Embedder,
    device: str | torch.device = "cpu",
    watcher: Watcher | None = None,
) -> Drawn:
    """Returns the vectors of a nebula's sounds; row i depends on `seeds[i]` alone.

    Args:
        nebula: What to draw from.
        seeds: One integer in [0, 2**32) for each sound, at least one.
        embedder: Whose space the vectors lie in.
        device: Where sounds are rendered and embedded.
        watcher: Told the number of sounds done and in all.

    Raises:
        ArgumentError: A seed is outside its range, or the device does not exist.
    """
    player = player_of(nebula, device)
    block = _BLOCK_SOUNDS.get(player.device.type, _BLOCK_SOUNDS["cpu"])
    vectors, render_seconds, embed_seconds = [], 0.0, 0.0
    with torch.no_grad():
        for first in range(0, len(seeds), block):
            started = _now(player.device)
            audio = player.play(seeds[first : first + block], nebula)
            rendered = _now(player.device)
            vectors.append(embedder.embed(audio, SAMPLE_RATE_HZ))
            embedded = _now(player.device)
            render_seconds += rendered - started
            embed_seconds += embedded - rendered
            if watcher:
                watcher(min(first + block, len(seeds)), len(seeds))
    return Drawn(torch.cat(vectors), render_seconds, embed_seconds)


def player_of(nebula: Nebula, device: str | torch.device = "cpu") -> synths.Player:
    """Returns what plays a nebula at the rate and length at which sounds are compared.

    Raises:
        ArgumentError: The device does not exist.
        SynthError: The nebula's synthesizer is not there.
    """
    return synths.get(nebula.synth).player(device, sample_rate_hz=SAMPLE_RATE_HZ, duration_seconds=DURATION_SECONDS)


def _now(device: torch.device) -> float:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()
