"""How exported sounds are encoded: what they can be written as, and the bytes of one."""

import io
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float

from nebula.audio import encoded
from nebula.data import FORMATS
from nebula.errors import ArgumentError

# What a format's sounds are, and of which samples, the first where none are named.
_SOUNDS = {
    "flac": ("flac", ("pcm24", "pcm16")),
    "wav": ("wav", ("pcm24", "pcm16", "float32")),
    "npy": ("npy", ("float16", "float32")),
}

_BITS = {"pcm16": 16, "pcm24": 24, "float32": 32}

# Levels of FLAC's compression: the highest, and libsndfile's own choice.
_HIGHEST_LEVEL, _USUAL_LEVEL = 8, 5


@dataclass(frozen=True)
class Encoding:
    """How sounds are written.

    Args:
        format: One of `FORMATS`.
        samples: `pcm24` or `pcm16`; `float32` in WAV; `float16` or `float32` as NumPy's arrays. None is the first of
            these that the format has.
        level: Of FLAC's compression, from 0, fastest, to 8, smallest; None is 5.

    Raises:
        ArgumentError: There is no such format, or it has no such samples or levels.
    """

    format: str = "flac"
    samples: str | None = None
    level: int | None = None

    def __post_init__(self) -> None:
        if self.format not in FORMATS:
            raise ArgumentError(f"format: got {self.format!r}, expected one of {', '.join(FORMATS)}")
        _, offered = _SOUNDS[self.suffix]
        if self.samples is not None and self.samples not in offered:
            raise ArgumentError(
                f"samples: got {self.samples!r}, expected one of {', '.join(offered)} in format {self.format}"
            )
        if self.level is not None and self.suffix != "flac":
            raise ArgumentError(f"level: got {self.level} beside format {self.format}, which has no levels")
        if self.level is not None and not 0 <= self.level <= _HIGHEST_LEVEL:
            raise ArgumentError(f"level: got {self.level}, expected 0 to {_HIGHEST_LEVEL}")

    @property
    def is_sharded(self) -> bool:
        """Whether many sounds are in one tar file."""
        return self.format.startswith("tar")

    @property
    def suffix(self) -> str:
        """Ending of a sound's name, such as `flac`."""
        return {"tar": "flac", "tar-wav": "wav", "tar-npy": "npy"}.get(self.format, self.format)

    @property
    def unusual(self) -> tuple[str, object, object] | None:
        """What tells its files from those of the same format with nothing named; None where they are equal."""
        samples = None if self.samples == _SOUNDS[self.suffix][1][0] else self.samples
        level = None if self.level == _USUAL_LEVEL else self.level
        return None if samples is None and level is None else ("encoding", samples, level)

    def encode(self, sound: Float[np.ndarray, " time"], sample_rate_hz: int, comment: str) -> bytes:
        """Returns the content of a sound's file.

        Args:
            sound: In [-1, 1], float32.
            sample_rate_hz: Written into the file where it holds one.
            comment: What the file says about itself where it can.
        """
        kind, offered = _SOUNDS[self.suffix]
        samples = self.samples or offered[0]
        if kind == "npy":
            file = io.BytesIO()
            # torch rounds to half precision in a sixth of the time.
            dtype = torch.float16 if samples == "float16" else torch.float32
            np.save(file, torch.from_numpy(sound).to(dtype).numpy(), allow_pickle=False)
            return file.getvalue()
        compression = (_USUAL_LEVEL if self.level is None else self.level) / _HIGHEST_LEVEL
        return encoded(sound, sample_rate_hz, kind, bits=_BITS[samples], compression=compression, comment=comment)
