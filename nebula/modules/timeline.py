"""Rates and length of rendered sounds."""

from dataclasses import dataclass

from nebula.errors import ArgumentError


@dataclass(frozen=True)
class Timeline:
    """Rates and length of a rendered sound.

    Attributes:
        sample_rate_hz: Audio rate, above 0.
        duration_seconds: Length, above 0.
        control_rate_hz: Rate of envelopes and LFOs, above 0 and at most the audio rate.

    Raises:
        ArgumentError: A value is not a positive number, or fewer than two control samples fit into the duration.
    """

    sample_rate_hz: float = 44100
    duration_seconds: float = 4.0
    control_rate_hz: float = 441

    def __post_init__(self) -> None:
        for name in ("sample_rate_hz", "duration_seconds", "control_rate_hz"):
            if not 0 < getattr(self, name) < float("inf"):
                raise ArgumentError(f"{name}: got {getattr(self, name)!r}, expected a positive number")
        if self.control_rate_hz > self.sample_rate_hz:
            raise ArgumentError(
                f"control_rate_hz: got {self.control_rate_hz!r}, "
                f"expected at most sample_rate_hz ({self.sample_rate_hz!r})"
            )
        if self.control_samples < 2:
            shortest = 2 / self.control_rate_hz
            raise ArgumentError(f"duration_seconds: got {self.duration_seconds!r}, expected at least {shortest:.4g}")

    @property
    def samples(self) -> int:
        """Number of audio samples."""
        return round(self.duration_seconds * self.sample_rate_hz)

    @property
    def control_samples(self) -> int:
        """Number of control samples."""
        return round(self.samples / self.sample_rate_hz * self.control_rate_hz)
