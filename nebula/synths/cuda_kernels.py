"""Triton kernels of the fused CUDA renderer.

Phase is counted in 2 ** -32 turns: integers wrap for free and add up to the same sum in any order, so a scan may be cut
anywhere. Frequencies are computed in float64, whose increments lose less than 1e-7 turns in four seconds; waveforms are
float32. Transcendental functions are polynomials on reduced arguments, so that nothing depends on a math library.
"""

from typing import no_type_check

import triton
import triton.language as tl

from nebula.modules.lfo import SHAPE_EXPONENT
from nebula.modules.loops import polynomials
from nebula.synths.voice_modules import COLUMNS

_S0, _S1, _S2, _S3, _S4 = (tl.constexpr(c) for c in polynomials.sine_of_turns(4))
_A0, _A1, _A2, _A3, _A4, _A5, _A6, _A7 = (tl.constexpr(c) for c in polynomials.sine_of_turns(7))
_B0, _B1, _B2, _B3, _B4, _B5, _B6, _B7, _B8, _B9, _B10 = (tl.constexpr(c) for c in polynomials.exp2(-0.5, 0.5, 10))
_D0, _D1, _D2, _D3, _D4, _D5, _D6, _D7 = (tl.constexpr(c) for c in polynomials.log2_of_ratio(7))
_P0, _P1, _P2, _P3, _P4, _P5, _P6, _P7, _P8, _P9 = (tl.constexpr(c) for c in polynomials.exp2(-5.75 / 16, 4.84 / 16, 9))

_EPSILON = tl.constexpr(1e-6)
_TWO_PI = tl.constexpr(6.283185307179586)
_EXPONENT = tl.constexpr(SHAPE_EXPONENT)

_KEY_PITCH = tl.constexpr(COLUMNS["keyboard", "midi_f0"])
_KEY_DURATION = tl.constexpr(COLUMNS["keyboard", "duration"])
_ADSR_1 = tl.constexpr(COLUMNS["adsr_1", "attack"])
_ADSR_2 = tl.constexpr(COLUMNS["adsr_2", "attack"])
_LFO_1 = tl.constexpr(COLUMNS["lfo_1", "frequency"])
_LFO_2 = tl.constexpr(COLUMNS["lfo_2", "frequency"])
_LFO_1_LEVEL = tl.constexpr(COLUMNS["lfo_1_amp_adsr", "attack"])
_LFO_2_LEVEL = tl.constexpr(COLUMNS["lfo_2_amp_adsr", "attack"])
_LFO_1_RATE = tl.constexpr(COLUMNS["lfo_1_rate_adsr", "attack"])
_LFO_2_RATE = tl.constexpr(COLUMNS["lfo_2_rate_adsr", "attack"])
_MATRIX = tl.constexpr(COLUMNS["mod_matrix", "adsr_1->vco_1_pitch"])
_VCO_1 = tl.constexpr(COLUMNS["vco_1", "tuning"])
_VCO_2 = tl.constexpr(COLUMNS["vco_2", "tuning"])
_MIXER = tl.constexpr(COLUMNS["mixer", "vco_1"])


@no_type_check
@triton.jit
def _sine(v):
    s = v * v
    return v * (_S0 + s * (_S1 + s * (_S2 + s * (_S3 + s * _S4))))


@no_type_check
@triton.jit
def _precise_sine(v):
    s = v * v
    return v * (_A0 + s * (_A1 + s * (_A2 + s * (_A3 + s * (_A4 + s * (_A5 + s * (_A6 + s * _A7)))))))


@no_type_check
@triton.jit
def _power(base, exponent):
    """Returns base ** exponent in float64 for bases from 0 to 1, 0 for 0; see `nebula.modules.loops.arithmetic`."""
    safe = tl.where(base > 0.0, base, 1.0)
    bits = safe.to(tl.int64, bitcast=True)
    shift = (bits - 0x3FE6A09E667F3BCD) >> 52
    m = (bits - (shift << 52)).to(tl.float64, bitcast=True)
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    log2 = s * (_D0 + z * (_D1 + z * (_D2 + z * (_D3 + z * (_D4 + z * (_D5 + z * (_D6 + z * _D7)))))))
    x = exponent * (log2 + shift.to(tl.float64))
    i = tl.floor(x + 0.5)
    f = x - i
    high = _B5 + f * (_B6 + f * (_B7 + f * (_B8 + f * (_B9 + f * _B10))))
    mantissa = _B0 + f * (_B1 + f * (_B2 + f * (_B3 + f * (_B4 + f * high))))
    power = mantissa * ((i.to(tl.int64) + 1023) << 52).to(tl.float64, bitcast=True)
    return tl.where(base > 0.0, power, 0.0)


@no_type_check
@triton.jit
def _ramp(time, duration):
    instant = duration <= 0.0
    rising = (tl.maximum(time, 0.0) + _EPSILON) / tl.where(instant, 1.0, duration) + _EPSILON
    return tl.where(instant, 1.0, tl.minimum(rising, 1.0))


@no_type_check
@triton.jit
def _falling(time, duration):
    ramp = _ramp(time, duration)
    return tl.where(duration > 0.0, 1.0 - ramp, ramp)


@no_type_check
@triton.jit
def _value(sound, column):
    return tl.load(sound + column).to(tl.float64)


@no_type_check
@triton.jit
def _adsr(sound, first, time, note_on, rate_hz):
    attack, decay = _value(sound, first), _value(sound, first + 1)
    sustain, release, alpha = _value(sound, first + 2), _value(sound, first + 3), _value(sound, first + 4)
    heard_attack = tl.minimum(attack, note_on) * rate_hz
    heard_decay = tl.minimum(tl.maximum(note_on - attack, 0.0), decay) * rate_hz
    rise = _power(_ramp(time, heard_attack), alpha)
    fall = _power(_falling(time - heard_attack, heard_decay), alpha)
    end = _power(_falling(time - note_on * rate_hz, release * rate_hz), alpha)
    return rise * ((1.0 - sustain) * fall + sustain) * end


@no_type_check
@triton.jit
def _lfo(sound, first, rate_envelope, inside, rate_hz):
    frequency = tl.maximum(_value(sound, first) + _value(sound, first + 1) * rate_envelope, 0.0)
    wound = tl.cumsum(tl.where(inside, frequency, 0.0), 0) / rate_hz + _value(sound, first + 2) / _TWO_PI
    phase = wound - tl.floor(wound)
    folded = 0.5 - tl.abs(phase - 0.5)
    cosine = _precise_sine(folded - 0.25)
    # Where the cosine is 0 the reference, which takes its sign in float64, ends up on this side.
    square = tl.where((phase > 0.25) & (phase <= 0.75), 1.0, 0.0)
    sine_weight = _power(_value(sound, first + 3), _EXPONENT)
    triangle_weight = _power(_value(sound, first + 4), _EXPONENT)
    saw_weight = _power(_value(sound, first + 5), _EXPONENT)
    reversed_weight = _power(_value(sound, first + 6), _EXPONENT)
    square_weight = _power(_value(sound, first + 7), _EXPONENT)
    total = sine_weight + triangle_weight + saw_weight + reversed_weight + square_weight
    blend = sine_weight * 0.5 * (cosine + 1.0) + triangle_weight * 2.0 * folded + saw_weight * phase
    blend += reversed_weight * (1.0 - phase) + square_weight * square
    even = 0.2 * (0.5 * (cosine + 1.0) + 2.0 * folded + 1.0 + square)
    return tl.where(total > 0.0, blend / tl.where(total > 0.0, total, 1.0), even)


@no_type_check
@triton.jit
def modulate(control, physical, samples, parameters, rate_hz, block: tl.constexpr):
    """Writes the five modulation signals of one sound, float64 at control rate."""
    number = tl.program_id(0).to(tl.int64)
    sound = physical + number * parameters
    position = tl.arange(0, block)
    inside = position < samples
    time = position.to(tl.float64)
    rate = tl.load(rate_hz)
    note_on = _value(sound, _KEY_DURATION)
    adsr_1 = _adsr(sound, _ADSR_1, time, note_on, rate)
    adsr_2 = _adsr(sound, _ADSR_2, time, note_on, rate)
    lfo_1 = _lfo(sound, _LFO_1, _adsr(sound, _LFO_1_RATE, time, note_on, rate), inside, rate)
    lfo_1 *= _adsr(sound, _LFO_1_LEVEL, time, note_on, rate)
    lfo_2 = _lfo(sound, _LFO_2, _adsr(sound, _LFO_2_RATE, time, note_on, rate), inside, rate)
    lfo_2 *= _adsr(sound, _LFO_2_LEVEL, time, note_on, rate)
    for target in tl.static_range(5):
        signal = _value(sound, _MATRIX + target) * adsr_1 + _value(sound, _MATRIX + 5 + target) * adsr_2
        signal += _value(sound, _MATRIX + 10 + target) * lfo_1 + _value(sound, _MATRIX + 15 + target) * lfo_2
        tl.store(control + (number * 5 + target) * samples + position, signal, mask=inside)


@no_type_check
@triton.jit
def _increments(signal, sound, vco, index, position, unit_increment, inside):
    """Phase increments of one oscillator in 2 ** -32 turns; 0 outside."""
    low, high = tl.load(signal + index), tl.load(signal + index + 1)
    pitch = _value(sound, _KEY_PITCH) + _value(sound, vco)
    pitch += _value(sound, vco + 1) * (low + (high - low) * position)
    u = (tl.minimum(tl.maximum(pitch, 0.0), 127.0) - 69.0) / 192.0
    root_high = _P4 + u * (_P5 + u * (_P6 + u * (_P7 + u * (_P8 + u * _P9))))
    root = _P0 + u * (_P1 + u * (_P2 + u * (_P3 + u * root_high)))
    root = root * root
    root = root * root
    root = root * root
    turns = unit_increment * root * root
    turns -= tl.floor(turns)
    steps = tl.floor(turns * 4294967296.0 + 0.5).to(tl.int64).to(tl.int32)
    return tl.where(inside, steps, 0)


@no_type_check
@triton.jit
def _steps(
    sound, signals, rows, there, start, index, offset, control_samples, scalars, column_count: tl.constexpr
):  # fmt: skip
    """Returns where samples of stretches are, where they are between control samples, and both oscillators' increments.

    That is: each sample's number, the control sample before it, how far behind that it is, whether the stretch has it.
    """
    column = tl.arange(0, column_count)[None, :]
    first = tl.load(start + rows, mask=there, other=0)[:, None]
    length = tl.load(start + rows + 1, mask=there, other=0)[:, None] - first
    k = tl.load(index + rows, mask=there, other=0)[:, None]
    step, unit_increment = tl.load(scalars), tl.load(scalars + 1)
    position = tl.load(offset + rows, mask=there, other=0.0)[:, None] + column.to(tl.float64) * step
    inside = column < length
    steps_1 = _increments(signals, sound, _VCO_1, k, position, unit_increment, inside)
    steps_2 = _increments(signals + 2 * control_samples, sound, _VCO_2, k, position, unit_increment, inside)
    return first + column, k, position, inside, steps_1, steps_2


@no_type_check
@triton.jit
def sum_stretches(
    sums,
    control,
    physical,
    start,
    index,
    offset,
    stretches,
    control_samples,
    parameters,
    scalars,
    row_count: tl.constexpr,
    column_count: tl.constexpr,
):
    """Writes how far each stretch turns each oscillator, in 2 ** -32 turns."""
    number = tl.program_id(0).to(tl.int64)
    rows = tl.program_id(1) * row_count + tl.arange(0, row_count)
    there = rows < stretches
    sound = physical + number * parameters
    signals = control + number * 5 * control_samples
    _, _, _, _, steps_1, steps_2 = _steps(
        sound, signals, rows, there, start, index, offset, control_samples, scalars, column_count
    )
    tl.store(sums + number * 2 * stretches + rows, tl.sum(steps_1, 1), mask=there)
    tl.store(sums + (number * 2 + 1) * stretches + rows, tl.sum(steps_2, 1), mask=there)


@no_type_check
@triton.jit
def _level(signal, index, position):
    low, high = tl.load(signal + index), tl.load(signal + index + 1)
    return (low + (high - low) * position).to(tl.float32)


@no_type_check
@triton.jit
def play(
    out,
    peaks,
    before,
    control,
    physical,
    drives,
    noise_rows,
    noise,
    start,
    index,
    offset,
    samples,
    stretches,
    control_samples,
    parameters,
    scalars,
    row_count: tl.constexpr,
    column_count: tl.constexpr,
):
    """Writes some stretches of a sound, and raises the sound's peak, as bits, to theirs."""
    number = tl.program_id(0).to(tl.int64)
    rows = tl.program_id(1) * row_count + tl.arange(0, row_count)
    there = rows < stretches
    sound = physical + number * parameters
    signals = control + number * 5 * control_samples
    at, k, position, inside, steps_1, steps_2 = _steps(
        sound, signals, rows, there, start, index, offset, control_samples, scalars, column_count
    )
    before_1 = tl.load(before + number * 2 * stretches + rows, mask=there, other=0)
    before_2 = tl.load(before + (number * 2 + 1) * stretches + rows, mask=there, other=0)
    # As signed integers the phase is in [-0.5, 0.5) turns.
    phase_1 = (before_1[:, None] + tl.cumsum(steps_1, 1)).to(tl.float32) * 2.3283064365386963e-10
    phase_2 = (before_2[:, None] + tl.cumsum(steps_2, 1)).to(tl.float32) * 2.3283064365386963e-10
    shape = tl.load(sound + _VCO_2 + 3)
    turn = tl.abs(phase_2)
    # tanh of a positive x, given 2 x / ln 2: (1 - t) / (1 + t).
    octaves = tl.load(drives + number) * _sine(tl.minimum(turn, 0.5 - turn))
    t = tl.exp2(-tl.minimum(octaves, 40.0))
    square = (1.0 - t) / (1.0 + t)
    square = tl.where(phase_2 > 0.0, square, -square)
    value = tl.load(sound + _MIXER) * _level(signals + control_samples, k, position)
    value *= _sine(0.25 - tl.abs(phase_1))
    second = tl.load(sound + _MIXER + 1) * (1.0 - 0.5 * shape)
    second *= _level(signals + 3 * control_samples, k, position)
    value += second * square * (1.0 + shape * _sine(0.25 - turn))
    hiss = tl.load(noise + tl.load(noise_rows + number) * samples + at, mask=inside, other=0.0)
    value += tl.load(sound + _MIXER + 2) * _level(signals + 4 * control_samples, k, position) * hiss
    tl.store(out + number * samples + at, value.to(out.dtype.element_ty), mask=inside)
    loudest = tl.max(tl.max(tl.where(inside, tl.abs(value), 0.0), 1), 0)
    # Magnitudes are ordered as their bits are.
    tl.atomic_max(peaks + number, loudest.to(tl.int32, bitcast=True))


@no_type_check
@triton.jit
def scale(out, peaks, samples, block: tl.constexpr):
    """Divides a sound by its peak where that exceeds 1; other sounds are not touched."""
    number = tl.program_id(0).to(tl.int64)
    peak = tl.load(peaks + number).to(tl.float32, bitcast=True)
    if peak > 1.0:
        position = tl.program_id(1) * block + tl.arange(0, block)
        target = out + number * samples + position
        value = tl.load(target, mask=position < samples, other=0.0).to(tl.float32)
        tl.store(target, (value / peak).to(out.dtype.element_ty), mask=position < samples)
