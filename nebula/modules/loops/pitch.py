"""The loops of `nebula.modules.pitch`: phases of oscillators, and levels, written stretch by stretch.

What accumulates over a sound is float64, what happens within a block float32. Hot loops are free of calls and of
branches, so that LLVM makes vector loops of them.
"""

import math
from typing import no_type_check

import numpy as np

from nebula.compilation import compiled
from nebula.modules.loops import polynomials

#: Signals of a block are written in steps of one vector; the next stretch overwrites what is too much.
VECTOR = 16

_F = np.float32
_LN2 = math.log(2.0)

# A gentle slope is the usual case and takes half the terms.
_GENTLE = 0.05
_G0, _G1, _G2, _G3 = (_F(c) for c in polynomials.geometric(_GENTLE, 3))
_H0, _H1, _H2, _H3, _H4, _H5, _H6, _H7 = (_F(c) for c in polynomials.geometric(1.0, 7))

_C0, _C1, _C2, _C3, _C4, _C5, _C6, _C7, _C8, _C9, _C10, _C11, _C12 = polynomials.geometric(1.0, 12)
_P0, _P1, _P2, _P3, _P4, _P5, _P6, _P7, _P8, _P9 = polynomials.exp2(-5.75 / 16, 4.84 / 16, 9)


@no_type_check
@compiled()
def _precise_growth(y):
    """(e ** y - 1) / y for |y| up to 1, to 3e-15."""
    high = _C6 + y * (_C7 + y * (_C8 + y * (_C9 + y * (_C10 + y * (_C11 + y * _C12)))))
    return _C0 + y * (_C1 + y * (_C2 + y * (_C3 + y * (_C4 + y * (_C5 + y * high)))))


@no_type_check
@compiled()
def pitch_ratio(midi):
    """Frequency over that of MIDI 69, for pitches from 0 to 127: 2 ** (x / 16) to the 16th power."""
    u = (midi - 69.0) / 192.0
    high = _P4 + u * (_P5 + u * (_P6 + u * (_P7 + u * (_P8 + u * _P9))))
    root = _P0 + u * (_P1 + u * (_P2 + u * (_P3 + u * high)))
    root = root * root
    root = root * root
    root = root * root
    return root * root


@no_type_check
@compiled("void(float64[:, ::1], float64[::1], float64, float64, float64, int64[::1], float64[::1], float64[::1])")
def plan_pitch(plan, signal, base, depth, step, index, offset, samples) -> None:
    """Works out an oscillator's pitch for each stretch, on which it is a straight line.

    Rows of the plan: pitch at the first sample, its slope per sample, ratio of the frequency to MIDI 69's divided by
    g(x), x (growth of the frequency per sample, in nepers), sum of the ratios, and whether the stretch is steep: the
    clamp is crossed within it, or the frequency grows by more than g's polynomial reaches; the three before it do not
    hold then.
    """
    pitches, slopes, ratios, growths, sums, steeps = plan[0], plan[1], plan[2], plan[3], plan[4], plan[5]
    # Looking values up is a loop of its own: what it reads may overlap with what it writes, for all that LLVM knows.
    for i in range(index.size):
        low, high = signal[index[i]], signal[index[i] + 1]
        pitches[i] = base + depth * (low + (high - low) * offset[i])
        slopes[i] = depth * (high - low) * step
    for i in range(samples.size):
        last = pitches[i] + slopes[i] * (samples[i] - 1.0)
        held = min(max(pitches[i], 0.0), 127.0)
        held_last = min(max(last, 0.0), 127.0)
        x = slopes[i] * (_LN2 / 12.0) if held != held_last else 0.0
        crossed = (held != held_last) & ((held != pitches[i]) | (held_last != last))
        steep = crossed | (abs(x) * samples[i] > 1.0)
        x = 0.0 if steep else x
        ratio = pitch_ratio(held) / _precise_growth(x)
        ratios[i], growths[i] = ratio, x
        sums[i] = ratio * samples[i] * _precise_growth(x * samples[i])
        steeps[i] = 1.0 if steep else 0.0


@no_type_check
@compiled()
def _padded(samples):
    return (samples + VECTOR - 1) // VECTOR * VECTOR


@no_type_check
@compiled()
def _write_phase(phase, samples, count, before, increment, x) -> None:
    """Writes the phase in [-0.5, 0.5] turns after 1, 2, ... increments that grow geometrically."""
    target, number = phase[: _padded(samples)], count[: _padded(samples)]
    start, first, slope = _F(before), _F(increment), _F(x)
    if abs(x) * samples <= _GENTLE:
        for i in range(target.size):
            y = slope * number[i]
            turned = start + (first * number[i]) * (_G0 + y * (_G1 + y * (_G2 + y * _G3)))
            target[i] = turned - np.floor(turned + _F(0.5))
    else:
        for i in range(target.size):
            y = slope * number[i]
            g = _H0 + y * (_H1 + y * (_H2 + y * (_H3 + y * (_H4 + y * (_H5 + y * (_H6 + y * _H7))))))
            turned = start + (first * number[i]) * g
            target[i] = turned - np.floor(turned + _F(0.5))


@no_type_check
@compiled("float64(float32[::1], int64, float32[::1], float64, float64, float64, float64)")
def _write_steep_phase(phase, samples, count, before, pitch, slope, unit_increment):
    """Writes a steep stretch's phase in pieces that cross no clamp and stay within g's reach; returns the last one."""
    done = 0
    while done < samples:
        here = pitch + slope * done
        left = samples - done
        if slope == 0.0:
            reached = float(left)
        elif here > 127.0:
            reached = (127.0 - here) / slope if slope < 0.0 else float(left)
        elif here < 0.0:
            reached = -here / slope if slope > 0.0 else float(left)
        else:
            reached = ((127.0 if slope > 0.0 else 0.0) - here) / slope
        # Samples 0 .. floor(reached) are on this side.
        piece = max(int(min(np.floor(reached) + 1.0, float(left))), 1)
        x = 0.0
        if 0.0 <= here <= 127.0:
            piece = min(piece, max(int(1.0 / (abs(slope) * (_LN2 / 12.0) + 1e-300)) if slope != 0.0 else left, 1))
            x = slope * (_LN2 / 12.0) if piece > 1 else 0.0
        increment = unit_increment * pitch_ratio(min(max(here, 0.0), 127.0)) / _precise_growth(x)
        _write_phase(phase[done:], piece, count, before, increment, x)
        before += increment * piece * _precise_growth(x * piece)
        before -= np.floor(before + 0.5)
        done += piece
    return before


@no_type_check
@compiled("float64(float32[::1], float64[:, ::1], float64, int64[::1], int64, int64, float32[::1], float64, boolean)")
def write_phases(phase, plan, turned, start, first, last, count, unit_increment, heard):
    """Writes the phase of a block's stretches, if it is heard, and returns the one after them.

    Args:
        phase: Where it goes.
        plan: From `plan_pitch`.
        turned: Phase before the block.
        start: First sample of each stretch.
        first: The block's first stretch.
        last: The stretch after its last.
        count: 1, 2, 3, ...
        unit_increment: Turns a sample at 440 Hz.
        heard: Whether the phase is needed.
    """
    begin = start[first]
    for s in range(first, last):
        at, samples = start[s] - begin, start[s + 1] - start[s]
        if plan[5, s] == 0.0:
            if heard:
                _write_phase(phase[at:], samples, count, turned, unit_increment * plan[2, s], plan[3, s])
            turned += unit_increment * plan[4, s]
            turned -= np.floor(turned + 0.5)
        else:
            turned = _write_steep_phase(phase[at:], samples, count, turned, plan[0, s], plan[1, s], unit_increment)
    return turned


@no_type_check
@compiled(
    "void(float32[::1], float32[::1], float64[:, ::1], float64[:, ::1], float64[::1], int64[::1], int64, int64, "
    "float32[::1], float64, boolean)"
)
def write_two_phases(
    phase_1, phase_2, plan_1, plan_2, turned, start, first, last, count, unit_increment, heard
) -> None:
    """Writes what `write_phases` does for two oscillators, in less time: each waits for its last stretch by itself.

    The loop is written out for both, since a call for each stretch would take as long as the stretch.

    Args:
        phase_1: Where the phase of the first goes.
        phase_2: Where that of the second goes.
        plan_1: From `plan_pitch`, for the first.
        plan_2: For the second.
        turned: Both phases before the block; becomes those after it.
        start: As of `write_phases`, and so are the others.
        first: The block's first stretch.
        last: The stretch after its last.
        count: 1, 2, 3, ...
        unit_increment: Turns a sample at 440 Hz.
        heard: Whether the phases are needed.
    """
    begin = start[first]
    turned_1, turned_2 = turned[0], turned[1]
    for s in range(first, last):
        at, samples = start[s] - begin, start[s + 1] - start[s]
        if plan_1[5, s] == 0.0:
            if heard:
                _write_phase(phase_1[at:], samples, count, turned_1, unit_increment * plan_1[2, s], plan_1[3, s])
            turned_1 += unit_increment * plan_1[4, s]
            turned_1 -= np.floor(turned_1 + 0.5)
        else:
            turned_1 = _write_steep_phase(
                phase_1[at:], samples, count, turned_1, plan_1[0, s], plan_1[1, s], unit_increment
            )
        if plan_2[5, s] == 0.0:
            if heard:
                _write_phase(phase_2[at:], samples, count, turned_2, unit_increment * plan_2[2, s], plan_2[3, s])
            turned_2 += unit_increment * plan_2[4, s]
            turned_2 -= np.floor(turned_2 + 0.5)
        else:
            turned_2 = _write_steep_phase(
                phase_2[at:], samples, count, turned_2, plan_2[0, s], plan_2[1, s], unit_increment
            )
    turned[0], turned[1] = turned_1, turned_2


@no_type_check
@compiled(
    "void(float32[::1], float64[::1], float64, int64[::1], int64[::1], float64[::1], int64, int64, float32[::1], "
    "float64)"
)
def write_levels(level, signal, weight, start, index, offset, first, last, count, step) -> None:
    """Writes a weighted control signal at audio rate: in each of a block's stretches a straight line.

    Args:
        level: Where it goes.
        signal: The control signal.
        weight: What it is multiplied by.
        start: First sample of each stretch.
        index: Control sample before each stretch.
        offset: How far behind that control sample each stretch begins, in control samples.
        first: The block's first stretch.
        last: The stretch after its last.
        count: 1, 2, 3, ...
        step: Control samples a sample.
    """
    begin = start[first]
    for s in range(first, last):
        at, size, k = start[s] - begin, _padded(start[s + 1] - start[s]), index[s]
        # `count` begins at 1.
        position = offset[s] - step
        change = weight * (signal[k + 1] - signal[k])
        height, slope = _F(weight * signal[k] + change * position), _F(change * step)
        line, number = level[at : at + size], count[:size]
        for i in range(number.size):
            line[i] = height + slope * number[i]


@no_type_check
@compiled(
    "void(float32[:, ::1], float64[::1], float64[::1], float64[::1], float64[::1], int64[::1], int64[::1], "
    "float64[::1], int64, int64, float32[::1], float64)"
)
def write_three_levels(
    levels, signal_1, signal_2, signal_3, weights, start, index, offset, first, last, count, step
) -> None:
    """Writes three weighted control signals at audio rate, as `write_levels` does each, in four fifths of the time.

    Args:
        levels: Where they go.
        signal_1: The first control signal.
        signal_2: The second.
        signal_3: The third.
        weights: What each is multiplied by.
        start: As of `write_levels`, and so are the others.
        index: Control sample before each stretch.
        offset: How far behind that control sample each stretch begins.
        first: The block's first stretch.
        last: The stretch after its last.
        count: 1, 2, 3, ...
        step: Control samples a sample.
    """
    begin = start[first]
    weight_1, weight_2, weight_3 = weights[0], weights[1], weights[2]
    for s in range(first, last):
        at, size, k = start[s] - begin, _padded(start[s + 1] - start[s]), index[s]
        position = offset[s] - step
        change_1 = weight_1 * (signal_1[k + 1] - signal_1[k])
        change_2 = weight_2 * (signal_2[k + 1] - signal_2[k])
        change_3 = weight_3 * (signal_3[k + 1] - signal_3[k])
        height_1, slope_1 = _F(weight_1 * signal_1[k] + change_1 * position), _F(change_1 * step)
        height_2, slope_2 = _F(weight_2 * signal_2[k] + change_2 * position), _F(change_2 * step)
        height_3, slope_3 = _F(weight_3 * signal_3[k] + change_3 * position), _F(change_3 * step)
        line_1, line_2, line_3 = levels[0, at : at + size], levels[1, at : at + size], levels[2, at : at + size]
        number = count[:size]
        for i in range(number.size):
            line_1[i] = height_1 + slope_1 * number[i]
            line_2[i] = height_2 + slope_2 * number[i]
            line_3[i] = height_3 + slope_3 * number[i]


@no_type_check
@compiled()
def is_heard(signal, weight, low, high):
    """Returns whether a weighted control signal is anything but 0 from one control sample to another."""
    heard = False
    if weight != 0.0:
        for k in range(low, high + 1):
            heard |= signal[k] != 0.0
    return heard
