"""Channels: which loudspeakers they are for, what each counts for in loudness, and mono played on all of them.

One channel is mono, two are left and right, four are those and two surround ones. Six are left, right, centre, low
frequencies and two surround ones, in the order of WAV files. Three and five are six without some of them.
"""

from __future__ import annotations

import functools

from nebula.errors import ArgumentError
from nebula.tensors import Float, Tensor, torch

#: Most channels of a sound.
CHANNELS = 6

# Of ITU-R BS.1770-4, table 3: surround channels count for 1.5 dB more, low frequencies for nothing.
_SURROUND = 1.41
_WEIGHTS: dict[int, tuple[float, ...]] = {
    1: (1.0,),
    2: (1.0, 1.0),
    3: (1.0, 1.0, 1.0),
    4: (1.0, 1.0, _SURROUND, _SURROUND),
    5: (1.0, 1.0, 1.0, _SURROUND, _SURROUND),
    6: (1.0, 1.0, 1.0, 0.0, _SURROUND, _SURROUND),
}

# Where among six the channels of three and five are; browsers know no loudspeakers of either.
_AMONG_SIX = {3: (0, 1, 2), 5: (0, 1, 2, 4, 5)}


def weights(channels: int) -> tuple[float, ...]:
    """Returns what the power of each channel counts for in loudness.

    Raises:
        ArgumentError: there are none so many.

    Source: ITU-R BS.1770-4, annex 1, table 3.
    """
    if channels not in _WEIGHTS:
        raise ArgumentError(f"channels: got {channels}, expected 1 to {CHANNELS}")
    return _WEIGHTS[channels]


def loudspeakers(channels: int) -> int:
    """Returns how many channels a sound of so many is played in: six for three and five, which leave some silent."""
    weights(channels)
    return CHANNELS if channels in _AMONG_SIX else channels


def laid_out(sound: Float[Tensor, "channel time"], channels: int) -> Float[Tensor, "{channels} time"]:
    """Returns a sound in so many channels: mono on all of them but that of low frequencies, others as they are.

    Args:
        sound: not modified.
        channels: how many, as `loudspeakers` gives them.

    Raises:
        ArgumentError: the sound has others than mono or those.

    Example:
        >>> laid_out(torch.ones(1, 2), 2).tolist()
        [[1.0, 1.0], [1.0, 1.0]]
    """
    own = len(sound)
    if own == 1 and channels > 1:
        heard = torch.tensor([weight > 0 for weight in weights(channels)], dtype=sound.dtype, device=sound.device)
        return heard.unsqueeze(-1) * sound
    if loudspeakers(own) != channels:
        raise ArgumentError(f"sound: got {own} channels, expected 1 or {channels}")
    if own in _AMONG_SIX:
        among = sound.new_zeros(CHANNELS, sound.shape[-1])
        among[list(_AMONG_SIX[own])] = sound
        return among
    return sound


def common(channels: list[int]) -> int:
    """Returns in how many channels sounds of these numbers of channels are played together.

    Raises:
        ArgumentError: there is no one number: some that are not mono differ.
    """
    found = sorted({loudspeakers(count) for count in channels} - {1})
    if len(found) > 1:
        raise ArgumentError(f"channels: got {' and '.join(map(str, found))}, expected one number beside mono")
    return found[0] if found else 1


@functools.cache
def total_weight(channels: int) -> float:
    """Returns what all channels together count for in loudness: by how much mono on all of them is more powerful."""
    return sum(weights(channels))
