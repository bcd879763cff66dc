"""What an export will take, before it is begun."""

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from nebula.data.files import export
from nebula.nebulae import Nebula
from nebula.synths import Player

# Seeds that are rendered to find out: enough that all cores are busy, and within a second or so.
_TRIED_SEEDS = 128

# Seeds before these, after which loops are compiled and memory is there.
_WARMING_SEEDS = 32


@dataclass(frozen=True)
class ExportEstimate:
    """What an export takes, by its first sounds.

    Args:
        size_bytes: Of all its files.
        seconds: From beginning to end, where nothing is there yet and the disk keeps up.
        sounds_per_second: How many are rendered and encoded in a second.
    """

    size_bytes: int
    seconds: float
    sounds_per_second: float


def estimate(
    nebula: Nebula,
    seeds: range,
    player: Player,
    format: str = "flac",  # noqa: A002 - the option's name
    shard_sounds: int = 1000,
    delta: float | None = None,
    samples: str | None = None,
    level: int | None = None,
) -> ExportEstimate:
    """Returns what `export` with these arguments will take; some of its first sounds are written aside for it.

    Raises:
        ArgumentError: An argument is outside what `export` allows.
        OSError: A temporary file cannot be written.
    """
    first = seeds[:_TRIED_SEEDS]
    with tempfile.TemporaryDirectory() as folder:
        for name, part in (("warm", first[:_WARMING_SEEDS]), ("tried", first)):
            began = time.perf_counter()
            export(nebula, part, Path(folder) / name, player, format, shard_sounds, None, delta, samples, level)
        seconds = time.perf_counter() - began
        size_bytes = sum(path.stat().st_size for path in (Path(folder) / "tried").iterdir())
    parts = len(seeds) / len(first)
    sounds = len(first) * (1 if delta is None else 2)
    return ExportEstimate(round(size_bytes * parts), seconds * parts, sounds / seconds)
