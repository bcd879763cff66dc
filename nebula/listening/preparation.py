"""What was done to the sounds of a test before anybody heard them, as far as it is known, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Preparation:
    """How the sounds of a test were made ready.

    Attributes:
        channels: In which each sound was played; not known of tests that earlier versions sealed, which were mono.
        mono: How many sounds were mono and played on all of several channels.
        lowered_db: Where levels were left as they are, by how much all sounds were turned down so that no peak clips: 0
            or more; not known where all were brought to one loudness.
        cut: How many recordings were longer than sounds may be.
        seconds: At which they were cut.
    """

    channels: int | None = None
    mono: int = 0
    lowered_db: float | None = None
    cut: int = 0
    seconds: float = 0.0

    @classmethod
    def of(cls, key_map: Mapping[str, Any] | None) -> Preparation:
        """Returns what the key map of a test says of it.

        Args:
            key_map: as it was committed to; of any version.
        """
        known = key_map or {}
        return cls(
            channels=known.get("channels"),
            mono=known.get("mono", 0),
            lowered_db=known.get("lowered_db"),
            cut=known.get("cut", 0),
            seconds=known.get("seconds", 0.0),
        )

    def sentences(self) -> Iterator[str]:
        """Yields what a methods paragraph says of it."""
        if self.channels == 1:
            yield "All stimuli were mono."
        elif self.channels is not None:
            yield f"All stimuli were played in {self.channels} channels{self._spread()}; no channels were mixed."
        if self.cut:
            noun = "recording that is" if self.cut == 1 else "recordings that are"
            yield f"{self.cut:,} {noun} longer than {self.seconds:g} s {'was' if self.cut == 1 else 'were'} cut there."
        if self.lowered_db is not None:
            lowered = f"; all were turned down by one gain of {self.lowered_db:.1f} dB, so that no peak clips"
            yield (
                "Levels were left as they are in each sound, so that loudness may be part of what was judged"
                f"{lowered if self.lowered_db >= 0.05 else ''}."
            )

    def _spread(self) -> str:
        if not self.mono:
            return ""
        sounds = "the mono one" if self.mono == 1 else f"the {self.mono:,} mono ones"
        # Six are those that have a channel of low frequencies.
        return f", {sounds} on all of them" + (" but that of low frequencies" if self.channels == 6 else "")
