"""Traits: what a sound is like in some fifty numbers, for classifiers to judge by.

They are chosen to differ from what studies tune to. A distance compares two sounds frame by frame and band by band; the
traits say how a sound is made, wherever in time it happens: its colour, its pitch, its attack and its decay.
"""

import math
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from nebula.distances import Embedder, Settings
from nebula.distances.mel import band_edges_hz, filterbank

#: Window of a spectrum: two periods of the lowest pitch that is looked for, and 2,048 samples at 44.1 kHz.
WINDOW_SECONDS = 2048 / 44_100

#: Block of the level over time: short enough for the attack of a drum.
BLOCK_SECONDS = 0.005

#: Bands between these only: what lies above is cut off by many a lossy codec, which would tell recordings by that.
BAND_RANGE_HZ = (40.0, 16_000.0)

#: Pitches that are looked for: lags of the autocorrelation that a window holds twice.
PITCH_RANGE_HZ = (45.0, 2000.0)

#: Frames and blocks as loud as this, below the loudest, are part of the sound.
ACTIVE_DB = -40.0

#: What lies below the loudest by more is silence.
FLOOR_DB = -70.0

#: After the loudest block: where the level is read.
DECAY_SECONDS = (0.03, 0.1, 0.3, 1.0)

_BANDS = 40
_CEPSTRUM = 12

# By so much the correlation has to be larger for a pitch an octave lower to be believed.
_OCTAVE_COST = 0.05

# Below this mean square there is no sound whose shape could be measured.
_SILENT_POWER = 1e-20


class Traits(Embedder):
    """What a sound is like: mel cepstrum, spectral shape, periodicity and envelope, each in a few numbers.

    It is no distance, and not among those that studies can choose: a judge that was tuned to is no judge. Units differ
    from trait to trait (`NAMES` has them), so they are to be standardised before use.

    Args:
        settings: Length and level; the level counts for nothing.

    Example:
        >>> Traits().embed(torch.zeros(2, 44100), 44100).shape == (2, len(NAMES))
        True
    """

    name = "traits"
    version = 1

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(Settings() if settings is None else settings)

    def analyse(self, audio: Float[Tensor, "batch time"], sample_rate_hz: float) -> Float[Tensor, "batch trait"]:
        """Traits of a few sounds, in the order of `NAMES`.

        Args:
            audio: Sounds of one length.
            sample_rate_hz: Any rate that `embed` allows.
        """
        power = power_spectra(audio, sample_rate_hz)
        parts = [
            *_spectral_traits(power, sample_rate_hz),
            *_periodicity_traits(power, sample_rate_hz),
            *_envelope_traits(audio, sample_rate_hz),
        ]
        return torch.stack(parts, dim=1)


#: What each trait is, in order, with its unit: mean and spread (standard deviation) are over the frames that are part
#: of the sound.
NAMES = (
    *(f"cepstrum_{n}_{kind}_db" for n in range(1, _CEPSTRUM + 1) for kind in ("mean", "spread")),
    *(f"{what}_{kind}" for what in ("centroid_octaves", "width_octaves", "flatness_db") for kind in ("mean", "spread")),
    *("change_mean_db", "bass_share", "treble_share"),
    *("periodicity_mean", "periodicity_spread", "pitch_mean_octaves", "pitch_spread_octaves"),
    *("attack_log_seconds", "centre_log_seconds", "peak_log_seconds"),
    *("lasting_20_log_seconds", "lasting_40_log_seconds"),
    *(f"after_{seconds:g}_seconds_db" for seconds in DECAY_SECONDS),
    *("crest_db", "rises_db_per_second"),
)


def power_spectra(audio: Float[Tensor, "batch time"], sample_rate_hz: float) -> Float[Tensor, "batch frame frequency"]:
    """Returns the power of overlapping windows, at frequencies up to half the rate, twice as many as a window has.

    Args:
        audio: Sounds of one length; the first window is centred on their beginning.
        sample_rate_hz: Of the sounds.
    """
    samples = max(8, 2 * round(WINDOW_SECONDS * sample_rate_hz / 2))
    padded = torch.nn.functional.pad(audio, (samples // 2, samples))
    window = torch.hann_window(samples, dtype=audio.dtype, device=audio.device)
    # Twice as long as the window, so that the correlation of its end with its beginning is left out.
    spectra = torch.fft.rfft(padded.unfold(1, samples, samples // 2) * window, n=2 * samples)
    power: Tensor = spectra.real.square() + spectra.imag.square()
    return power


def _spectral_traits(power: Tensor, sample_rate_hz: float) -> list[Tensor]:
    weights = active_shares(power.sum(dim=2))
    bands, transform, octaves = _bands(power.shape[2], sample_rate_hz, power.dtype, power.device)
    levels = power @ bands
    shares = levels / levels.sum(dim=2, keepdim=True).clamp_min(_SILENT_POWER)
    loudest = levels.amax(dim=(1, 2), keepdim=True).clamp_min(_SILENT_POWER)
    decibels = _decibels(levels / loudest)
    cepstrum = decibels @ transform
    traits = [part for n in range(_CEPSTRUM) for part in _mean_and_spread(cepstrum[..., n], weights)]
    centroid = shares @ octaves
    width = (shares * (octaves - centroid[..., None]).square()).sum(dim=2).clamp_min(0).sqrt()
    flatness = decibels.mean(dim=2) - _decibels(levels.mean(dim=2) / loudest[..., 0])
    for values in (centroid, width, flatness):
        traits += _mean_and_spread(values, weights)
    change = torch.zeros_like(centroid)
    change[:, 1:] = (decibels[:, 1:] - decibels[:, :-1]).abs().mean(dim=2)
    traits.append((change * weights).sum(dim=1))
    total = levels.sum(dim=1)
    total = total / total.sum(dim=1, keepdim=True).clamp_min(_SILENT_POWER)
    traits.append(total[:, octaves < math.log2(200 / 1000)].sum(dim=1))
    traits.append(total[:, octaves > math.log2(5000 / 1000)].sum(dim=1))
    return traits


def _periodicity_traits(power: Tensor, sample_rate_hz: float) -> list[Tensor]:
    """Height and place of the autocorrelation's peak; the place counts as much as the height."""
    weights = active_shares(power.sum(dim=2))
    height, pitch = periodicity(power, sample_rate_hz)
    sure = weights * height
    sure = sure / sure.sum(dim=1, keepdim=True).clamp_min(_SILENT_POWER)
    return [*_mean_and_spread(height, weights), *_mean_and_spread(pitch, sure)]


def periodicity(
    power: Float[Tensor, "batch frame frequency"], sample_rate_hz: float
) -> tuple[Float[Tensor, "batch frame"], Float[Tensor, "batch frame"]]:
    """Returns how periodic each frame is, in [0, 1], and its pitch in octaves above 440 Hz.

    Args:
        power: Of windows, as `power_spectra` has it.
        sample_rate_hz: Of the sounds.
    """
    samples = power.shape[2] - 1
    low, high = (round(sample_rate_hz / hz) for hz in reversed(PITCH_RANGE_HZ))
    low, high = max(low, 1), min(high, samples // 2)
    window = torch.hann_window(samples, dtype=power.dtype, device=power.device)
    # The window's own correlation, divided out, would let even a perfect tone's fall with the lag (Boersma 1993).
    envelope = torch.fft.irfft(torch.fft.rfft(window, n=2 * samples).abs().square())[: high + 1]
    correlation = torch.fft.irfft(power)[..., : high + 1]
    correlation = correlation / correlation[..., :1].clamp_min(_SILENT_POWER) / (envelope / envelope[0])
    # Lags within the main lobe around zero say that a sound is dull, not that it has a pitch.
    beyond = (correlation < 0).cumsum(dim=-1) > 0
    heights = torch.where(beyond, correlation, 0.0)[..., low:].clamp(0, 1)
    octaves = torch.log2(torch.arange(low, high + 1, dtype=power.dtype, device=power.device) / sample_rate_hz * 440)
    # Every multiple of a period is a period too: the shortest is meant.
    place = (heights - _OCTAVE_COST * octaves).argmax(dim=2)
    height = heights.gather(2, place[..., None])[..., 0]
    return height, -octaves[place]


def _envelope_traits(audio: Tensor, sample_rate_hz: float) -> list[Tensor]:
    samples = max(1, round(BLOCK_SECONDS * sample_rate_hz))
    blocks = -(-audio.shape[1] // samples)
    padded = torch.nn.functional.pad(audio, (0, blocks * samples - audio.shape[1]))
    power = padded.view(len(audio), blocks, samples).square().mean(dim=2)
    decibels = _decibels(power / power.amax(dim=1, keepdim=True).clamp_min(_SILENT_POWER))
    seconds = torch.arange(blocks, dtype=audio.dtype, device=audio.device) * (samples / sample_rate_hz)
    # Where a sound is steady, its very loudest block may be any; the first that is nearly as loud is heard as the peak.
    loudest = (decibels > -1).to(torch.int64).argmax(dim=1)
    begins = (decibels > ACTIVE_DB).to(torch.int64).argmax(dim=1)
    rises = (decibels > -20).to(torch.int64).argmax(dim=1)
    shares = power / power.sum(dim=1, keepdim=True).clamp_min(_SILENT_POWER)
    centre = (shares * seconds).sum(dim=1) - seconds[begins]
    lasting = [(decibels > limit).sum(dim=1) * (samples / sample_rate_hz) for limit in (-20.0, ACTIVE_DB)]
    times = [seconds[loudest] - seconds[rises], centre, seconds[loudest] - seconds[begins], *lasting]
    traits = [(time.clamp_min(0) + BLOCK_SECONDS).log10().to(audio.dtype) for time in times]
    for after in DECAY_SECONDS:
        place = loudest + round(after * sample_rate_hz / samples)
        level = decibels.gather(1, place.clamp_max(blocks - 1)[:, None])[:, 0]
        traits.append(torch.where(place < blocks, level, FLOOR_DB))
    peak = audio.abs().amax(dim=1).square()
    traits.append(_decibels(power.amax(dim=1) / peak.clamp_min(_SILENT_POWER)))
    # A struck thing only decays; what rises again after its peak is repeated, or modulated.
    smooth = torch.nn.functional.avg_pool1d(decibels[:, None], 9, stride=4, ceil_mode=True)[:, 0]
    upwards = (smooth[:, 1:] - smooth[:, :-1]).clamp_min(0).sum(dim=1)
    traits.append(upwards / (lasting[1] + 0.1))
    return traits


def _decibels(power: Tensor) -> Tensor:
    """Power, full scale being 1, in dB above the floor of silence."""
    return 10 * power.clamp_min(10 ** (FLOOR_DB / 10)).log10()


def active_shares(power: Float[Tensor, "batch frame"]) -> Float[Tensor, "batch frame"]:
    """Returns equal weights for the frames that are part of the sound, adding up to 1; all of them where none is."""
    loudest = power.amax(dim=1, keepdim=True)
    active = (power >= loudest * 10 ** (ACTIVE_DB / 10)).to(power.dtype)
    return active / active.sum(dim=1, keepdim=True)


def _mean_and_spread(values: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    mean = (values * weights).sum(dim=1)
    return mean, (weights * (values - mean[:, None]).square()).sum(dim=1).sqrt()


@lru_cache(maxsize=8)
def _bands(bins: int, sample_rate_hz: float, dtype: torch.dtype, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Weights of bins in bands, the cosine transform of bands without its constant, and the bands' octaves above 1 kHz.

    Bands are wide enough to hold a bin each; those above half the rate are left empty.
    """
    edges = band_edges_hz(_BANDS, *BAND_RANGE_HZ)
    frequencies = np.arange(bins) * (sample_rate_hz / 2 / (bins - 1))
    weights = filterbank(frequencies, edges)
    bands = np.arange(_BANDS)
    transform = np.cos(np.pi / _BANDS * (bands[:, None] + 0.5) * np.arange(1, _CEPSTRUM + 1)) / _BANDS
    octaves = np.log2(edges[1:-1] / 1000)
    # Kept for later calls, so they must not be inference tensors even if the first call is made in inference mode.
    with torch.inference_mode(False):
        made = [torch.from_numpy(array).to(device, dtype) for array in (weights, transform, octaves)]
    return made[0], made[1], made[2]
