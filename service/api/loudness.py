"""At what level a sound is asked for: its own, or that at which sounds are compared."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

#: Loudness of sounds that are compared by ear. Random percussion has peaks up to 33 dB above its loudness: at EBU R
#: 128's -23 LUFS a sixth of the sounds of the nebula `drum` would have to be quieter than the others to fit.
MATCHED_LUFS = -33.0


class Loudness(StrEnum):
    """At what level a sound is played."""

    OWN = "own"  #: as it was recorded or rendered
    MATCHED = "matched"  #: at `MATCHED_LUFS`, as every other; lower only where its peaks would not fit


def levelled(sound: Float[Tensor, " time"], sample_rate_hz: int, loudness: Loudness) -> Float[Tensor, " time"]:
    """Returns a sound at the level that is asked for, within full scale.

    Args:
        sound: Mono.
        sample_rate_hz: Its rate.
        loudness: The level.
    """
    # Imported here: whoever only names a level need not wait for torch.
    from nebula.audio import fit_loudness

    if loudness is Loudness.MATCHED:
        return fit_loudness(sound, sample_rate_hz, MATCHED_LUFS)[0]
    # Recordings in floating point may go beyond full scale, which FLAC cannot hold.
    return sound / max(1.0, float(sound.abs().max()))
