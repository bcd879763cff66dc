"""Low-pass anchors: what a listening test compares a reference with, worse in a known way and never late."""

from __future__ import annotations

import functools
import math

from numpy.typing import NDArray

from nebula.errors import ArgumentError
from nebula.tensors import Float, Tensor, np, torch

#: Cutoffs of the two anchors of ITU-R BS.1534-3, low and mid.
ANCHOR_CUTOFFS_HZ = (3500, 7000)

# The standard asks 25 dB from 4 kHz on and 50 dB from 4.5 kHz on; here the first edge has more than the second asks.
_STOP_RATIO = 4000 / 3500
_ATTENUATION_DB = 60.0


def low_pass(
    audio: Float[Tensor, "*batch time"], sample_rate_hz: int, cutoff_hz: float
) -> Float[Tensor, "*batch time"]:
    """Returns sounds without what lies above a cutoff, as long as they were and without delay.

    Up to the cutoff the gain is 1 within 0.01 dB; from 8/7 of it on it is below -59 dB. The filter is
    symmetric, so that every frequency comes out when it went in; at 3.5 kHz it rings for less than 4 ms before and
    after.

    Args:
        audio: sounds; not modified.
        sample_rate_hz: their rate, of which half lies at or above 8/7 of the cutoff: above that nothing could be
            taken away.
        cutoff_hz: the highest frequency that passes, above 0.

    Raises:
        ArgumentError: the cutoff does not suit the rate.

    Source: ITU-R BS.1534-3 asks of the anchor at 3.5 kHz a ripple within 0.1 dB, 25 dB at 4 kHz and 50 dB
        at 4.5 kHz; other cutoffs have the same shape.
    """
    highest_hz = sample_rate_hz / 2 / _STOP_RATIO
    if not (math.isfinite(cutoff_hz) and 0 < cutoff_hz <= highest_hz):
        raise ArgumentError(
            f"cutoff_hz: got {cutoff_hz}, expected above 0 and at most {highest_hz:g} at a rate of {sample_rate_hz} Hz"
        )
    # Imported here, as below: it takes half as long to load as torch, and only listening tests need it.
    from scipy import signal

    taps = _taps(sample_rate_hz, float(cutoff_hz))
    rows = audio.detach().double().cpu().numpy()
    # Shorter sounds than the filter: the middle of the full convolution is as long as the sound, not as the filter.
    half = len(taps) // 2
    filtered = signal.oaconvolve(rows, taps.reshape((1,) * (rows.ndim - 1) + (-1,)), axes=-1)
    return torch.from_numpy(filtered[..., half : half + rows.shape[-1]].copy()).to(audio)


@functools.lru_cache(maxsize=8)
def _taps(sample_rate_hz: int, cutoff_hz: float) -> NDArray[np.float64]:
    from scipy import signal

    stop_hz = cutoff_hz * _STOP_RATIO
    nyquist_hz = sample_rate_hz / 2
    count, beta = signal.kaiserord(_ATTENUATION_DB, (stop_hz - cutoff_hz) / nyquist_hz)
    taps: NDArray[np.float64] = signal.firwin(
        count | 1, (cutoff_hz + stop_hz) / 2, window=("kaiser", beta), fs=sample_rate_hz
    )
    return taps
