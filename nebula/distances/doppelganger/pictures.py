"""What the network sees of a sound: one picture fine in frequency for its pitch, one fine in time for the rest."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from nebula.distances.base import magnitude
from nebula.distances.log_mel import REFERENCE_RATE_HZ, LogMel
from nebula.distances.mel import band_edges_hz
from nebula.tensors import Float, Tensor, np, torch

#: Window of the fine picture at 44,100 Hz: 186 ms, in which partials 22 Hz apart are two.
WINDOW_SAMPLES = 8192

#: From one frame of the fine picture to the next. Frame k is centred half a hop behind k hops.
HOP_SECONDS = 0.1

#: MIDI pitch of the lowest band, and how many bands follow from there, three a semitone: 16 Hz to 10.3 kHz.
LOWEST_PITCH, BANDS, BANDS_PER_SEMITONE = 12, 336, 3

#: Width of a sine's peak in bins. Weights of wider bands do not add up to more, so a sine reads the same
#: everywhere, within a factor of two.
PEAK_BINS = 4.0

_BANDS_PER_GROUP = 16

_COARSE = LogMel()

#: Bands of the coarse picture.
COARSE_BANDS = _COARSE.settings.bands

#: Where the triangles of the coarse picture begin, peak and end.
COARSE_EDGES_HZ = band_edges_hz(COARSE_BANDS, _COARSE.settings.lowest_hz, _COARSE.settings.highest_hz)

# Centres of the fine picture's bands, and one more at either end.
_FINE_EDGES_HZ = 440.0 * 2.0 ** ((LOWEST_PITCH + np.arange(-1, BANDS + 1) / BANDS_PER_SEMITONE - 69) / 12)

#: Centres of the fine picture's bands.
FINE_CENTRES_HZ = _FINE_EDGES_HZ[1:-1]


class Pictures(NamedTuple):
    """Magnitudes of some sounds.

    Attributes:
        fine: In bands a third of a semitone wide, every tenth of a second.
        coarse: In the 64 mel bands of the log-mel distance, every 40 ms.
    """

    fine: Float[Tensor, "batch fine_frame fine_band"]
    coarse: Float[Tensor, "batch frame band"]


def pictures(audio: Float[Tensor, "batch time"], sample_rate_hz: float) -> Pictures:
    """Returns the pictures of sounds as they are.

    Args:
        audio: Sounds of at least one sample.
        sample_rate_hz: What is above half of it counts as silent.
    """
    return Pictures(_fine(audio, sample_rate_hz), _COARSE.magnitudes(audio, sample_rate_hz))


def _fine(audio: Tensor, sample_rate_hz: float) -> Tensor:
    bank = _bank(float(sample_rate_hz), audio.dtype, audio.device)
    window = len(bank.window)
    frames = max(1, round(audio.shape[1] / sample_rate_hz / HOP_SECONDS))
    hop = HOP_SECONDS * sample_rate_hz
    starts = [round((frame + 0.5) * hop) - window // 2 for frame in range(frames)]
    before, after = max(0, -starts[0]), max(0, starts[-1] + window - audio.shape[1])
    padded = torch.nn.functional.pad(audio, (before, after))
    windows = torch.stack([padded[:, start + before : start + before + window] for start in starts], dim=1)
    bins = magnitude(torch.fft.rfft(windows * bank.window)[..., : bank.highest_bin])
    return torch.cat([bins[..., group.low : group.high] @ group.weights for group in bank.groups], dim=-1)


@dataclass(frozen=True)
class _Group:
    """Neighbouring bands, by the bins that they need and the weights of those."""

    low: int
    high: int
    weights: Tensor


@dataclass(frozen=True)
class _Bank:
    window: Tensor
    highest_bin: int
    groups: tuple[_Group, ...]


@lru_cache(maxsize=16)
def _bank(sample_rate_hz: float, dtype: torch.dtype, device: torch.device) -> _Bank:
    samples = round(WINDOW_SAMPLES * sample_rate_hz / REFERENCE_RATE_HZ)
    spacing_hz = sample_rate_hz / samples
    frequencies_hz = np.arange(samples // 2 + 1) * spacing_hz
    # A band narrower than a bin is read between two bins, where nothing would be inside the band itself.
    half_hz = np.maximum((_FINE_EDGES_HZ[2:] - _FINE_EDGES_HZ[:-2]) / 2, spacing_hz)
    weights = np.maximum(0.0, 1.0 - np.abs(frequencies_hz[:, None] - FINE_CENTRES_HZ) / half_hz)
    weights /= np.clip(weights.sum(axis=0), 1.0, PEAK_BINS)
    groups = []
    with torch.inference_mode(False):
        window = torch.hann_window(samples, dtype=torch.float64) * (WINDOW_SAMPLES / samples)
        for band in range(0, BANDS, _BANDS_PER_GROUP):
            group = weights[:, band : band + _BANDS_PER_GROUP]
            used = np.flatnonzero(group.any(axis=1))
            low, high = (int(used[0]), int(used[-1]) + 1) if len(used) else (0, 0)
            groups.append(_Group(low, high, torch.from_numpy(group[low:high]).to(device, dtype)))
        return _Bank(window.to(device, dtype), max(group.high for group in groups), tuple(groups))
