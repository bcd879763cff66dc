"""Sounds on disk: a file for each, or tar shards of many, in memory that does not grow with their number.

Every file is written aside and renamed, and says what made it; the same call again leaves alone what is there already.
While the sounds of one block are encoded and written, on every core that torch may use, the next ones are rendered.
"""

import hashlib
import io
import itertools
import json
import re
import tarfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import soundfile
import torch
from jaxtyping import Float
from torch import Tensor

from nebula.data.encoding import Encoding
from nebula.draws import SEED_LIMIT, sample_pairs
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
    delta: float | None = None,
    samples: str | None = None,
    level: int | None = None,
) -> None:
    """Writes the sounds of these seeds with their unit parameters.

    `flac` and `wav` write a file for each sound, `NEBULA-SEED.flac`, and `parameters.csv`. `tar` writes shards,
    `NEBULA-NUMBER.tar`, in each `SEED.flac` and `SEED.json` in the order of seeds, as WebDataset reads them, `tar-wav`
    and `tar-npy` the same with `SEED.wav` or `SEED.npy`, an array of NumPy's. With a delta each seed has two sounds,
    `NEBULA-SEED.first.flac` and `NEBULA-SEED.second.flac`, or in shards `SEED.first.flac` and `SEED.second.flac`; the
    parameters of both are rows of `parameters.csv`, or a list in `SEED.json`.

    Args:
        nebula: What to draw from.
        seeds: Consecutive seeds in [0, 2**32), at least one.
        folder: Where files go; made if missing. Files that this very call has written before are left alone. One call
            at a time writes into a folder.
        player: What renders; its rate must be an integer.
        format: One of `FORMATS`.
        shard_sounds: Seeds in a shard, at least 1.
        watcher: Told the number of seeds done and in all.
        delta: How far the two sounds of a pair are from the seed's draw, see `Pairs`; None for single sounds.
        samples: Of the sounds: `pcm24`, what FLAC and WAV have if None, or `pcm16`; in WAV also `float32`; `float16`,
            what NumPy's arrays have if None, or `float32`.
        level: Of FLAC's compression, from 0, fastest, to 8, smallest; 5 if None.

    Raises:
        ArgumentError: An argument is outside what is allowed.
        OSError: A file cannot be written.
    """
    encoding = Encoding(format, samples, level)
    if shard_sounds < 1:
        raise ArgumentError(f"shard_sounds: got {shard_sounds}, expected 1 or more")
    if seeds.step != 1 or not seeds or seeds[0] < 0 or seeds[-1] >= SEED_LIMIT:
        raise ArgumentError(f"seeds: got {seeds}, expected consecutive integers from 0 to {SEED_LIMIT - 1}")
    if not float(player.timeline.sample_rate_hz).is_integer():
        raise ArgumentError(f"sample_rate_hz: got {player.timeline.sample_rate_hz}, which no file can state")
    folder.mkdir(parents=True, exist_ok=True)
    remove_unfinished(folder)
    job = _Job(nebula, player, seeds, delta, encoding)
    write = _write_shards(job, folder, shard_sounds) if encoding.is_sharded else _write_files(job, folder)
    done = 0
    for written in write:
        done += written
        if watcher:
            watcher(done, len(seeds))


class _Job:
    """What the sounds are, and how they are encoded."""

    def __init__(self, nebula: Nebula, player: Player, seeds: range, delta: float | None, encoding: Encoding) -> None:
        self.nebula, self.player, self.seeds, self.delta, self.encoding = nebula, player, seeds, delta, encoding
        #: What tells a seed's sounds apart in the names of their files.
        self.members: tuple[str, ...] = ("",) if delta is None else (".first", ".second")
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
        if delta is not None:
            made_of += ("pairs", delta)
        if encoding.unusual is not None:
            made_of += encoding.unusual
        #: Equal for equal files of equal seeds.
        self.identity = hashlib.sha256(repr(made_of).encode()).hexdigest()[:16]

    @property
    def suffixes(self) -> tuple[str, ...]:
        """What a shard holds for each seed: endings of its names behind the seed."""
        return (*(f"{member}.{self.encoding.suffix}".lstrip(".") for member in self.members), "json")

    def comment(self, seed: int, member: str = "") -> str:
        """Returns what a sound's file says about itself."""
        return f"nebula {self.identity} seed {seed}{member.replace('.', ' ')}"

    def encode(self, sounds: np.ndarray, seed: int) -> list[bytes]:
        """Returns the contents of the files of a seed's sounds, (member, time)."""
        rate = int(self.player.timeline.sample_rate_hz)
        return [
            self.encoding.encode(sound, rate, self.comment(seed, member))
            for sound, member in zip(sounds, self.members, strict=True)
        ]

    def units(self, seeds: Sequence[int]) -> np.ndarray:
        """Returns unit parameters, (seed, member, parameter)."""
        synth = self.player.synth
        drawn = synth.sample(seeds)[:, None] if self.delta is None else sample_pairs(synth.panel, seeds, self.delta)
        return drawn.numpy()

    def blocks(self, seeds: range) -> list[range]:
        """Returns seeds in parts that are rendered at a time."""
        size = _BLOCK_SOUNDS // len(self.members)
        return [seeds[first : first + size] for first in range(0, len(seeds), size)]

    def make(
        self, blocks: Iterable[Sequence[int]], finish: Callable[[np.ndarray, int], _Made]
    ) -> Iterator[list[_Made]]:
        """Yields for each block of seeds what became of its sounds; the next block is rendered meanwhile.

        Args:
            blocks: Some seeds each, or none.
            finish: Turns the sounds of a seed, (member, time), and the seed into what is yielded; called on several
                threads.
        """
        ahead: Iterator[_Made] | None = None
        with ThreadPoolExecutor(torch.get_num_threads()) as pool:
            for block in blocks:
                with torch.no_grad():
                    audio = self._audio(block).cpu().numpy()
                finishing = pool.map(finish, audio, block)
                if ahead is not None:
                    yield list(ahead)
                ahead = finishing
            if ahead is not None:
                yield list(ahead)

    def _audio(self, seeds: Sequence[int]) -> Float[Tensor, "seed member time"]:
        if self.delta is None:
            return self.player.play(seeds, self.nebula)[:, None]
        return self.player.play_pairs(seeds, self.nebula, self.delta)


def _write_files(job: _Job, folder: Path) -> Iterator[int]:
    """Writes a file for each sound; yields how many seeds were dealt with since the last time."""

    def path(seed: int, member: str) -> Path:
        return folder / f"{job.stem}-{seed:0{job.digits}}{member}.{job.encoding.suffix}"

    def write(sounds: np.ndarray, seed: int) -> None:
        for content, member in zip(job.encode(sounds, seed), job.members, strict=True):
            write_whole(path(seed, member), content)

    def there(seed: int) -> bool:
        return all(_holds(path(seed, member), job.comment(seed, member)) for member in job.members)

    blocks = job.blocks(job.seeds)
    missing = ([seed for seed in block if not there(seed)] for block in blocks)
    with writing_whole(folder / "parameters.csv") as table:
        table.write(f"file,seed,{','.join(parameter.path for parameter in job.player.synth.parameters)}\n".encode())
        for block, _ in zip(blocks, job.make(missing, write), strict=True):
            for seed, units in zip(block, job.units(block), strict=True):
                for member, unit in zip(job.members, units, strict=True):
                    values = ",".join(f"{value:.9g}" for value in unit)
                    table.write(f"{path(seed, member).name},{seed},{values}\n".encode())
            yield len(block)


def _write_shards(job: _Job, folder: Path, shard_sounds: int) -> Iterator[int]:
    """Writes shards; yields how many seeds were dealt with since the last time."""
    # What is missing is found out while the ones before are made.
    shards, ahead = itertools.tee(_shards(job, folder, shard_sounds))
    made = job.make((block for shard in ahead if not shard.is_whole for block in job.blocks(shard.seeds)), job.encode)
    # The disk takes as long for a shard as many sounds take: they are made meanwhile.
    with ThreadPoolExecutor(1) as disk:
        written: Future[None] | None = None
        for shard in shards:
            if shard.is_whole:
                yield len(shard.seeds)
                continue
            with ExitStack() as stack:
                file = stack.enter_context(writing_whole(shard.path))
                tar = stack.enter_context(tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT))
                for block in job.blocks(shard.seeds):
                    for seed, sounds, units in zip(block, next(made), job.units(block), strict=True):
                        _add(tar, job, seed, sounds, units)
                    yield len(block)
                if written is not None:
                    written.result()
                written = disk.submit(stack.pop_all().close)
        if written is not None:
            written.result()


@dataclass(frozen=True)
class _Shard:
    """A shard, and whether it is there."""

    path: Path
    seeds: range
    is_whole: bool


def _shards(job: _Job, folder: Path, shard_sounds: int) -> Iterator[_Shard]:
    digits = max(6, len(str((len(job.seeds) - 1) // shard_sounds)))
    for number, first in enumerate(range(0, len(job.seeds), shard_sounds)):
        seeds = job.seeds[first : first + shard_sounds]
        path = folder / f"{job.stem}-{number:0{digits}}.tar"
        yield _Shard(path, seeds, _holds_shard(path, job, seeds))


def _add(shard: tarfile.TarFile, job: _Job, seed: int, sounds: Sequence[bytes], units: np.ndarray) -> None:
    paths = job.player.synth.panel.paths
    settings = [{path: float(f"{value:.9g}") for path, value in zip(paths, unit, strict=True)} for unit in units]
    about = {
        "made_by": job.comment(seed),
        "seed": seed,
        "nebula": job.nebula.name,
        "sample_rate_hz": int(job.player.timeline.sample_rate_hz),
        "unit_parameters": settings[0] if job.delta is None else settings,
    }
    if job.delta is not None:
        about["delta"] = job.delta
    for suffix, data in zip(job.suffixes, (*sounds, json.dumps(about).encode()), strict=True):
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
            expected = [f"{seed:0{job.digits}}.{suffix}" for seed in seeds for suffix in job.suffixes]
            file = shard.extractfile(names[len(job.suffixes) - 1]) if names == expected else None
            return file is not None and json.load(file)["made_by"] == job.comment(seeds[0])
    except (FileNotFoundError, tarfile.TarError, ValueError, KeyError):
        return False
