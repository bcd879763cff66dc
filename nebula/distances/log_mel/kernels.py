"""Compiled loops for the log-mel distance at its usual window: levels, windows, spectra and bands in one pass.

Sixteen frames are transformed side by side, one in each lane of a vector, so that no step shuffles. A real window of
2,048 samples is a complex one of half as many points: even samples are the real parts, odd ones the imaginary parts.
Rows hold one point of all frames, real parts first.
"""

import math
from typing import no_type_check

import numpy as np

from nebula.compilation import compiled
from nebula.distances.log_mel.settings import FUSED_WINDOW_SAMPLES as WINDOW_SAMPLES

_F = np.float32
_I = np.int32
_LANES = 16
_ROW = 2 * _LANES
_POINTS = WINDOW_SAMPLES // 2
_INFINITE = _I(0x7F800000)

# Windows lie this far apart: a few lines more than they are long, or all would fall into the same sets of the cache.
_APART = WINDOW_SAMPLES + 16

# Squares are summed in this many lanes, each in the order of time, so that silence behind a sound changes no bit.
_SUMS = 1024


def _roots(angle: float) -> np.ndarray:
    turned = np.exp(-1j * angle * np.arange(_POINTS))
    return np.stack([turned.real, turned.imag], axis=1).astype(np.float32)


# e to the -2 pi i k / 1024, and the same for 2048.
_TWIDDLES = _roots(2 * math.pi / _POINTS)
_HALF_TWIDDLES = _roots(math.pi / _POINTS)


def _reversed(point: int) -> int:
    place = 0
    for _ in range(5):
        place, point = 4 * place + point % 4, point // 4
    return place


# Where the transform, which works in place, leaves each frequency: its digits to base 4 are reversed.
_PLACES = np.array([_reversed(point) for point in range(_POINTS)])


def bin_places() -> np.ndarray:
    """Returns where the loops keep the magnitude of each bin, from 0 Hz to half the sample rate."""
    # The two ends, which are real, share the first row.
    return np.append(_PLACES * _ROW, _LANES)


@no_type_check
@compiled()
def _gain(sound, samples, level_rms, sums):
    """The factor that brings the first samples of a sound to a level, 1 for silence, -1 if any sample is not finite."""
    peak = _I(0)
    for i in range(sound.size):
        # Magnitudes are ordered as their bits are, and integers' maximum is one that LLVM knows.
        peak = max(peak, _I(_F(sound[i]).view(_I) & _I(0x7FFFFFFF)))
    if peak >= _INFINITE:
        return -1.0
    sums[:] = 0.0
    heard = min(samples, sound.size)
    for first in range(0, heard, _SUMS):
        part = sound[first : min(first + _SUMS, heard)]
        for i in range(part.size):
            # In float64, where the square of no float32 overflows or vanishes.
            value = np.float64(part[i])
            sums[i] += value * value
    energy = 0.0
    for i in range(_SUMS):
        energy += sums[i]
    return level_rms / math.sqrt(energy / samples) if energy > 0.0 else 1.0


@no_type_check
@compiled()
def _load(work, windows, sound, samples, scaled, first, frames, hop) -> None:
    """Writes windows of a group of frames into rows; silence lies beyond the ends, and behind the last frame."""
    for lane in range(_LANES):
        target = windows[lane * _APART : lane * _APART + WINDOW_SAMPLES]
        begin = (first + lane) * hop - WINDOW_SAMPLES // 2
        low = min(max(-begin, 0), WINDOW_SAMPLES)
        high = max(min(min(samples, sound.size) - begin, WINDOW_SAMPLES), low) if first + lane < frames else low
        target[:low] = _F(0.0)
        target[high:] = _F(0.0)
        part, weight, inside = sound[begin + low : begin + high], scaled[low:high], target[low:high]
        for i in range(inside.size):
            inside[i] = _F(part[i] * weight[i])
    for point in range(_POINTS):
        row = work[point * _ROW : (point + 1) * _ROW]
        column = windows[2 * point :]
        for lane in range(_LANES):
            row[lane] = column[lane * _APART]
            row[lane + _LANES] = column[lane * _APART + 1]


@no_type_check
@compiled()
def _butterflies(work, first, span) -> None:
    """One step of the transform of a block of 4 x span points, decimating in frequency by 4."""
    # Distances between the four rows must be constants when compiled, or LLVM makes no vectors of the loop: hence a
    # call for each span.
    step = _POINTS // (4 * span)
    second, third, fourth = span * _ROW, 2 * span * _ROW, 3 * span * _ROW
    for q in range(span):
        rows = work[(first + q) * _ROW : (first + q + 3 * span + 1) * _ROW]
        cos_1, sin_1 = _TWIDDLES[q * step, 0], _TWIDDLES[q * step, 1]
        cos_2, sin_2 = _TWIDDLES[2 * q * step, 0], _TWIDDLES[2 * q * step, 1]
        cos_3, sin_3 = _TWIDDLES[3 * q * step, 0], _TWIDDLES[3 * q * step, 1]
        for i in range(_LANES):
            j = i + _LANES
            even_real, even_imag = rows[i] + rows[i + third], rows[j] + rows[j + third]
            odd_real, odd_imag = rows[i + second] + rows[i + fourth], rows[j + second] + rows[j + fourth]
            across_real, across_imag = rows[i] - rows[i + third], rows[j] - rows[j + third]
            # -i times the difference of the odd ones.
            turned_real, turned_imag = rows[j + second] - rows[j + fourth], rows[i + fourth] - rows[i + second]
            real_1, imag_1 = across_real + turned_real, across_imag + turned_imag
            real_2, imag_2 = even_real - odd_real, even_imag - odd_imag
            real_3, imag_3 = across_real - turned_real, across_imag - turned_imag
            rows[i], rows[j] = even_real + odd_real, even_imag + odd_imag
            rows[i + second] = real_1 * cos_1 - imag_1 * sin_1
            rows[j + second] = real_1 * sin_1 + imag_1 * cos_1
            rows[i + third] = real_2 * cos_2 - imag_2 * sin_2
            rows[j + third] = real_2 * sin_2 + imag_2 * cos_2
            rows[i + fourth] = real_3 * cos_3 - imag_3 * sin_3
            rows[j + fourth] = real_3 * sin_3 + imag_3 * cos_3


@no_type_check
@compiled()
def _transform(work) -> None:
    """Transforms in place; after the first step each quarter is finished while it is in the nearest cache."""
    _butterflies(work, 0, 256)
    for quarter in range(0, 1024, 256):
        _butterflies(work, quarter, 64)
        for part in range(quarter, quarter + 256, 64):
            _butterflies(work, part, 16)
            for piece in range(part, part + 64, 16):
                _butterflies(work, piece, 4)
                for last in range(piece, piece + 16, 4):
                    _butterflies(work, last, 1)


@no_type_check
@compiled()
def _magnitudes(work) -> None:
    """Replaces the complex windows' transform by the magnitudes of the real ones', doubled, at `bin_places`."""
    for i in range(_LANES):
        j = i + _LANES
        even, odd = work[i], work[j]
        work[i], work[j] = _F(2.0) * abs(even + odd), _F(2.0) * abs(even - odd)
    for k in range(1, _POINTS // 2 + 1):
        one = work[_PLACES[k] * _ROW : (_PLACES[k] + 1) * _ROW]
        other = work[_PLACES[_POINTS - k] * _ROW : (_PLACES[_POINTS - k] + 1) * _ROW]
        cos, sin = _HALF_TWIDDLES[k, 0], _HALF_TWIDDLES[k, 1]
        for i in range(_LANES):
            j = i + _LANES
            # Twice the transforms of the even samples and of the odd ones.
            even_real, even_imag = one[i] + other[i], one[j] - other[j]
            odd_real, odd_imag = one[j] + other[j], other[i] - one[i]
            turned_real, turned_imag = odd_real * cos - odd_imag * sin, odd_real * sin + odd_imag * cos
            low_real, low_imag = even_real + turned_real, even_imag + turned_imag
            high_real, high_imag = even_real - turned_real, even_imag - turned_imag
            one[i] = np.sqrt(low_real * low_real + low_imag * low_imag)
            other[i] = np.sqrt(high_real * high_real + high_imag * high_imag)


@no_type_check
@compiled()
def _add_bands(bands, work, place, segment, slopes) -> None:
    """Adds each bin to the two bands that it lies in."""
    bands[:] = _F(0.0)
    for b in range(place.size):
        values = work[place[b] : place[b] + _LANES]
        sides = bands[segment[b] * _LANES : (segment[b] + 2) * _LANES]
        falling, rising = slopes[b, 0], slopes[b, 1]
        # A number that LLVM does not know: it would unroll a loop this short, and then make no vectors of it.
        for i in range(values.size):
            sides[i] += falling * values[i]
            sides[i + _LANES] += rising * values[i]


@no_type_check
@compiled(
    "void(float32[:, :, ::1], boolean[::1], float32[:, ::1], int64, float64, float64[::1], int64, int64[::1], "
    "int64[::1], float32[:, ::1])"
)
def magnitudes(out, finite, audio, samples, level_rms, window, hop, place, segment, slopes) -> None:
    """Writes the magnitude in each band of each frame of sounds brought to one level.

    Args:
        out: Where magnitudes go: sounds, frames, bands.
        finite: Set to whether each sound is finite; of others nothing is written.
        audio: Sounds of any length and level.
        samples: Length that is compared.
        level_rms: Level of each sound over that length.
        window: The window, of `FUSED_WINDOW_SAMPLES`.
        hop: Samples from one frame to the next.
        place: For each bin that counts, its entry of `bin_places`.
        segment: The band edge at or below each of them.
        slopes: Their weights in the band that ends after that edge, and in the one that begins there.
    """
    work = np.empty(_POINTS * _ROW, _F)
    windows = np.empty(_LANES * _APART, _F)
    # A row before the first band and one behind the last take what falls outside.
    bands = np.empty((out.shape[2] + 2) * _LANES, _F)
    scaled = np.empty(WINDOW_SAMPLES)
    sums = np.empty(_SUMS)
    for number in range(audio.shape[0]):
        sound = audio[number]
        gain = _gain(sound, samples, level_rms, sums)
        finite[number] = gain >= 0.0
        if gain < 0.0:
            continue
        for i in range(WINDOW_SAMPLES):
            # Half of it, since magnitudes come out twice as large.
            scaled[i] = 0.5 * gain * window[i]
        for first in range(0, out.shape[1], _LANES):
            _load(work, windows, sound, samples, scaled, first, out.shape[1], hop)
            _transform(work)
            _magnitudes(work)
            _add_bands(bands, work, place, segment, slopes)
            for lane in range(min(_LANES, out.shape[1] - first)):
                target = out[number, first + lane]
                for band in range(target.size):
                    target[band] = bands[(band + 1) * _LANES + lane]
