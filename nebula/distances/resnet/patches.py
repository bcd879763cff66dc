"""Log-mel patches of 96 frames, 0.96 s, as VGGish takes them."""

from __future__ import annotations

from functools import lru_cache

from nebula.distances.base import magnitude
from nebula.distances.mel import filterbank, htk_mel
from nebula.distances.resampling import resample
from nebula.tensors import Float, Tensor, np, torch

#: Sounds are brought to this rate.
RATE_HZ = 16_000

#: Frames in a patch, and mel bands of each.
FRAMES, BANDS = 96, 64

#: Window and hop, 25 and 10 ms, and length of the transform.
WINDOW_SAMPLES, HOP_SAMPLES, FFT_SAMPLES = 400, 160, 512

#: First and last edge of the bands.
LOWEST_HZ, HIGHEST_HZ = 125.0, 7500.0

#: Added to magnitudes before their logarithm is taken.
FLOOR = 0.01

#: Samples that the frames of one patch cover.
PATCH_SAMPLES = WINDOW_SAMPLES + (FRAMES - 1) * HOP_SAMPLES


def patches(audio: Float[Tensor, "batch time"], sample_rate_hz: float) -> Float[Tensor, "batch patch frame band"]:
    """Returns the patches of sounds, one after the other from the beginning; what is left over at the end is not seen.

    A sound shorter than a patch is followed by silence.

    Args:
        audio: Sounds, full scale being 1.
        sample_rate_hz: Their rate.

    Source:
        Hershey et al., "CNN architectures for large-scale audio classification", ICASSP 2017, and its released code:
        magnitudes under a periodic Hann window in triangles on HTK's mel scale, log(x + 0.01).
    """
    sounds = resample(audio, sample_rate_hz, RATE_HZ)
    sounds = torch.nn.functional.pad(sounds, (0, max(0, PATCH_SAMPLES - sounds.shape[1])))
    framed = sounds.unfold(1, WINDOW_SAMPLES, HOP_SAMPLES)
    whole = framed.shape[1] // FRAMES
    framed = framed[:, : whole * FRAMES]
    window, bands = _tables(sounds.dtype, sounds.device)
    spectrum = magnitude(torch.fft.rfft(framed * window, n=FFT_SAMPLES))
    return (spectrum @ bands + FLOOR).log().view(len(audio), whole, FRAMES, BANDS)


@lru_cache(maxsize=8)
def _tables(
    dtype: torch.dtype, device: torch.device
) -> tuple[Float[Tensor, " sample"], Float[Tensor, "frequency band"]]:
    frequencies_hz = np.arange(FFT_SAMPLES // 2 + 1) * RATE_HZ / FFT_SAMPLES
    edges = np.linspace(htk_mel(LOWEST_HZ), htk_mel(HIGHEST_HZ), BANDS + 2)
    # Triangles are straight over mel here, not over frequency.
    bands = torch.from_numpy(filterbank(htk_mel(frequencies_hz), edges))
    with torch.inference_mode(False):
        window = torch.hann_window(WINDOW_SAMPLES, periodic=True, dtype=torch.float64)
        return window.to(device, dtype), bands.to(device, dtype)
