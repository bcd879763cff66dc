"""Rendering what a test plays: sounds with fresh seeds, aligned in time within each trial and in level over all.

Recordings keep their channels, and nebulae are mono. All sounds of a test are played in one number of channels, which
those have that are not mono; mono ones are played on all.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any, TypeVar

from nebula import Corpus, Nebula, synths
from nebula.audio import (
    PEAK_TO_LOUDNESS_DB,
    Decoded,
    Sound,
    Spread,
    align_edges,
    align_levels,
    common,
    fit_peaks,
    laid_out,
    low_pass,
    peak_to_loudness_db,
    spread,
)
from nebula.draws import SEED_LIMIT
from nebula.errors import ArgumentError, CorpusError
from nebula.tensors import Float, Tensor, torch
from service.errors import Unprocessable
from service.listening.design import Question, questions
from service.listening.items import System
from service.listening.spec import REFERENCE, SOUNDS, ListeningSpec

Drawn = TypeVar("Drawn")

#: What people try in previews and what comparisons of nebulae are measured with.
TRIED_SEEDS = range(2**22)

#: What tests are sealed with.
FRESH_SEEDS = range(TRIED_SEEDS.stop, SEED_LIMIT)

#: How far apart the onsets of a question's sounds may lie, and their ends where those are aligned; levels are equal.
EDGE_SECONDS = 0.010

# The onset of a very slow sound is found in its fade, so that others cannot be aligned with it. Fewer than one question
# in fifty has such a sound; it is drawn anew, at most this many times.
_ATTEMPTS = 20

_BATCH = 8

# Most samples of all channels of all sounds: 4 GiB, and twice as much while they are made as loud as each other.
_SAMPLES = 2**30

# A nebula is refused when this many of its sounds in a row cannot be brought to the loudness of others.
_SOUNDS = 400


@dataclass(frozen=True)
class Rendered:
    """All sounds of a test.

    Attributes:
        stimuli: The sounds.
        loudness_lufs: Of each of them; None where levels are left as they are.
        lowered_db: There, by how much all are turned down so that no peak clips; else None.
        cut: How many recordings were longer than sounds of the test may be.
        replaced: How many were drawn and replaced by the next seed or sound: silence, peaks too far above the loudness,
            and the sounds of trials that do not begin or end together. The rule knows nothing of systems.
        channels: In which each of them is played.
        mono: How many of them are mono and played on all channels, where there are several.
    """

    stimuli: "list[Stimulus]"
    loudness_lufs: float | None
    lowered_db: float | None
    cut: int
    replaced: int
    channels: int
    mono: int


@dataclass(frozen=True)
class Sources:
    """Where a test's sounds come from, by the names in its spec."""

    nebulae: Mapping[str, Nebula]
    corpora: Mapping[str, Corpus]


@dataclass(frozen=True, eq=False)
class Stimulus:
    """One sound, as it is played.

    Attributes:
        question: Key of the question that it belongs to.
        item: Of the report.
        system: What made it.
        place: In the playlist, from 0.
        source: What it is, for the key map.
        audio: Its samples.
    """

    question: str
    item: str
    system: str
    place: int
    source: dict[str, Any]
    audio: Float[Tensor, "channel time"]


@dataclass(frozen=True, eq=False)
class _Raw:
    system: str
    place: int
    source: dict[str, Any]
    audio: Float[Tensor, "channel _"]
    is_cut: bool = False


def count(spec: ListeningSpec) -> int:
    """Returns how many sounds a test has.

    Raises:
        Unprocessable: More than are rendered.
    """
    total = sum(len(question.systems) for question in questions(spec)) * spec.playlist
    if total > SOUNDS:
        raise Unprocessable(f"sounds: got {total} in all, expected at most {SOUNDS}")
    return total


def render(
    spec: ListeningSpec,
    sources: Sources,
    used: frozenset[int],
    advance: Callable[[int], None],
    seeds: range = FRESH_SEEDS,
) -> Rendered:
    """Returns every sound of a test, all as loud as each other unless levels are left as they are.

    Args:
        spec: Of the test.
        sources: Its nebulae and corpora.
        used: Seeds that other tests have.
        advance: Told how many sounds are there; may raise to end it.
        seeds: Of nebulae's sounds.

    Raises:
        CorpusError: A corpus has fewer sounds than are asked for, or one cannot be used.
        Unprocessable: Listed sounds cannot be aligned; sounds have different numbers of channels, none of them mono; or
            all together they are too many samples.
    """
    player = _Player(spec, sources, used, seeds)
    drawn: list[tuple[Question, list[_Raw]]] = []
    aligned: list[Float[Tensor, "batch channel time"]] = []
    done = samples = 0
    for question in questions(spec):
        raw, batch = _aligned(spec, player, question)
        drawn.append((question, raw))
        aligned.append(batch)
        done, samples = done + len(raw), samples + batch.numel()
        if samples > _SAMPLES:
            hours = _SAMPLES / spec.sample_rate_hz / 3600
            raise Unprocessable(f"sounds: got more than {hours:.1f} hours of channels in all, expected less")
        advance(done)
    own = [len(sound.audio) for _, raw in drawn for sound in raw]
    channels = _common(own, "listening test")
    played = [torch.stack([laid_out(sound, channels) for sound in batch]) for batch in aligned]
    loudness_lufs = lowered_db = None
    if spec.levels == "aligned":
        levelled, loudness_lufs = align_levels(played, spec.sample_rate_hz, spec.loudness_lufs)
    else:
        levelled, gain_db = fit_peaks(played)
        lowered_db = round(abs(gain_db), 3)
    cut = {(each.source["corpus"], each.source["sound"]) for _, raw in drawn for each in raw if each.is_cut}
    stimuli = [
        Stimulus(question.key, question.item, sound.system, sound.place, sound.source, audio)
        for (question, raw), batch in zip(drawn, levelled, strict=True)
        for sound, audio in zip(raw, batch, strict=True)
    ]
    mono = own.count(1) if channels > 1 else 0
    return Rendered(stimuli, loudness_lufs, lowered_db, len(cut), player.replaced, channels, mono)


def _aligned(
    spec: ListeningSpec, player: "_Player", question: Question
) -> tuple[list[_Raw], Float[Tensor, "batch channel time"]]:
    """Returns the sounds of a question and what is played of them; drawn anew where they cannot be aligned.

    Raises:
        Unprocessable: They cannot, and are listed, so that there are no others.
    """
    for _ in range(_ATTEMPTS if not question.listed else 1):
        raw = list(player.sounds(question))
        channels = _common([len(sound.audio) for sound in raw], f"item {question.item!r}")
        together = [laid_out(sound.audio, channels) for sound in raw]
        batch = align_edges(together, spec.sample_rate_hz, spec.ends)
        left = spread(batch, spec.sample_rate_hz)
        if left.onset_seconds <= EDGE_SECONDS and (spec.ends == "natural" or left.tail_seconds <= EDGE_SECONDS):
            highest_db = _highest_db(spec, batch)
            if highest_db <= PEAK_TO_LOUDNESS_DB:
                return raw, batch
            fault = _too_high(spec, highest_db)
        else:
            fault = _apart(left)
        player.replaced += len(raw)
    raise Unprocessable(f"item {question.item!r}: {fault}")


def _common(channels: list[int], place: str) -> int:
    try:
        return common(channels)
    except ArgumentError as error:
        raise Unprocessable(f"{place}: {error}") from error


def _highest_db(spec: ListeningSpec, batch: Float[Tensor, "batch channel time"]) -> float:
    """Returns the highest peak of sounds above their own loudness; where levels are left alone, silence is too high."""
    highest_db = float(peak_to_loudness_db(batch, spec.sample_rate_hz).max())
    return highest_db if spec.levels == "aligned" or highest_db == math.inf else -math.inf


def _too_high(spec: ListeningSpec, highest_db: float) -> str:
    if highest_db == math.inf and spec.levels == "as-is":
        return "a sound is silent, expected one that is heard"
    if highest_db == math.inf:
        return "a sound is silent, expected one that can be brought to the loudness of the others"
    return (
        f"a peak lies {highest_db:.1f} dB above the loudness of its sound, expected at most {PEAK_TO_LOUDNESS_DB:g}: "
        "as loud as the others it would clip"
    )


def _apart(left: Spread) -> str:
    return (
        f"onsets lie {1000 * left.onset_seconds:.0f} ms apart, ends {1000 * left.tail_seconds:.0f} ms, however they "
        "are cut"
    )


class _Player:
    """Plays the systems of a test, no sound of them twice."""

    def __init__(self, spec: ListeningSpec, sources: Sources, used: frozenset[int], seeds: range) -> None:
        self._spec, self._sources, self._used, self._seeds = spec, sources, set(used), seeds
        self._systems = {system.name: system for system in spec.systems}
        if spec.reference is not None:
            self._systems[REFERENCE] = spec.reference
        #: Sounds that were drawn and are not played.
        self.replaced = 0
        self._undrawn: dict[str, list[Sound]] = {}
        # Rendered several at a time and used in any order: they are all random draws of one nebula.
        self._ahead: dict[str, list[tuple[int, Tensor]]] = {}

    def sounds(self, question: Question) -> Iterator[_Raw]:
        """Yields the sounds of a question, at their own lengths and levels."""
        made = set(self._spec.anchors)
        for name in question.systems:
            if name in made:
                continue
            for place in range(self._spec.playlist):
                raw = self._sound(name, self._systems[name], question, place)
                yield raw
                if name == REFERENCE:
                    for anchor, cutoff_hz in self._spec.anchors.items():
                        filtered = low_pass(raw.audio, self._spec.sample_rate_hz, cutoff_hz)
                        yield _Raw(anchor, place, raw.source | {"low_pass_hz": cutoff_hz}, filtered)

    def _sound(self, name: str, system: System, question: Question, place: int) -> _Raw:
        if system.nebula is not None:
            nebula = self._sources.nebulae[system.nebula]
            seed, audio = self._draw_fit(system.nebula, partial(self._draw, name, nebula))
            return _Raw(name, place, {"nebula": system.nebula, "seed": seed}, audio)
        if system.corpus is not None:
            corpus_id = system.corpus
            (sound, is_cut), audio = self._draw_fit(corpus_id, partial(self._draw_sound, name, corpus_id))
        else:
            corpus_id, sound = str(self._spec.corpus), self._find(question.listed[name][place])
            found = self._read(self._sources.corpora[corpus_id], sound)
            audio, is_cut = found.audio, found.is_cut
        return _Raw(name, place, {"corpus": corpus_id, "sound": sound.name}, audio, is_cut)

    def _draw_fit(self, source: str, draw: Callable[[], tuple[Drawn, Tensor]]) -> tuple[Drawn, Tensor]:
        """Returns the next sound that can be brought to the loudness of others.

        Raises:
            Unprocessable: There is none among many.
        """
        for _ in range(_SOUNDS):
            drawn, audio = draw()
            trimmed = align_edges([audio], self._spec.sample_rate_hz, self._spec.ends)
            if _highest_db(self._spec, trimmed) <= PEAK_TO_LOUDNESS_DB:
                return drawn, audio
            self.replaced += 1
        raise Unprocessable(f"{source!r}: got {_SOUNDS} silent sounds or single clicks in a row, expected others too")

    def _draw(self, name: str, nebula: Nebula) -> tuple[int, Tensor]:
        ahead = self._ahead.setdefault(name, [])
        if not ahead:
            seeds: list[int] = []
            while len(seeds) < _BATCH:
                seed = self._seeds.start + secrets.randbelow(self._seeds.stop - self._seeds.start)
                if seed not in self._used:
                    self._used.add(seed)
                    seeds.append(seed)
            with torch.no_grad():
                player = synths.get(nebula.synth).player(
                    sample_rate_hz=self._spec.sample_rate_hz, duration_seconds=self._spec.seconds
                )
                ahead += zip(seeds, player.play(seeds, nebula).unsqueeze(1), strict=True)
        return ahead.pop()

    def _draw_sound(self, name: str, corpus_id: str) -> tuple[tuple[Sound, bool], Tensor]:
        corpus = self._sources.corpora[corpus_id]
        if name not in self._undrawn:
            self._undrawn[name] = secrets.SystemRandom().sample(corpus.sounds, len(corpus.sounds))
        if not self._undrawn[name]:
            raise CorpusError(f"corpus {corpus_id!r}: got {len(corpus)} sounds, expected as many as the test asks for")
        sound = self._undrawn[name].pop()
        found = self._read(corpus, sound)
        return (sound, found.is_cut), found.audio

    def _find(self, name: str) -> Sound:
        corpus = self._sources.corpora[str(self._spec.corpus)]
        # Configurations of other programs name sounds by longer paths than ours.
        ends = [sound for sound in corpus.sounds if f"/{name}".endswith(f"/{sound.name}")]
        if not ends:
            raise CorpusError(f"corpus {self._spec.corpus!r}: has no sound {name!r} that can be used")
        return max(ends, key=lambda sound: len(sound.name))

    def _read(self, corpus: Corpus, sound: Sound) -> Decoded:
        with corpus.reading() as reading:
            found = reading.unmixed(sound, self._spec.sample_rate_hz, self._spec.seconds)
        if found is None:
            reason = next(skipped.reason for skipped in corpus.skipped if skipped.name == sound.name)
            raise CorpusError(f"sound {sound.name!r}: {reason}")
        return found


def named(spec: ListeningSpec) -> tuple[set[str], set[str]]:
    """Returns the names of the nebulae and the ids of the corpora that a test needs."""
    systems = [*chain(spec.systems, (spec.reference,) if spec.reference else ())]
    nebulae = {system.nebula for system in systems if system.nebula is not None}
    corpora = {system.corpus for system in systems if system.corpus is not None}
    return nebulae, corpora | ({spec.corpus} if spec.corpus is not None else set())
