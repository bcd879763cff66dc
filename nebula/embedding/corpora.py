"""Recordings, embedded or taken from the cache."""

from __future__ import annotations

from nebula.audio import Corpus, EmbeddingCache, Embeddings, embeddings
from nebula.distances import Embedder
from nebula.embedding.form import DURATION_SECONDS, SAMPLE_RATE_HZ
from nebula.tensors import Float, Tensor, torch
from nebula.watching import Watcher


def embed_corpus(
    corpus: Corpus,
    embedder: Embedder,
    device: str | torch.device = "cpu",
    watcher: Watcher | None = None,
) -> Float[Tensor, "sound dimension"]:
    """Returns the vectors of a corpus' sounds, one row for each usable sound, from the cache where it has them.

    Args:
        corpus: What to embed. Sounds that cannot be used are listed in its `skipped` afterwards.
        embedder: Whose space the vectors lie in.
        device: Where sounds are embedded; the result lies on the CPU.
        watcher: Told the number of sounds done and in all.

    Raises:
        CorpusError: Not one sound of the corpus can be used.
    """
    return embed_sounds(corpus, embedder, device, watcher).vectors


def embed_sounds(
    corpus: Corpus,
    embedder: Embedder,
    device: str | torch.device = "cpu",
    watcher: Watcher | None = None,
) -> Embeddings:
    """Returns what `embed_corpus` does, and which sound each row belongs to."""

    def embed(audio: Float[Tensor, "batch time"]) -> Float[Tensor, "batch dimension"]:
        with torch.no_grad():
            return embedder.embed(audio.to(device), SAMPLE_RATE_HZ).cpu()

    return embeddings(
        corpus,
        embed,
        embedder.key,
        duration_seconds=DURATION_SECONDS,
        sample_rate_hz=SAMPLE_RATE_HZ,
        cache=EmbeddingCache(),
        watcher=watcher,
    )
