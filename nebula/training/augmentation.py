"""What recordings have and renders lack: filters, fading brightness, hiss. Drawn at random, applied to pictures.

A filter multiplies a magnitude, and noise adds to its square, so neither needs the audio: a chain is rendered once and
heard in another way each time.
"""

import math
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from nebula.distances.doppelganger.pictures import (
    COARSE_EDGES_HZ,
    FINE_CENTRES_HZ,
    HOP_SECONDS,
    PEAK_BINS,
    WINDOW_SAMPLES,
    Pictures,
)
from nebula.distances.level import LEVEL_RMS
from nebula.distances.log_mel import REFERENCE_RATE_HZ, LogMelSettings

# Waves that an equaliser's curve is the sum of, by octave; their depth for a chain, and how much its links differ.
_WAVES, _DEPTH_DB, _LINK_DEPTH_DB = 6, 3.0, 0.6

# Most tilt of a chain's spectrum, either way, and of the change along a chain, in dB an octave.
_TILT_DB, _LINK_TILT_DB, _CHANGE_DB = 2.0, 0.3, 8.0

# Hiss below the sound's level: the least, and how much less at most; how much it may rise along a chain.
_HISS_DB, _HISS_RANGE_DB, _HISS_CHANGE_DB = -35.0, 60.0, 25.0

# Mean square of a Hann window.
_WINDOW_POWER = 3 / 8


class _Bands(NamedTuple):
    octaves: Tensor
    width_bins: Tensor
    window_samples: int
    hop_seconds: float
    first_seconds: float


def _fine_bands() -> _Bands:
    spacing = REFERENCE_RATE_HZ / WINDOW_SAMPLES
    width = np.clip(np.gradient(FINE_CENTRES_HZ) / spacing, 1, PEAK_BINS)
    return _bands(FINE_CENTRES_HZ, width, WINDOW_SAMPLES, HOP_SECONDS, HOP_SECONDS / 2)


def _coarse_bands() -> _Bands:
    settings = LogMelSettings()
    width = (COARSE_EDGES_HZ[2:] - COARSE_EDGES_HZ[:-2]) / 2 * settings.fft_samples / REFERENCE_RATE_HZ
    return _bands(COARSE_EDGES_HZ[1:-1], width, settings.fft_samples, settings.hop_seconds, 0.0)


def _bands(centres_hz: np.ndarray, width: np.ndarray, window: int, hop: float, first: float) -> _Bands:
    octaves = torch.from_numpy(np.log2(centres_hz / 1000)).float()
    return _Bands(octaves, torch.from_numpy(width).float(), window, hop, first)


_FINE, _COARSE = _fine_bands(), _coarse_bands()


class _Draws(NamedTuple):
    """What is drawn for each link of each chain."""

    wave_rate: Tensor
    wave_phase: Tensor
    wave_depth_db: Tensor
    tilt_db: Tensor
    fade_db: Tensor
    hiss_rms: Tensor
    hiss_tilt_db: Tensor


def augment(seen: Pictures, changing: Bool[Tensor, " chain"], generator: torch.Generator) -> Pictures:
    """Returns the pictures as of sounds recorded somewhere, at the same level.

    All links of a chain are recorded in one place, with small differences; the links of a changing chain become
    brighter or duller one after the other, as notes do that are played ever harder or softer, and most of those hiss
    less the brighter they are.

    Args:
        seen: Pictures of chains, (chain, link, frame, band) each.
        changing: Which chains change along their links.
        generator: Decides everything random; lies on the device of the pictures.
    """
    drawn = _draw(len(changing), seen.fine.shape[1], changing, generator)
    fine, coarse = _filter(seen.fine, drawn, _FINE), _filter(seen.coarse, drawn, _COARSE)
    wanted = _energy(seen.coarse)
    scale = _ratio(wanted, _energy(coarse))
    fine, coarse = _hiss(fine * scale, drawn, _FINE, generator), _hiss(coarse * scale, drawn, _COARSE, generator)
    again = _ratio(wanted, _energy(coarse))
    return Pictures(fine * again, coarse * again)


def _draw(chains: int, links: int, changing: Tensor, generator: torch.Generator) -> _Draws:
    device = generator.device

    def uniform(*size: int) -> Tensor:
        return torch.rand(size, generator=generator, device=device)

    def normal(*size: int) -> Tensor:
        return torch.randn(size, generator=generator, device=device)

    depth = _DEPTH_DB * normal(chains, 1, _WAVES) + _LINK_DEPTH_DB * normal(chains, links, _WAVES)
    place = torch.linspace(0, 1, links, device=device) * changing[:, None]
    change = _CHANGE_DB * (2 * uniform(chains, 1) - 1)
    tilt = _TILT_DB * (2 * uniform(chains, 1) - 1) + _LINK_TILT_DB * normal(chains, links) + place * change
    # Half of all sounds fade from the treble down, by 2 dB an octave and second on average.
    fade = -2 * (1 - uniform(chains, 1)).log() * (uniform(chains, 1) < 0.5)
    hiss = _HISS_DB - _HISS_RANGE_DB * uniform(chains, 1) + normal(chains, links)
    rising = _HISS_CHANGE_DB * uniform(chains, 1) * (uniform(chains, 1) < 0.7)
    hiss = hiss - place * rising * change.sign()
    return _Draws(
        wave_rate=2 * math.pi * (0.05 + 0.6 * uniform(chains, 1, _WAVES)),
        wave_phase=2 * math.pi * uniform(chains, 1, _WAVES),
        wave_depth_db=depth,
        tilt_db=tilt,
        fade_db=fade.clamp(max=6).expand(chains, links),
        hiss_rms=LEVEL_RMS * 10 ** (hiss / 20),
        hiss_tilt_db=(-6 * uniform(chains, 1)).expand(chains, links),
    )


def _filter(magnitudes: Tensor, drawn: _Draws, bands: _Bands) -> Tensor:
    octaves = bands.octaves.to(magnitudes.device)
    waves = torch.cos(drawn.wave_rate[..., None] * octaves + drawn.wave_phase[..., None])
    spectral = (drawn.wave_depth_db[..., None] * waves).sum(2) + drawn.tilt_db[..., None] * octaves
    seconds = bands.first_seconds + bands.hop_seconds * torch.arange(magnitudes.shape[2], device=octaves.device)
    # Fading begins two octaves below 1 kHz.
    fading = drawn.fade_db[..., None, None] * seconds[:, None] * (octaves + 2).clamp(min=0)
    gain_db = (spectral[:, :, None] - fading).clamp(-60, 40)
    return magnitudes * 10 ** (gain_db / 20)


def _hiss(magnitudes: Tensor, drawn: _Draws, bands: _Bands, generator: torch.Generator) -> Tensor:
    octaves, width = bands.octaves.to(magnitudes.device), bands.width_bins.to(magnitudes.device)
    tilt = 10 ** (drawn.hiss_tilt_db[..., None] * octaves / 20)
    level = drawn.hiss_rms[..., None] * tilt * math.sqrt(bands.window_samples * _WINDOW_POWER) * width
    # The magnitude of one bin of noise is Rayleigh distributed, the sum of several is steadier.
    rayleigh = (-(1 - torch.rand(magnitudes.shape, generator=generator, device=generator.device)).log()).sqrt()
    steadiness = 1 / width.sqrt()
    noise = level[:, :, None] * (1 + (rayleigh - 1) * steadiness)
    return (magnitudes.square() + noise.square()).sqrt()


def _energy(coarse: Float[Tensor, "chain link frame band"]) -> Float[Tensor, "chain link 1 1"]:
    """Energy of the sounds, up to a factor: a band's magnitude is a sum over its width."""
    width = _COARSE.width_bins.to(coarse.device)
    return (coarse.square() / width).sum((2, 3), keepdim=True)


def _ratio(wanted: Tensor, found: Tensor) -> Tensor:
    audible = found > 0
    return torch.where(audible, (wanted / torch.where(audible, found, 1.0)).sqrt(), 1.0)
