"""Mel scales and triangular bands, of which every picture of a sound with bands is made."""

import math

import numpy as np
from jaxtyping import Float64


def htk_mel(frequency_hz: np.ndarray | float) -> np.ndarray:
    """Pitch in mel on the scale of HTK, 2595 log10(1 + f / 700).

    Args:
        frequency_hz: At least 0.
    """
    return np.asarray(2595 * np.log10(1 + np.asarray(frequency_hz) / 700))


def band_edges_hz(bands: int, lowest_hz: float, highest_hz: float) -> np.ndarray:
    """Where the triangles begin, peak and end: band b spans edges b to b + 2 and peaks at b + 1, equally far in mel.

    Args:
        bands: Number of bands, at least 1.
        lowest_hz: First edge.
        highest_hz: Last edge.
    """
    return np.asarray(700 * (10 ** (np.linspace(htk_mel(lowest_hz), htk_mel(highest_hz), bands + 2) / 2595) - 1))


def filterbank(
    frequencies_hz: Float64[np.ndarray, " frequency"], edges_hz: Float64[np.ndarray, " edge"]
) -> Float64[np.ndarray, "frequency band"]:
    """Weight of each frequency in each band: triangles over frequency with peak 1.

    Between the first and the last peak the weights of every frequency add up to 1.

    Args:
        frequencies_hz: Where to take the triangles.
        edges_hz: Rising, two more than bands.
    """
    begin, peak, end = edges_hz[:-2], edges_hz[1:-1], edges_hz[2:]
    rising = (frequencies_hz[:, None] - begin) / (peak - begin)
    falling = (end - frequencies_hz[:, None]) / (end - peak)
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)))


def slaney_mel(frequency_hz: np.ndarray | float) -> np.ndarray:
    """Pitch on the scale of Slaney's Auditory Toolbox: linear below 1 kHz, 27 logarithmic steps for a factor of 6.4.

    Args:
        frequency_hz: At least 0.
    """
    frequency = np.asarray(frequency_hz, dtype=np.float64)
    above = 15 + 27 * np.log(np.maximum(frequency, 1000) / 1000) / math.log(6.4)
    return np.where(frequency < 1000, frequency * 3 / 200, above)


def slaney_hz(mel: np.ndarray) -> np.ndarray:
    """Frequency of a pitch on Slaney's scale.

    Args:
        mel: At least 0.
    """
    return np.where(mel < 15, mel * 200 / 3, 1000 * 6.4 ** ((np.maximum(mel, 15) - 15) / 27))
