"""Compiled loops for audio: one sound after the other, each in blocks that stay in the nearest cache.

What accumulates over a sound is float64, what happens within a block float32. Hot loops are free of calls and of
branches, so that LLVM makes vector loops of them.
"""

import math
from typing import no_type_check

import numpy as np

from nebula.compilation import compiled
from nebula.synth import polynomials
from nebula.synth.grid import BLOCK_SAMPLES, STRETCH_SAMPLES
from nebula.synth.parameters import COLUMNS

# Phases are written in steps of one vector; the next stretch overwrites what is too much.
_VECTOR = 16

_F = np.float32
_I = np.int32
_LN2 = math.log(2.0)

_S0, _S1, _S2, _S3, _S4 = (_F(c) for c in polynomials.sine_of_turns(4))
_E0, _E1, _E2, _E3, _E4, _E5 = (_F(c) for c in polynomials.exp2(-0.5, 0.5, 5))
# A gentle slope is the usual case and takes half the terms.
_GENTLE = 0.05
_G0, _G1, _G2, _G3 = (_F(c) for c in polynomials.geometric(_GENTLE, 3))
_H0, _H1, _H2, _H3, _H4, _H5, _H6, _H7 = (_F(c) for c in polynomials.geometric(1.0, 7))

_C0, _C1, _C2, _C3, _C4, _C5, _C6, _C7, _C8, _C9, _C10, _C11, _C12 = polynomials.geometric(1.0, 12)
_P0, _P1, _P2, _P3, _P4, _P5, _P6, _P7, _P8, _P9 = polynomials.exp2(-5.75 / 16, 4.84 / 16, 9)

_KEY_PITCH = COLUMNS["keyboard", "midi_f0"]
_VCO_1 = COLUMNS["vco_1", "tuning"]
_VCO_2 = COLUMNS["vco_2", "tuning"]
_MIXER = COLUMNS["mixer", "vco_1"]


@no_type_check
@compiled()
def _sine(v):
    """sin(2 pi v) in float32, v in turns, |v| at most 1/4."""
    s = v * v
    return v * (_S0 + s * (_S1 + s * (_S2 + s * (_S3 + s * _S4))))


@no_type_check
@compiled()
def _tanh(octaves):
    """tanh(x) in float32 for x of 0 or more, given 2 x / ln 2: (1 - t) / (1 + t) with t = 2 ** -octaves."""
    a = -min(octaves, _F(40.0))
    i = np.floor(a + _F(0.5))
    f = a - i
    t = (_E0 + f * (_E1 + f * (_E2 + f * (_E3 + f * (_E4 + f * _E5))))) * _I((_I(i) + _I(127)) << _I(23)).view(_F)
    return (_F(1.0) - t) / (_F(1.0) + t)


@no_type_check
@compiled()
def _precise_growth(y):
    """(e ** y - 1) / y for |y| up to 1, to 3e-15."""
    high = _C6 + y * (_C7 + y * (_C8 + y * (_C9 + y * (_C10 + y * (_C11 + y * _C12)))))
    return _C0 + y * (_C1 + y * (_C2 + y * (_C3 + y * (_C4 + y * (_C5 + y * high)))))


@no_type_check
@compiled()
def _pitch_ratio(midi):
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
def _plan(plan, signal, base, depth, step, index, offset, samples) -> None:
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
        ratio = _pitch_ratio(held) / _precise_growth(x)
        ratios[i], growths[i] = ratio, x
        sums[i] = ratio * samples[i] * _precise_growth(x * samples[i])
        steeps[i] = 1.0 if steep else 0.0


@no_type_check
@compiled()
def _padded(samples):
    return (samples + _VECTOR - 1) // _VECTOR * _VECTOR


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
        increment = unit_increment * _pitch_ratio(min(max(here, 0.0), 127.0)) / _precise_growth(x)
        _write_phase(phase[done:], piece, count, before, increment, x)
        before += increment * piece * _precise_growth(x * piece)
        before -= np.floor(before + 0.5)
        done += piece
    return before


@no_type_check
@compiled()
def _write_levels(levels, at, samples, count, targets, k, offset, step, heard) -> None:
    """Writes the three levels of a stretch, straight lines between two control samples."""
    # `count` begins at 1.
    position, size = offset - step, _padded(samples)
    change_1 = heard[0] * (targets[1, k + 1] - targets[1, k])
    change_2 = heard[1] * (targets[3, k + 1] - targets[3, k])
    change_3 = heard[2] * (targets[4, k + 1] - targets[4, k])
    first_1, slope_1 = _F(heard[0] * targets[1, k] + change_1 * position), _F(change_1 * step)
    first_2, slope_2 = _F(heard[1] * targets[3, k] + change_2 * position), _F(change_2 * step)
    first_3, slope_3 = _F(heard[2] * targets[4, k] + change_3 * position), _F(change_3 * step)
    level_1, level_2, level_3 = levels[0, at : at + size], levels[1, at : at + size], levels[2, at : at + size]
    number = count[:size]
    for i in range(number.size):
        level_1[i] = first_1 + slope_1 * number[i]
        level_2[i] = first_2 + slope_2 * number[i]
        level_3[i] = first_3 + slope_3 * number[i]


@no_type_check
@compiled()
def _play_block(out, noise, phase_1, phase_2, levels, drive, shape):
    """Writes a block of audio; returns the bits of its largest magnitude, whose order is that of the numbers.

    Integers, because LLVM does not recognise a maximum of floats in a loop.
    """
    first, second, third = levels[0], levels[1], levels[2]
    peak = _I(0)
    for i in range(out.size):
        cosine_1 = _sine(_F(0.25) - abs(phase_1[i]))
        turn = abs(phase_2[i])
        cosine_2 = _sine(_F(0.25) - turn)
        square = _tanh(drive * _sine(min(turn, _F(0.5) - turn)))
        square = square if phase_2[i] > _F(0.0) else -square
        value = first[i] * cosine_1 + second[i] * square * (_F(1.0) + shape * cosine_2) + third[i] * noise[i]
        out[i] = value
        peak = max(peak, _I(_F(value).view(_I) & _I(0x7FFFFFFF)))
    return peak


@no_type_check
@compiled()
def _is_silent(targets, sound, low, high):
    """Whether no source is heard between two control samples."""
    level = 0.0
    for k in range(low, high + 1):
        level += targets[1, k] * sound[_MIXER] + targets[3, k] * sound[_MIXER + 1] + targets[4, k] * sound[_MIXER + 2]
    return level == 0.0


@no_type_check
@compiled(
    "void(float32[:, ::1], float64[:, :, ::1], float32[:, ::1], int64[::1], float32[:, ::1], "
    "int64[::1], int64[::1], float64[::1], int64[::1], float64)"
)
def play(
    out,
    control,
    physical,
    noise_rows,
    noise,
    start,
    index,
    offset,
    block,
    sample_rate_hz,
) -> None:
    """Writes the audio of sounds.

    Args:
        out: Where the audio goes.
        control: Modulation signals of each sound, from `nebula.synth.control_kernels.modulate`.
        physical: Physical parameter values of each sound.
        noise_rows: Row of `noise` for each sound.
        noise: The table of noises.
        start: First sample of each stretch, and the number of samples.
        index: Control sample before each stretch.
        offset: How far behind that control sample each stretch begins, in control samples.
        block: First stretch of each block, and the number of stretches.
        sample_rate_hz: Audio rate.
    """
    step = (control.shape[2] - 1.0) / (out.shape[1] - 1.0)
    unit_increment = 440.0 / sample_rate_hz
    plan_1 = np.empty((6, index.size))
    plan_2 = np.empty((6, index.size))
    sound = np.empty(physical.shape[1])
    phase_1 = np.empty(BLOCK_SAMPLES + _VECTOR, _F)
    phase_2 = np.empty(BLOCK_SAMPLES + _VECTOR, _F)
    levels = np.empty((3, BLOCK_SAMPLES + _VECTOR), _F)
    lengths = (start[1:] - start[:-1]).astype(np.float64)
    count = np.empty(STRETCH_SAMPLES + _VECTOR, _F)
    for i in range(count.size):
        count[i] = _F(i + 1)
    for number in range(out.shape[0]):
        for i in range(sound.size):
            sound[i] = physical[number, i]
        targets = control[number]
        pitch_1 = sound[_KEY_PITCH] + sound[_VCO_1]
        pitch_2 = sound[_KEY_PITCH] + sound[_VCO_2]
        depth_2, shape = sound[_VCO_2 + 1], sound[_VCO_2 + 3]
        _plan(plan_1, targets[0], pitch_1, sound[_VCO_1 + 1], step, index, offset, lengths)
        _plan(plan_2, targets[2], pitch_2, depth_2, step, index, offset, lengths)
        turned_1 = sound[_VCO_1 + 2] / (2.0 * math.pi)
        turned_2 = sound[_VCO_2 + 2] / (2.0 * math.pi)
        highest_hz = 440.0 * 2.0 ** ((pitch_2 + max(depth_2, 0.0) - 69.0) / 12.0)
        partials = 12000.0 / (highest_hz * math.log10(highest_hz))
        # tanh takes its argument in octaves: 2 / ln 2 of it.
        drive = _F(math.pi / _LN2 * partials)
        heard = sound[_MIXER : _MIXER + 3].copy()
        heard[1] *= 1.0 - shape / 2.0
        peak = _I(0)
        for b in range(block.size - 1):
            begin, end = start[block[b]], start[block[b + 1]]
            silent = _is_silent(targets, sound, index[block[b]], index[block[b + 1] - 1] + 1)
            for s in range(block[b], block[b + 1]):
                at, samples = start[s] - begin, start[s + 1] - start[s]
                if plan_1[5, s] == 0.0:
                    if not silent:
                        _write_phase(
                            phase_1[at:], samples, count, turned_1, unit_increment * plan_1[2, s], plan_1[3, s]
                        )
                    turned_1 += unit_increment * plan_1[4, s]
                    turned_1 -= np.floor(turned_1 + 0.5)
                else:
                    turned_1 = _write_steep_phase(
                        phase_1[at:], samples, count, turned_1, plan_1[0, s], plan_1[1, s], unit_increment
                    )
                if plan_2[5, s] == 0.0:
                    if not silent:
                        _write_phase(
                            phase_2[at:], samples, count, turned_2, unit_increment * plan_2[2, s], plan_2[3, s]
                        )
                    turned_2 += unit_increment * plan_2[4, s]
                    turned_2 -= np.floor(turned_2 + 0.5)
                else:
                    turned_2 = _write_steep_phase(
                        phase_2[at:], samples, count, turned_2, plan_2[0, s], plan_2[1, s], unit_increment
                    )
                if not silent:
                    _write_levels(levels, at, samples, count, targets, index[s], offset[s], step, heard)
            audio = out[number, begin:end]
            if silent:
                audio[:] = _F(0.0)
            else:
                size = audio.size
                loudest = _play_block(
                    audio,
                    noise[noise_rows[number], begin:end],
                    phase_1[:size],
                    phase_2[:size],
                    levels,
                    drive,
                    _F(shape),
                )
                peak = max(peak, loudest)
        magnitude = _I(peak).view(_F)
        if magnitude > _F(1.0):
            # A shade below 1 / peak, so that rounding cannot lift the loudest sample above 1.
            scale = (_F(1.0) / magnitude) * _F(1.0 - 2.0**-23)
            audio = out[number]
            for i in range(audio.size):
                audio[i] *= scale
