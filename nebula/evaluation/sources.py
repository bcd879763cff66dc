"""Where sets of sounds come from: nebulae and corpora, told apart by how users name them."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from nebula import synths
from nebula.audio import Corpus, EmbeddingCache, Embeddings, embeddings
from nebula.distances import Distance
from nebula.errors import CorpusError
from nebula.nebulae import Nebula

#: Sounds are compared at this rate and length; a distance is given nothing else.
SAMPLE_RATE_HZ = 44100
DURATION_SECONDS = 4.0

# Audio exists only for this many sounds at a time: 22 MB a block of 4 s sounds, and large enough for a GPU.
_BLOCK_SOUNDS = {"cpu": 32, "cuda": 256}

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Drawn:
    """Sounds of a nebula in a distance's space.

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
    distance: Distance,
    device: str | torch.device = "cpu",
    progress: Progress | None = None,
) -> Drawn:
    """Returns the vectors of a nebula's sounds; row i depends on `seeds[i]` alone.

    Args:
        nebula: What to draw from.
        seeds: One integer in [0, 2**32) for each sound, at least one.
        distance: Whose space the vectors lie in.
        device: Where sounds are rendered and embedded.
        progress: Called with the number of sounds done and in all.

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
            vectors.append(distance.embed(audio, SAMPLE_RATE_HZ))
            embedded = _now(player.device)
            render_seconds += rendered - started
            embed_seconds += embedded - rendered
            if progress:
                progress(min(first + block, len(seeds)), len(seeds))
    return Drawn(torch.cat(vectors), render_seconds, embed_seconds)


def player_of(nebula: Nebula, device: str | torch.device = "cpu") -> synths.Player:
    """Returns what plays a nebula at the rate and length at which sounds are compared.

    Raises:
        ArgumentError: The device does not exist.
        SynthError: The nebula's synthesizer is not there.
    """
    return synths.get(nebula.synth).player(device, sample_rate_hz=SAMPLE_RATE_HZ, duration_seconds=DURATION_SECONDS)


def open_source(name_or_path: str) -> Nebula | Corpus:
    """Returns the nebula or the corpus that a user means.

    The name of a shipped nebula, a synth's name and `/uniform`, and any path that ends in `.json` mean a nebula;
    everything else is the path of a corpus. A folder that has a nebula's name is reached as `./drum`.

    Raises:
        NebulaFileError: The nebula's file cannot be used.
        CorpusError: There is no such nebula or path, or it holds no sounds.
    """
    if Nebula.known(name_or_path) or name_or_path.endswith(".json"):
        return Nebula.load(name_or_path)
    if not Path(name_or_path).exists():
        known = ", ".join(Nebula.shipped())
        raise CorpusError(f"{name_or_path!r}: no such folder, zip or sound file, and not a shipped nebula ({known})")
    return Corpus.open(name_or_path)


def embed_corpus(
    corpus: Corpus,
    distance: Distance,
    device: str | torch.device = "cpu",
    progress: Progress | None = None,
) -> Float[Tensor, "sound dimension"]:
    """Returns the vectors of a corpus' sounds, one row for each usable sound, from the cache where it has them.

    Args:
        corpus: What to embed. Sounds that cannot be used are listed in its `skipped` afterwards.
        distance: Whose space the vectors lie in.
        device: Where sounds are embedded; the result lies on the CPU.
        progress: Called with the number of sounds done and in all.

    Raises:
        CorpusError: Not one sound of the corpus can be used.
    """
    return embed_sounds(corpus, distance, device, progress).vectors


def embed_sounds(
    corpus: Corpus,
    distance: Distance,
    device: str | torch.device = "cpu",
    progress: Progress | None = None,
) -> Embeddings:
    """Returns what `embed_corpus` does, and which sound each row belongs to."""

    def embed(audio: Float[Tensor, "batch time"]) -> Float[Tensor, "batch dimension"]:
        with torch.no_grad():
            return distance.embed(audio.to(device), SAMPLE_RATE_HZ).cpu()

    return embeddings(
        corpus,
        embed,
        distance.key,
        duration_seconds=DURATION_SECONDS,
        sample_rate_hz=SAMPLE_RATE_HZ,
        cache=EmbeddingCache(),
        progress=progress,
    )


def _now(device: torch.device) -> float:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()
