"""Corpora: sounds in a folder, a zip or a file, listed at once and decoded only as they stream by."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BufferedIOBase
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from nebula.audio.decode import Change, Decoded, decoded, sample_count
from nebula.audio.labels import labels_of
from nebula.audio.loudness import align_loudness
from nebula.audio.sources import Source, source_at
from nebula.audio.splits import first_part
from nebula.errors import ArgumentError, CorpusError, SoundError
from nebula.tensors import Float, Tensor, torch

#: How many reasons an error repeats when no sound of a corpus can be used.
REASONS_SHOWN = 3

#: What no two sounds on different sides of a split share: the take's `group`, or the `corpus`, which is the library.
HoldOut = Literal["group", "corpus"]

_HASH_BLOCK_BYTES = 2**20
_NO_LABELS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Sound:
    """One sound of a corpus: its path within it and what is known about it."""

    name: str
    labels: Mapping[str, str] = field(default_factory=lambda: _NO_LABELS, hash=False)

    @property
    def group(self) -> tuple[str, ...]:
        """What it shares with other takes of the same thing: its `group`, else its `ordering_group`, else its own name.

        Ordering groups of different `corpus` or `author` are different; two libraries may use one name. A `group` is
        taken at its word, since it may hold sounds of several libraries together.
        """
        if "group" in self.labels:
            return ("group", self.labels["group"])
        if "ordering_group" in self.labels:
            return tuple(self.labels.get(part, "") for part in ("corpus", "author", "ordering_group"))
        return (self.name,)

    def kept_with(self, by: HoldOut = "group") -> tuple[str, ...]:
        """Returns what it shares with the sounds that stay on its side of a split: its group, or its library.

        Raises:
            ArgumentError: `by` is `corpus` and nothing says which library it is of.
        """
        if by == "group":
            return self.group
        if "corpus" not in self.labels:
            raise ArgumentError(f"by: got 'corpus', expected a label that every sound has; {self.name} has none")
        return (self.labels["corpus"],)

    def __post_init__(self) -> None:
        if not isinstance(self.labels, MappingProxyType):
            object.__setattr__(self, "labels", MappingProxyType(dict(self.labels)) if self.labels else _NO_LABELS)

    def __reduce__(self) -> tuple[type["Sound"], tuple[str, dict[str, str]]]:
        return type(self), (self.name, dict(self.labels))  # read-only mappings cannot be pickled


@dataclass(frozen=True, slots=True)
class Skipped:
    """A sound, or a folder of sounds, that was passed over, and why."""

    name: str
    reason: str


@dataclass(frozen=True, eq=False)
class Clips:
    """A batch of sounds at one length: row i of `audio` is `sounds[i]`, and `content[i]` its file's SHA-256."""

    sounds: tuple[Sound, ...]
    content: tuple[str, ...]
    audio: Float[Tensor, "batch time"]


class Corpus:
    """The sounds of a folder, a zip or a single file, sorted by path.

    Opening lists names and labels; audio is read as it is asked for, and only one batch is held. Sounds that cannot be
    used are passed over and recorded in `skipped`.
    """

    def __init__(self, source: Source, sounds: Iterable[Sound], name: str, remarks: Iterable[str] = ()) -> None:
        self.sounds = tuple(sounds)
        self.name = name
        self._source = source
        self._remarks = tuple(remarks)
        self._skipped = dict(source.unreadable)
        self._changed: dict[Change, dict[str, str]] = {}

    @classmethod
    def open(cls, path: str | os.PathLike[str], labels: str | os.PathLike[str] | None = None) -> "Corpus":
        """Returns the corpus at a path.

        Args:
            path: a folder (searched through all its subfolders), a zip, or one sound file. WAV, FLAC, Ogg Vorbis and
                Opus, MP3, AIFF, AU, CAF and W64 are read; what is called like a sound of other formats is skipped with
                a reason, and other names, hidden ones and `__MACOSX` are passed over.
            labels: a csv with a column of paths. None looks for `manifest.csv` in the folder and its parent, and for
                the layouts of the data sets in `nebula.audio.labels`.

        Raises:
            CorpusError: nothing is there, nothing in it is a sound, it cannot be read, or a zip is unsafe.

        Example:
            >>> Corpus.open("no such folder")
            Traceback (most recent call last):
            nebula.errors.CorpusError: no such folder: does not exist; give a folder, a zip or a sound file
        """
        source = source_at(path)
        known = labels_of(source, None if labels is None else Path(labels))
        sounds = (Sound(name, known.labels.get(name, _NO_LABELS)) for name in source.names)
        return cls(source, sounds, source.name, known.remarks)

    def __len__(self) -> int:
        return len(self.sounds)

    def __repr__(self) -> str:
        return f"<Corpus {self.name!r}: {len(self)} sounds at {self._source.path}>"

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """What has been passed over so far, each name once, in the order it was met."""
        return tuple(Skipped(name, reason) for name, reason in self._skipped.items())

    @property
    def remarks(self) -> tuple[str, ...]:
        """What one should know about the sounds that are used, a sentence each.

        Which labels were guessed; and how many sounds have been changed so far so that they could be used: trimmed to
        their onset, heard in one channel, broken off. Sounds whose vectors a cache has are not read, and not counted.
        """
        changed = []
        for change, sounds in self._changed.items():
            name, how = next(iter(sounds.items()))
            changed.append(change.remark(len(sounds), name, how))
        return (*self._remarks, *changed)

    def audio(
        self,
        duration_seconds: float = 4.0,
        sample_rate_hz: int = 44100,
        loudness_lufs: float | None = -23.0,
        batch_size: int = 32,
    ) -> Iterator[Clips]:
        """Yields all sounds that can be used, in batches, mono, at one rate, length and loudness.

        Channels are averaged, unless they cancel each other; what is silent beyond the duration begins at its onset.
        The rate is changed by soxr at its "VHQ" quality, longer sounds are cut and shorter ones followed by zeros.
        Each file is hashed whole but decoded no further than the duration, unless all of that is silent.

        Args:
            duration_seconds: length of every clip.
            sample_rate_hz: rate of every clip.
            loudness_lufs: integrated loudness of every clip, as `align_loudness` measures it before zeros are added.
                None leaves levels as they are.
            batch_size: most sounds held at a time.

        Raises:
            ArgumentError: an argument is outside what is allowed.
            CorpusError: not a single sound can be used.
        """
        if batch_size < 1:
            raise ArgumentError(f"batch_size: got {batch_size}, expected 1 or more")
        sample_count(duration_seconds, sample_rate_hz)
        return self._audio(duration_seconds, sample_rate_hz, loudness_lufs, batch_size)

    def fingerprint(self) -> str:
        """Returns a SHA-256 of what the files hold, whatever they are called and wherever they lie."""
        digest = hashlib.sha256()
        with self.reading() as reading:
            contents = [content for sound in self.sounds if (content := reading.content(sound)) is not None]
        if not contents:
            raise self.unusable()
        for content in sorted(contents):
            digest.update(bytes.fromhex(content))
        return digest.hexdigest()

    def subset(self, names: Iterable[str]) -> "Corpus":
        """Returns the corpus of the named sounds only, in this corpus's order.

        Raises:
            ArgumentError: there are no names, or one is not of this corpus.
        """
        wanted = set(names)
        unknown = wanted.difference(sound.name for sound in self.sounds)
        if unknown:
            raise ArgumentError(f"names: {min(unknown)!r} is not a sound of corpus {self.name}")
        if not wanted:
            raise ArgumentError("names: is empty; a corpus has at least one sound")
        chosen = (sound for sound in self.sounds if sound.name in wanted)
        return Corpus(self._source, chosen, f"{self.name} ({len(wanted)} of {len(self)})", self._remarks)

    def split(self, fraction: float = 0.5, seed: int = 0, by: HoldOut = "group") -> tuple["Corpus", "Corpus"]:
        """Returns two corpora that share no group and together are this one, the first with `fraction` of the sounds.

        A group is what the label `group` says, else `ordering_group`; a corpus that has neither guesses groups from
        names, and says so in `remarks`. By `corpus` no library is on both sides, which is stricter: what holds then
        holds for recordings of others.

        Every top-level subfolder (by `corpus`, the whole) is split in that proportion, or short of it where the next
        group would not fit: takes of one hit stay on one side, or the second part would hold what the first has heard.
        Which side a sound falls on depends on names, groups and the seed alone, through a hash, so the split is the
        same on every machine and Python.

        Args:
            fraction: share of the first, above 0 and below 1; each side has at least one sound.
            seed: another seed gives another split.
            by: what no two sounds on different sides share, as `Sound.kept_with` has it.

        Raises:
            ArgumentError: `fraction` is not between 0 and 1, all sounds are of one group, or one has no `corpus`.
        """
        if not 0 < fraction < 1:
            raise ArgumentError(f"fraction: got {fraction}, expected a number above 0 and below 1")
        if len(self) < 2:
            raise ArgumentError(f"corpus {self.name}: has a single sound, which cannot be split")
        groups: dict[tuple[str, ...], list[str]] = {}
        for sound in self.sounds:
            groups.setdefault(sound.kept_with(by), []).append(sound.name)
        if len(groups) < 2:
            raise ArgumentError(f"corpus {self.name}: has a single {by} of {len(self)} sounds, which cannot be split")
        first = first_part(list(groups.values()), fraction, seed, by_folder=by == "group")
        parts = [sound for sound in self.sounds if sound.name in first]
        others = [sound for sound in self.sounds if sound.name not in first]
        return (
            Corpus(self._source, parts, f"{self.name} (first part)", self._remarks),
            Corpus(self._source, others, f"{self.name} (second part)", self._remarks),
        )

    @contextmanager
    def reading(self) -> Iterator["Reading"]:
        """Gives one pass over the sounds, for callers that choose which of them to decode."""
        with self._source.reader() as open_sound:
            yield Reading(open_sound, self._skipped, self._changed)

    def unusable(self) -> CorpusError:
        """Returns the error that says why not a single sound could be used."""
        shown = [f"{name} {reason}" for name, reason in list(self._skipped.items())[:REASONS_SHOWN]]
        if len(self._skipped) > REASONS_SHOWN:
            shown.append(f"and {len(self._skipped) - REASONS_SHOWN} more")
        return CorpusError(f"{self._source.path}: none of its {len(self)} sounds can be used: {'; '.join(shown)}")

    def _audio(
        self, duration_seconds: float, sample_rate_hz: int, loudness_lufs: float | None, batch_size: int
    ) -> Iterator[Clips]:
        found = False
        with self.reading() as reading:
            for clips in reading.clips(self.sounds, duration_seconds, sample_rate_hz, loudness_lufs, batch_size):
                found = True
                yield clips
        if not found:
            raise self.unusable()


class Reading:
    """One pass over a corpus with its files at hand; sounds that cannot be used are recorded and passed over."""

    def __init__(
        self,
        open_sound: Callable[[str], BufferedIOBase],
        skipped: dict[str, str],
        changed: dict[Change, dict[str, str]],
    ) -> None:
        self._open = open_sound
        self._skipped = skipped
        self._changed = changed

    def reason(self, sound: Sound) -> str:
        """Returns why a sound cannot be used, once that was tried; empty where it can."""
        return self._skipped.get(sound.name, "")

    def changes(self, sound: Sound) -> dict[Change, str]:
        """Returns what was done to a sound so that it can be used, once it was read: a sentence's end by kind."""
        return {change: sounds[sound.name] for change, sounds in self._changed.items() if sound.name in sounds}

    def content(self, sound: Sound) -> str | None:
        """Returns the SHA-256 of a sound's file, without decoding it; None where it cannot be read."""
        with self._recorded(sound), self._open(sound.name) as file:
            return _content_hash(file, sound.name)
        return None

    def samples(
        self, sound: Sound, sample_rate_hz: int, duration_seconds: float | None = None
    ) -> Float[Tensor, " time"] | None:
        """Returns a sound as `decode` does, at its own length and level; None where it cannot be used."""
        with self._recorded(sound), self._open(sound.name) as file:
            return self._decoded(file, sound, sample_rate_hz, duration_seconds).audio
        return None

    def unmixed(self, sound: Sound, sample_rate_hz: int, duration_seconds: float | None = None) -> Decoded | None:
        """Returns a sound with its own channels, as `decoded` does unless they are mixed; None where it cannot."""
        with self._recorded(sound), self._open(sound.name) as file:
            return self._decoded(file, sound, sample_rate_hz, duration_seconds, mixed=False)
        return None

    def clips(
        self,
        sounds: Iterable[Sound],
        duration_seconds: float,
        sample_rate_hz: int,
        loudness_lufs: float | None,
        batch_size: int,
    ) -> Iterator[Clips]:
        """Yields those of the sounds that can be used, as `Corpus.audio` does."""
        samples = sample_count(duration_seconds, sample_rate_hz)
        audio = torch.zeros(batch_size, samples)
        good: list[tuple[Sound, str]] = []
        for sound in sounds:
            with self._recorded(sound), self._open(sound.name) as file:
                # Hashing reads the whole file first, so a failing disk is met here and not inside libsndfile.
                content = _content_hash(file, sound.name)
                mono = self._decoded(file, sound, sample_rate_hz, duration_seconds).audio
                if loudness_lufs is not None:
                    mono = align_loudness(mono, sample_rate_hz, loudness_lufs)
                audio[len(good), : len(mono)] = mono
                good.append((sound, content))
            if len(good) == batch_size:
                yield _batch(good, audio)
                # The consumer may keep what it was given, so every batch has its own memory.
                audio = torch.zeros(batch_size, samples)
                good = []
        if good:
            yield _batch(good, audio[: len(good)])

    def _decoded(
        self,
        file: BufferedIOBase,
        sound: Sound,
        sample_rate_hz: int,
        duration_seconds: float | None,
        mixed: bool = True,
    ) -> Decoded:
        found = decoded(file, sample_rate_hz, duration_seconds, sound.name, mixed)
        for change, how in found.changes:
            self._changed.setdefault(change, {})[sound.name] = how
        return found

    @contextmanager
    def _recorded(self, sound: Sound) -> Iterator[None]:
        try:
            yield
        except SoundError as error:
            self._skipped.setdefault(sound.name, str(error).removeprefix(f"{sound.name}: "))


def _batch(good: list[tuple[Sound, str]], audio: Float[Tensor, "batch time"]) -> Clips:
    return Clips(tuple(sound for sound, _ in good), tuple(content for _, content in good), audio)


def _content_hash(file: BufferedIOBase, name: str) -> str:
    digest = hashlib.sha256()
    try:
        file.seek(0)
        while block := file.read(_HASH_BLOCK_BYTES):
            digest.update(block)
    except OSError as error:
        raise SoundError(f"{name}: cannot be read ({error.strerror})") from error
    return digest.hexdigest()
