"""The embedding cache: vectors by what a file holds, so that a second run decodes and embeds nothing.

The cache is one SQLite file which any number of processes may use at once. It is never needed: whatever is wrong with
it is logged once, and the vectors are computed instead.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy.typing as npt
import platformdirs

from nebula.audio.corpus import Corpus, Reading, Sound
from nebula.errors import ArgumentError
from nebula.tensors import Float, Tensor, np, torch
from nebula.watching import Watcher

#: Part of every key: to be raised when decoding changes what a file sounds like, so that old vectors are not found.
DECODING_VERSION = 2

#: Sounds hashed and looked up at a time.
LOOKUP_SOUNDS = 256

#: How long one process waits while another writes; a batch is written in milliseconds.
BUSY_TIMEOUT_SECONDS = 20.0

_FILE_NAME = "embeddings-1.sqlite"  # the number is the table's version
_CREATE = (
    "CREATE TABLE IF NOT EXISTS embeddings (key TEXT NOT NULL, content TEXT NOT NULL, dimension INTEGER NOT NULL, "
    "vector BLOB NOT NULL, PRIMARY KEY (key, content))"
)
_VECTOR_TYPE = np.dtype("<f4")

_log = logging.getLogger(__name__)

Embed = Callable[[Float[Tensor, "batch time"]], Float[Tensor, "batch dimension"]]
Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Embeddings:
    """The vectors of a corpus: row i belongs to `sounds[i]`; `computed` of them were not in the cache."""

    sounds: tuple[Sound, ...]
    content: tuple[str, ...]
    vectors: Float[Tensor, "sound dimension"]
    computed: int


class EmbeddingCache:
    """Vectors by embedding key and content hash, in one SQLite file.

    Args:
        path: the file; None is `embeddings-1.sqlite` in the user's cache folder for nebula.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self.path = platformdirs.user_cache_path("nebula") / _FILE_NAME if path is None else Path(path)
        self._warned = False

    def get_many(self, key: str, contents: Iterable[str]) -> dict[str, Vector]:
        """Returns the vectors that are stored, by content hash.

        Vectors whose length is not the one they were stored with, or with values that are not finite, are left out.

        Args:
            key: the embedding's name and settings.
            contents: SHA-256 of files, in hexadecimal; up to some thousands.
        """
        wanted = list(dict.fromkeys(contents))
        found: dict[str, Vector] = {}
        with self._guarded("read"):
            if not wanted or not self.path.exists():
                return found
            marks = ",".join("?" * len(wanted))
            query = f"SELECT content, dimension, vector FROM embeddings WHERE key = ? AND content IN ({marks})"
            with closing(sqlite3.connect(self.path, timeout=BUSY_TIMEOUT_SECONDS)) as connection:
                for content, dimension, vector in connection.execute(query, (key, *wanted)):
                    if not isinstance(vector, bytes) or len(vector) != dimension * _VECTOR_TYPE.itemsize or not vector:
                        continue
                    values = np.frombuffer(vector, _VECTOR_TYPE).astype(np.float32)
                    if np.isfinite(values).all():
                        found[content] = values
        return found

    def put_many(self, key: str, vectors: Mapping[str, Vector]) -> None:
        """Stores vectors by content hash, replacing those that are there; all of them or none."""
        rows = [
            (key, content, len(vector), np.asarray(vector, _VECTOR_TYPE).tobytes())
            for content, vector in vectors.items()
            if np.isfinite(vector).all()
        ]
        with self._guarded("written"):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=BUSY_TIMEOUT_SECONDS)) as connection:
                _prepare(connection)
                with connection:
                    connection.executemany("INSERT OR REPLACE INTO embeddings VALUES (?, ?, ?, ?)", rows)

    @contextmanager
    def _guarded(self, verb: str) -> Iterator[None]:
        """Lets no fault of the cache out; says once what is wrong."""
        try:
            yield
        except (sqlite3.Error, OSError, ValueError) as error:
            if not self._warned:
                _log.warning(
                    "%s: the embedding cache cannot be %s (%s); computing instead. Delete it or choose another place.",
                    self.path,
                    verb,
                    " ".join(str(error).split()),
                )
            self._warned = True


def embeddings(
    corpus: Corpus,
    embed: Embed,
    key: str,
    *,
    duration_seconds: float = 4.0,
    sample_rate_hz: int = 44100,
    cache: EmbeddingCache | None = None,
    watcher: Watcher | None = None,
    batch_size: int = 32,
) -> Embeddings:
    """Returns a corpus's vectors, computing those that the cache lacks.

    Files are hashed first, and only those without a vector are decoded, a batch at a time. Levels are left as recorded:
    distances align them in their own way. `embed` gets audio on the CPU and may answer from any device.

    Args:
        corpus: the sounds; those that cannot be used are left out and recorded in `corpus.skipped`.
        embed: turns audio into vectors, one row per sound.
        key: name and settings of `embed`: two functions that answer differently must have different keys.
        duration_seconds: length of every clip.
        sample_rate_hz: rate of every clip.
        cache: where vectors are kept; None computes all of them.
        watcher: told sounds done and sounds in all, after every batch.
        batch_size: most sounds decoded and embedded at a time.

    Raises:
        CorpusError: not a single sound can be used.
        ArgumentError: an argument is outside what is allowed, or `embed` does not return one row per sound.
    """
    if batch_size < 1:
        raise ArgumentError(f"batch_size: got {batch_size}, expected 1 or more")
    run = _Run(corpus, embed, watcher, float(duration_seconds), sample_rate_hz, batch_size)
    full_key = f"{key} | {float(duration_seconds)!r} s | {sample_rate_hz} Hz | decoding {DECODING_VERSION}"
    try:
        return run.through(full_key, cache, look_up=True)
    except _LengthConflictError:
        _log.warning("stored vectors of %r differ in length from what it computes; computing all again", key)
        return run.through(full_key, cache, look_up=False)


class _LengthConflictError(Exception):
    """The cache holds vectors of another length than the embedding gives: one key was used for two embeddings."""


@dataclass(frozen=True)
class _Run:
    """One pass of an embedding over a corpus."""

    corpus: Corpus
    embed: Embed
    watcher: Watcher | None
    duration_seconds: float
    sample_rate_hz: int
    batch_size: int

    def through(self, key: str, cache: EmbeddingCache | None, look_up: bool) -> Embeddings:
        sounds: list[Sound] = []
        contents: list[str] = []
        vectors = torch.zeros(0, 0)
        computed = done = 0
        with self.corpus.reading() as reading:
            for start in range(0, len(self.corpus), LOOKUP_SOUNDS):
                chunk = self.corpus.sounds[start : start + LOOKUP_SOUNDS]
                hashed = {sound.name: content for sound in chunk if (content := reading.content(sound)) is not None}
                stored = cache.get_many(key, hashed.values()) if cache is not None and look_up else {}
                dimension = vectors.shape[1] or _commonest_length(stored)
                rows = {
                    name: (content, stored[content])
                    for name, content in hashed.items()
                    if content in stored and len(stored[content]) == dimension
                }
                done += len(chunk) - len(hashed) + len(rows)
                self._report(done)
                missing = [sound for sound in chunk if sound.name in hashed and sound.name not in rows]
                for fresh in self._computed(reading, missing, dimension if look_up else 0):
                    if cache is not None:
                        cache.put_many(key, dict(fresh.values()))
                    rows.update(fresh)
                    computed += len(fresh)
                    self._report(done + len(fresh))
                    done += len(fresh)
                if rows and not vectors.shape[1]:
                    # Room for all at once: joining chunks at the end would hold every vector twice.
                    vectors = torch.empty(len(self.corpus), len(next(iter(rows.values()))[1]))
                for sound in chunk:
                    if sound.name in rows:
                        content, vector = rows[sound.name]
                        vectors[len(sounds)] = torch.from_numpy(vector)
                        sounds.append(sound)
                        contents.append(content)
        if not sounds:
            raise self.corpus.unusable()
        self._report(len(self.corpus))
        return Embeddings(tuple(sounds), tuple(contents), vectors[: len(sounds)], computed)

    def _computed(
        self, reading: Reading, sounds: Sequence[Sound], dimension: int
    ) -> Iterator[dict[str, tuple[str, Vector]]]:
        """Yields content and vector of each sound by name, batch by batch."""
        for clips in reading.clips(sounds, self.duration_seconds, self.sample_rate_hz, None, self.batch_size):
            vectors = self.embed(clips.audio).detach().cpu().to(torch.float32)
            if vectors.ndim != 2 or len(vectors) != len(clips.sounds) or not vectors.shape[1]:
                shape = tuple(vectors.shape)
                raise ArgumentError(f"embed: returned shape {shape} for {len(clips.sounds)} sounds; one row each")
            if dimension and vectors.shape[1] != dimension:
                raise _LengthConflictError
            yield {
                sound.name: (content, vector)
                for sound, content, vector in zip(clips.sounds, clips.content, vectors.numpy(), strict=True)
            }

    def _report(self, done: int) -> None:
        if self.watcher is not None:
            self.watcher(min(done, len(self.corpus)), len(self.corpus))


def _prepare(connection: sqlite3.Connection) -> None:
    """Makes the table and switches to write-ahead logging, so that readers never wait for a writer."""
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        # Two processes that make the file at once may refuse each other the switch; it is the other's then.
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            _log.debug("write-ahead logging not switched on: %s", error)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(_CREATE)


def _commonest_length(vectors: Mapping[str, Vector]) -> int:
    """Returns the length that most of the vectors have; 0 where there are none."""
    lengths = Counter(len(vector) for vector in vectors.values())
    return lengths.most_common(1)[0][0] if lengths else 0
