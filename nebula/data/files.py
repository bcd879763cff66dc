"""Sounds on disk: a file for each, or tar shards of many, in memory that does not grow with their number.

Every file is written aside and renamed, and says what made it; the same call again leaves alone what is there already.
While the sounds of one block are encoded and written, on every core that torch may use, the next ones are rendered.
"""

import hashlib
import io
import json
import re
import tarfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np
import soundfile
import torch

from nebula.audio import encoded
from nebula.data import FORMATS
from nebula.draws import SEED_LIMIT
from nebula.errors import ArgumentError
from nebula.files import remove_unfinished, write_whole, writing_whole
from nebula.nebulae import Nebula
from nebula.synths import Player
from nebula.synths.voice import VOICE
from nebula.watching import Watcher

# Sounds rendered at a time: their audio takes 22 MB, however many are asked for, and two blocks are in memory.
_BLOCK_SOUNDS = 32

_Made = TypeVar("_Made")


def export(
    nebula: Nebula,
    seeds: range,
    folder: Path,
    player: Player,
    format: str = "flac",  # noqa: A002 - the option's name, and soundfile's
    shard_sounds: int = 1000,
    watcher: Watcher | None = None,
) -> None:
    """Writes the sounds of these seeds, 24 bit, with their unit parameters.

    `flac` and `wav` write a file for each sound, `NEBULA-SEED.flac`, and `parameters.csv`. `tar` writes shards,
    `NEBULA-NUMBER.tar`, in each the pairs `SEED.flac` and `SEED.json` in the order of seeds, as WebDataset reads them.

    Args:
        nebula: What to draw from.
        seeds: Consecutive seeds in [0, 2**32), at least one.
        folder: Where files go; made if missing. Files that this very call has written before are left alone. One call
            at a time writes into a folder.
        player: What renders; its rate must be an integer.
        format: One of `FORMATS`.
        shard_sounds: Sounds in a shard, at least 1.
        watcher: Told the number of sounds done and in all.

    Raises:
        ArgumentError: An argument is outside what is allowed.
        OSError: A file cannot be written.
    """
    if format not in FORMATS:
        raise ArgumentError(f"format: got {format!r}, expected one of {', '.join(FORMATS)}")
    if shard_sounds < 1:
        raise ArgumentError(f"shard_sounds: got {shard_sounds}, expected 1 or more")
    if seeds.step != 1 or not seeds or seeds[0] < 0 or seeds[-1] >= SEED_LIMIT:
        raise ArgumentError(f"seeds: got {seeds}, expected consecutive integers from 0 to {SEED_LIMIT - 1}")
    if not float(player.timeline.sample_rate_hz).is_integer():
        raise ArgumentError(f"sample_rate_hz: got {player.timeline.sample_rate_hz}, which no file can state")
    folder.mkdir(parents=True, exist_ok=True)
    remove_unfinished(folder)
    job = _Job(nebula, player, seeds)
    write = _write_shards(job, folder, shard_sounds) if format == "tar" else _write_files(job, folder, format)
    done = 0
    for written in write:
        done += written
        if watcher:
            watcher(done, len(seeds))


class _Job:
    """What the sounds are, and how they are encoded."""

    def __init__(self, nebula: Nebula, player: Player, seeds: range) -> None:
        self.nebula, self.player, self.seeds = nebula, player, seeds
        self.digits = len(str(seeds[-1]))
        #: What files are called: the nebula's name without what paths are made of.
        self.stem = re.sub(r"[^\w. -]+", "-", nebula.name)
        timeline = player.timeline
        made_of: tuple[object, ...] = (
            nebula.curves,
            nebula.symmetric,
            timeline.sample_rate_hz,
            timeline.samples,
            timeline.control_samples,
        )
        if nebula.correlation is not None:
            made_of += (nebula.correlation.loadings,)
        if nebula.is_two_sided:
            made_of += (nebula.falls,)
        if nebula.others:
            made_of += (nebula.to_json(),)
        if player.synth is not VOICE:
            made_of += (player.synth.name,)
        #: Equal for equal sounds of equal seeds.
        self.identity = hashlib.sha256(repr(made_of).encode()).hexdigest()[:16]

    def comment(self, seed: int) -> str:
        """Returns what a sound's file says about itself."""
        return f"nebula {self.identity} seed {seed}"

    def encode(self, sound: np.ndarray, seed: int, format_: str) -> bytes:
        """Returns the content of a sound's file."""
        rate = int(self.player.timeline.sample_rate_hz)
        return encoded(sound, rate, format_, bits=24, comment=self.comment(seed))

    def make(
        self, blocks: Iterable[Sequence[int]], finish: Callable[[np.ndarray, int], _Made]
    ) -> Iterator[list[_Made]]:
        """Yields for each block of seeds what became of its sounds; the next block is rendered meanwhile.

        Args:
            blocks: Some seeds each, or none.
            finish: Turns a sound and its seed into what is yielded; called on several threads.
        """
        ahead: Iterator[_Made] | None = None
        with ThreadPoolExecutor(torch.get_num_threads()) as pool:
            for block in blocks:
                with torch.no_grad():
                    audio = self.player.play(block, self.nebula).cpu().numpy()
                finishing = pool.map(finish, audio, block)
                if ahead is not None:
                    yield list(ahead)
                ahead = finishing
            if ahead is not None:
                yield list(ahead)


def _blocks(seeds: range) -> list[range]:
    return [seeds[first : first + _BLOCK_SOUNDS] for first in range(0, len(seeds), _BLOCK_SOUNDS)]


def _write_files(job: _Job, folder: Path, format_: str) -> Iterator[int]:
    """Writes a file for each sound; yields how many sounds were dealt with since the last time."""

    def path(seed: int) -> Path:
        return folder / f"{job.stem}-{seed:0{job.digits}}.{format_}"

    def write(sound: np.ndarray, seed: int) -> None:
        write_whole(path(seed), job.encode(sound, seed, format_))

    blocks = _blocks(job.seeds)
    missing = ([seed for seed in block if not _holds(path(seed), job.comment(seed))] for block in blocks)
    with writing_whole(folder / "parameters.csv") as table:
        table.write(f"file,seed,{','.join(parameter.path for parameter in job.player.synth.parameters)}\n".encode())
        for block, _ in zip(blocks, job.make(missing, write), strict=True):
            for seed, unit in zip(block, job.player.synth.sample(block).numpy(), strict=True):
                table.write(f"{path(seed).name},{seed},{','.join(f'{value:.9g}' for value in unit)}\n".encode())
            yield len(block)


def _write_shards(job: _Job, folder: Path, shard_sounds: int) -> Iterator[int]:
    """Writes shards; yields how many sounds were dealt with since the last time."""
    digits = max(6, len(str((len(job.seeds) - 1) // shard_sounds)))
    for number, first in enumerate(range(0, len(job.seeds), shard_sounds)):
        seeds = job.seeds[first : first + shard_sounds]
        path = folder / f"{job.stem}-{number:0{digits}}.tar"
        if _holds_shard(path, job, seeds):
            yield len(seeds)
            continue
        blocks = _blocks(seeds)
        made = job.make(blocks, lambda sound, seed: job.encode(sound, seed, "flac"))
        with writing_whole(path) as file, tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as shard:
            for block, contents in zip(blocks, made, strict=True):
                for seed, content, unit in zip(block, contents, job.player.synth.sample(block).numpy(), strict=True):
                    _add_pair(shard, job, seed, content, unit)
                yield len(block)


def _add_pair(shard: tarfile.TarFile, job: _Job, seed: int, content: bytes, unit: np.ndarray) -> None:
    paths = job.player.synth.panel.paths
    about = {
        "made_by": job.comment(seed),
        "seed": seed,
        "nebula": job.nebula.name,
        "sample_rate_hz": int(job.player.timeline.sample_rate_hz),
        "unit_parameters": {path: float(f"{value:.9g}") for path, value in zip(paths, unit, strict=True)},
    }
    for suffix, data in (("flac", content), ("json", json.dumps(about).encode())):
        member = tarfile.TarInfo(f"{seed:0{job.digits}}.{suffix}")
        member.size = len(data)
        shard.addfile(member, io.BytesIO(data))


def _holds(path: Path, comment: str) -> bool:
    """Whether a file is there and says that it is this sound."""
    try:
        with soundfile.SoundFile(path) as file:
            return bool(file.comment == comment)
    except soundfile.LibsndfileError:
        return False


def _holds_shard(path: Path, job: _Job, seeds: range) -> bool:
    """Whether a shard is there and says that it holds these sounds."""
    try:
        with tarfile.open(path, "r:") as shard:
            names = shard.getnames()
            expected = [f"{seed:0{job.digits}}.{suffix}" for seed in seeds for suffix in ("flac", "json")]
            file = shard.extractfile(names[1]) if names == expected else None
            return file is not None and json.load(file)["made_by"] == job.comment(seeds[0])
    except (FileNotFoundError, tarfile.TarError, ValueError, KeyError):
        return False
