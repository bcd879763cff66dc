"""Sounds and presets of matches, made when they are asked for."""

from __future__ import annotations

from threading import Lock

from nebula.audio import encoded
from nebula.embedding import SAMPLE_RATE_HZ
from nebula.matching import preset_of, sound_of
from nebula.tensors import Float32, np
from service.api.loudness import Loudness, levelled
from service.api.recent import Recent
from service.errors import Conflict
from service.matches.tables import RecordingMatch

#: A sound of 4 s takes up to half a megabyte.
RECENT_BYTES = 2**24


class MatchRenderer:
    """Renders sounds of matches on this machine's CPU: 4 s, mono, 44.1 kHz, 24 bit."""

    def __init__(self) -> None:
        # One at a time: each may use all cores.
        self._recent = Recent[tuple[str, str, Loudness]](RECENT_BYTES, Lock())

    def sound(self, match: RecordingMatch, format_: str, loudness: Loudness) -> bytes:
        """Returns the sound of a match.

        Args:
            match: Of which.
            format_: `flac` or `wav`.
            loudness: At what level.

        Raises:
            Conflict: The match is not done.
        """
        unit = _unit(match)
        return self._recent.get((match.id, format_, loudness), lambda: _rendered(unit, match.synth, format_, loudness))

    def preset(self, match: RecordingMatch, name: str, format_: str) -> bytes:
        """Returns the preset of a match.

        Args:
            match: Of which.
            name: What it is called.
            format_: One of the synth's preset formats.

        Raises:
            ArgumentError: The synth has no such format.
            Conflict: The match is not done.
        """
        return preset_of(_unit(match), match.synth, name, format_)


def _rendered(unit: Float32[np.ndarray, " parameter"], synth: str, format_: str, loudness: Loudness) -> bytes:
    sound = levelled(sound_of(unit, synth), SAMPLE_RATE_HZ, loudness)
    return encoded(sound.numpy(), SAMPLE_RATE_HZ, format_, bits=24)


def _unit(match: RecordingMatch) -> Float32[np.ndarray, " parameter"]:
    if match.unit is None:
        raise Conflict(f"match {match.id!r}: is {match.state.value}, expected done")
    return np.asarray(match.unit, np.float32)
