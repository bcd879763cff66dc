"""Sounds of nebulae as FLAC, rendered when they are asked for."""

from __future__ import annotations

from threading import Lock, Thread

from nebula import Nebula, synths
from nebula.audio import encoded
from nebula.tensors import torch
from service.api.loudness import Loudness, levelled
from service.api.recent import Recent

#: A sound of 4 s takes up to a quarter of a megabyte.
RECENT_BYTES = 2**25


class SoundRenderer:
    """Renders sounds on this machine's CPU: 4 s, mono, 44.1 kHz, 16 bit.

    The first sound takes seconds, since compiled code is loaded then, 150 MB of it; `warm_up` does it beforehand.
    """

    def __init__(self) -> None:
        # One at a time: each uses all cores.
        self._recent = Recent[tuple[Nebula, int, Loudness]](RECENT_BYTES, Lock())
        self._warming = Lock()

    def flac(self, nebula: Nebula, seed: int, loudness: Loudness = Loudness.OWN) -> bytes:
        """Returns the sound of a seed, the same one as everywhere else.

        Args:
            nebula: What to draw from.
            seed: 0 or more, below 2**32.
            loudness: At what level.

        Raises:
            ArgumentError: The seed is outside its range.
        """
        return self._recent.get((nebula, seed, loudness), lambda: _rendered(nebula, seed, loudness))

    def warm_up(self) -> None:
        """Begins to render a sound in a thread of its own, the first time that it is called."""
        # Never released: later calls do nothing.
        if self._warming.acquire(blocking=False):
            Thread(target=self.flac, args=(Nebula.load("default"), 0), name="warming").start()


def _rendered(nebula: Nebula, seed: int, loudness: Loudness) -> bytes:
    with torch.no_grad():
        player = synths.get(nebula.synth).player()
        (audio,) = player.play([seed], nebula)
    rate_hz = int(player.timeline.sample_rate_hz)
    return encoded(levelled(audio, rate_hz, loudness).numpy(), rate_hz, compression=0.5)
