"""Descriptors: what sounds are like in the words of the field, to see where a nebula's differ from its target's.

No study is tuned to them and no judge goes by them: they are for people to look at, as violins beside each other.

| descriptor | what it is | extremes |
|---|---|---|
| `centroid_hz` | mean frequency, weighted by magnitude | low: dull, high: bright |
| `flatness` | geometric over arithmetic mean of power, in [0, 1] | 0: a tone; white noise has exp(-0.577) = 0.56 |
| `flux` | distance between successive spectra of length 1, in [0, 1.42] | 0: steady |
| `attack_seconds` | from a tenth of the highest amplitude to nine tenths | 0: struck |
| `decay_seconds` | from the loudest moment to the last one within 20 dB of it | 0: a click |
| `inharmonicity` | how far partials lie from multiples of the pitch, as shares of it, in [0, 1] | 0: harmonic |
| `odd_to_even_db` | power of odd over even harmonics | 0: noise, 60: none are even |
| `pitch_salience` | highest autocorrelation of the spectrum at 100 to 5,000 Hz over that at 0, in [0, 1] | 0: a sine |

The first three and the last are means over frames within 40 dB of the loudest; harmonics are of the loudest 0.19 s, up
to the twentieth. Of a sound without pitch the harmonics say nothing: they are what lies near multiples of some
frequency. Salience is high of noise too, whose magnitudes are all alike.

Sources: Peeters et al., "The Timbre Toolbox: extracting audio descriptors from musical signals", JASA 130, 2011, for
centroid, flatness, inharmonicity and odd-to-even ratio; `PitchSalience` of Essentia.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from nebula.distances import Embedder, Settings
from nebula.evaluation.judges.traits import active_shares, periodicity, power_spectra

#: The descriptors in order.
NAMES = (
    "centroid_hz",
    "flatness",
    "flux",
    "attack_seconds",
    "decay_seconds",
    "inharmonicity",
    "odd_to_even_db",
    "pitch_salience",
)

#: Lags of the spectrum's autocorrelation.
SALIENCE_RANGE_HZ = (100.0, 5000.0)

#: Harmonics that are looked for.
HARMONICS = 20

_BLOCK_SECONDS = 0.005
_HARMONIC_WINDOW_SECONDS = 8192 / 44_100

# From so many harmonics the pitch is found more exactly than from a lag.
_PITCH_HARMONICS = 4

# Ratios of powers end here: 60 dB either way.
_SMALLEST_SHARE = 1e-6
_SILENT = 1e-20


class Descriptors(Embedder):
    """What a sound is like, in the order and units of `NAMES`.

    Args:
        settings: Length and level; the level counts for nothing.

    Example:
        >>> Descriptors().embed(torch.zeros(2, 44100), 44100).shape == (2, len(NAMES))
        True
    """

    name = "descriptors"
    version = 1

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(Settings() if settings is None else settings)

    def analyse(self, audio: Float[Tensor, "batch time"], sample_rate_hz: float) -> Float[Tensor, "batch descriptor"]:
        """Descriptors of a few sounds.

        Args:
            audio: Sounds of one length.
            sample_rate_hz: Any rate that `embed` allows.
        """
        power = power_spectra(audio, sample_rate_hz)
        shares = active_shares(power.sum(dim=2))
        magnitudes = power.sqrt()
        hz = torch.linspace(0, sample_rate_hz / 2, power.shape[2], dtype=power.dtype, device=power.device)
        centroid = (magnitudes @ hz) / magnitudes.sum(dim=2).clamp_min(_SILENT)
        by_frame = (centroid, _flatness(power), _flux(magnitudes), _salience(magnitudes, hz))
        centroid, flatness, flux, salience = ((values * shares).sum(dim=1) for values in by_frame)
        attack, decay = _envelope(audio, sample_rate_hz)
        inharmonicity, odd_to_even = _harmonics(audio, sample_rate_hz)
        return torch.stack([centroid, flatness, flux, attack, decay, inharmonicity, odd_to_even, salience], dim=1)


def _flatness(power: Float[Tensor, "batch frame frequency"]) -> Float[Tensor, "batch frame"]:
    bounded = power + 1e-10 * power.amax(dim=2, keepdim=True) + _SILENT
    return bounded.log().mean(dim=2).exp() / bounded.mean(dim=2)


def _flux(magnitudes: Float[Tensor, "batch frame frequency"]) -> Float[Tensor, "batch frame"]:
    units = magnitudes / magnitudes.norm(dim=2, keepdim=True).clamp_min(_SILENT)
    flux = magnitudes.new_zeros(magnitudes.shape[:2])
    flux[:, 1:] = (units[:, 1:] - units[:, :-1]).norm(dim=2)
    return flux


def _salience(magnitudes: Float[Tensor, "batch frame frequency"], hz: Tensor) -> Float[Tensor, "batch frame"]:
    bins = magnitudes.shape[2]
    # Twice as long, so that the correlation of the spectrum's end with its beginning is left out.
    correlation = torch.fft.irfft(torch.fft.rfft(magnitudes, n=2 * bins).abs().square())[..., :bins]
    within = (hz >= SALIENCE_RANGE_HZ[0]) & (hz <= SALIENCE_RANGE_HZ[1])
    salience: Tensor = correlation[..., within].amax(dim=2) / correlation[..., 0].clamp_min(_SILENT)
    return salience.clamp(0, 1)


def _envelope(audio: Tensor, sample_rate_hz: float) -> tuple[Tensor, Tensor]:
    samples = max(1, round(_BLOCK_SECONDS * sample_rate_hz))
    blocks = -(-audio.shape[1] // samples)
    padded = torch.nn.functional.pad(audio, (0, blocks * samples - audio.shape[1]))
    levels = padded.view(len(audio), blocks, samples).square().mean(dim=2).sqrt()
    levels = levels / levels.amax(dim=1, keepdim=True).clamp_min(_SILENT)
    begins, rises = ((levels >= share).to(torch.int64).argmax(dim=1) for share in (0.1, 0.9))
    loud = (levels >= 0.1).to(torch.int64)
    ends = blocks - 1 - loud.flip(1).argmax(dim=1)
    lasts = torch.where(loud.any(dim=1), ends - levels.argmax(dim=1), 0)
    unit = samples / sample_rate_hz
    return (rises - begins).clamp_min(0).to(audio.dtype) * unit, lasts.clamp_min(0).to(audio.dtype) * unit


def _harmonics(audio: Tensor, sample_rate_hz: float) -> tuple[Tensor, Tensor]:
    """Inharmonicity and odd-to-even ratio of the loudest window."""
    samples = 2 * round(_HARMONIC_WINDOW_SECONDS * sample_rate_hz / 2)
    padded = torch.nn.functional.pad(audio, (0, samples))
    energy = torch.nn.functional.pad(padded.square().cumsum(dim=1), (1, 0))
    first = (energy[:, samples:] - energy[:, :-samples]).argmax(dim=1)
    places = first[:, None] + torch.arange(samples, device=audio.device)
    window = torch.hann_window(samples, dtype=audio.dtype, device=audio.device)
    spectrum = torch.fft.rfft(padded.gather(1, places) * window, n=2 * samples).abs()
    _, octaves = periodicity(spectrum.square()[:, None], sample_rate_hz)
    step = sample_rate_hz / (2 * samples)
    pitch = 440 * torch.exp2(octaves[:, 0])
    found, powers = _partials(spectrum, pitch, step, _PITCH_HARMONICS)
    numbers = torch.arange(1, HARMONICS + 1, dtype=audio.dtype, device=audio.device)
    few = numbers[:_PITCH_HARMONICS]
    # The multiple nearest to the first partials, in the sense of least squares.
    weight = (powers * few.square()).sum(dim=1)
    pitch = torch.where(weight > _SILENT, (powers * few * found).sum(dim=1) / weight.clamp_min(_SILENT), pitch)
    found, powers = _partials(spectrum, pitch, step, HARMONICS)
    total = powers.sum(dim=1).clamp_min(_SILENT)
    # No partial is looked for farther from its multiple than half of the pitch.
    away = 2 * (found - numbers * pitch[:, None]).abs() / pitch[:, None]
    odd, even = (powers[:, parity::2].sum(dim=1) / total + _SMALLEST_SHARE for parity in (0, 1))
    return (away * powers).sum(dim=1) / total, 10 * (odd / even).log10()


def _partials(
    spectrum: Float[Tensor, "batch frequency"], pitch: Float[Tensor, " batch"], step: float, count: int
) -> tuple[Float[Tensor, "batch partial"], Float[Tensor, "batch partial"]]:
    """Frequency and power of the highest peak near each multiple of a pitch; no power beyond the spectrum's end."""
    bins = torch.arange(spectrum.shape[1], dtype=spectrum.dtype, device=spectrum.device)
    found, powers = [], []
    for number in range(1, count + 1):
        near = (bins * step - number * pitch[:, None]).abs() < pitch[:, None] / 2
        place = torch.where(near, spectrum, -1.0).argmax(dim=1).clamp(1, len(bins) - 2)
        low, peak, high = (
            spectrum.gather(1, (place + side)[:, None])[:, 0].clamp_min(_SILENT).log() for side in (-1, 0, 1)
        )
        # Where a parabola through the logarithms of three bins has its top.
        bend = low - 2 * peak + high
        shift = torch.where(bend < 0, (low - high) / (2 * bend).clamp_max(-_SILENT), 0.0).clamp(-0.5, 0.5)
        found.append(((place + shift) * step).clamp(min=(number - 0.5) * pitch, max=(number + 0.5) * pitch))
        there = (number * pitch < step * (len(bins) - 1)) & near.any(dim=1)
        powers.append(torch.where(there, (2 * peak - (low - high) * shift / 2).exp(), 0.0))
    return torch.stack(found, dim=1), torch.stack(powers, dim=1)
