"""The fused renderer's loop over sounds: it carries out the steps that modules assembled.

Signals at control rate are worked out for a whole sound, audio in blocks that stay in the nearest cache.
"""

import math
from typing import no_type_check

import numpy as np

from nebula.compilation import compiled
from nebula.modules.loops.adsr import fill_adsr
from nebula.modules.loops.drive import add_driven, prepare_drive
from nebula.modules.loops.filter import WORK_ROWS, add_filtered, is_still, prepare_filter
from nebula.modules.loops.fm import write_modulated_phase
from nebula.modules.loops.grid import BLOCK_SAMPLES, STRETCH_SAMPLES
from nebula.modules.loops.lfo import advance_lfo, shape_lfo
from nebula.modules.loops.matrix import modulate
from nebula.modules.loops.mixer import add_product, add_weighted, limit, peak_bits
from nebula.modules.loops.modes import CHUNK, MEMORY, TABLE_ROWS, add_click, add_modes, prepare_modes
from nebula.modules.loops.pitch import (
    VECTOR,
    is_heard,
    plan_pitch,
    write_levels,
    write_phases,
    write_three_levels,
    write_two_phases,
)
from nebula.modules.loops.sine import add_sine
from nebula.modules.loops.square_saw import add_square_saw, square_saw_drive, write_trio
from nebula.modules.loops.strike import fill_fade, fill_strike
from nebula.modules.module import NONE, SOUND, Operation

_F = np.float32
_I = np.int32

_ADSR, _LFO, _MATRIX = int(Operation.ADSR), int(Operation.LFO), int(Operation.MATRIX)
_SINE, _SQUARE_SAW, _NOISE = int(Operation.SINE), int(Operation.SQUARE_SAW), int(Operation.NOISE)
_FM_SINE, _ADD = int(Operation.FM_SINE), int(Operation.ADD)
_FILTER, _DRIVE, _AMPLIFIER = int(Operation.FILTER), int(Operation.DRIVE), int(Operation.AMPLIFIER)
_STRIKE, _FADE = int(Operation.STRIKE), int(Operation.FADE)
_MODES, _CLICK = int(Operation.MODES), int(Operation.CLICK)
_NONE, _SOUND = int(NONE), int(SOUND)

# Parameters of an oscillator, behind its first.
_TUNING, _DEPTH, _PHASE, _SHAPE = 0, 1, 2, 3

# Numbers that a step keeps of a sound: its weight, and up to seven of its own.
_STATES = 8


def trio_first(audio_steps: np.ndarray) -> tuple[np.ndarray, bool]:
    """Returns the steps, a square-saw, a sine and noise that go into the sound first, and whether there are such.

    Each has a control signal as its level, and nothing that makes audio comes before them in a sound, so that one loop
    can write all three.
    """
    for r in range(len(audio_steps) - 2):
        trio = audio_steps[r : r + 3]
        alike = (trio[:, 1] == _SOUND).all() and (trio[:, 3] != _NONE).all()
        if trio[:, 0].tolist() == [_SQUARE_SAW, _SINE, _NOISE] and alike:
            return np.concatenate([trio, audio_steps[:r], audio_steps[r + 3 :]]), True
    return audio_steps, False


@no_type_check
@compiled("void(float64[:, ::1], int64[:, ::1], float64[::1], float64[::1], float64[::1], float64)")
def _control(signals, steps, sound, zeros, ones, rate_hz) -> None:
    """Fills a sound's control signals."""
    for r in range(steps.shape[0]):
        step = steps[r]
        if step[0] == _ADSR:
            fill_adsr(signals[step[1]], sound[step[2] : step[2] + 5], sound[step[3]], rate_hz)
        elif step[0] == _LFO:
            signal, settings = signals[step[1]], sound[step[2] : step[2] + 8]
            advance_lfo(signal, settings, zeros if step[3] == _NONE else signals[step[3]], rate_hz)
            shape_lfo(signal, settings, ones if step[4] == _NONE else signals[step[4]])
        elif step[0] == _MATRIX:
            sources, targets = step[2], step[3]
            weights = sound[step[1] : step[1] + sources * targets]
            modulate(signals, weights, step[4 : 4 + sources], step[4 + sources : 4 + sources + targets])
        elif step[0] == _STRIKE:
            fill_strike(signals[step[1]], sound[step[2] : step[2] + 4], rate_hz)
        elif step[0] == _FADE:
            fill_fade(signals[step[1]], sound[step[2]], rate_hz)


@no_type_check
@compiled(
    "void(float64[:, ::1], float64[:, ::1], float32[:, :, ::1], float64[:, ::1], float64[:, :, ::1], int64[:, ::1], "
    "float64[::1], float64[:, ::1], float64, float64, int64[::1], float64[::1], float64[::1])"
)
def _prepare(
    states, memories, tables, gains, plans, steps, sound, signals, step_size, rate_hz, index, offset, lengths
) -> None:
    """Works out what holds for a whole sound of each audio step.

    Columns of the states: weight, and the step's own, of which an oscillator's first is its phase.
    """
    unit_increment = 440.0 / rate_hz
    for r in range(steps.shape[0]):
        step, state = steps[r], states[r]
        state[0] = 1.0 if step[2] == _NONE else sound[step[2]]
        if step[0] == _SINE or step[0] == _SQUARE_SAW:
            own = step[4]
            pitch, depth = sound[step[5]] + sound[own + _TUNING], sound[own + _DEPTH]
            plan_pitch(plans[r], signals[step[6]], pitch, depth, step_size, index, offset, lengths)
            state[1] = sound[own + _PHASE] / (2.0 * math.pi)
            if step[0] == _SQUARE_SAW:
                shape = sound[own + _SHAPE]
                state[0] *= 1.0 - shape / 2.0
                state[2] = square_saw_drive(pitch + max(depth, 0.0))
                state[3] = shape
        elif step[0] == _FM_SINE:
            own = step[4]
            turned = sound[own + _PHASE] / (2.0 * math.pi)
            state[1] = np.floor((turned - np.floor(turned + 0.5)) * 4294967296.0 + 0.5)
            state[2] = unit_increment * 2.0 ** ((sound[step[5]] + sound[own + _TUNING] - 69.0) / 12.0)
            state[3] = sound[own + _DEPTH]
        elif step[0] == _FILTER:
            prepare_filter(state[1:], gains[r], signals[step[3]], sound, step[5], rate_hz)
        elif step[0] == _DRIVE:
            prepare_drive(state[1:], sound[step[5]])
            state[0] *= state[2]
        elif step[0] == _MODES:
            prepare_modes(memories[r], tables[r], sound[step[4] : step[4] + 6], sound[step[5]], rate_hz)
        elif step[0] == _CLICK:
            state[1] = sound[step[4]] * rate_hz / 1000.0


@no_type_check
@compiled("void(int64, float32[::1], float32[::1], float32[::1], float64[::1], float32[::1])")
def _add(operation, target, level, phase, state, source) -> None:
    """Adds a block of what sounds; the source is what is made louder or driven, or noise."""
    if operation in (_SINE, _FM_SINE):
        add_sine(target, level, phase)
    elif operation == _SQUARE_SAW:
        add_square_saw(target, level, phase, _F(state[2]), _F(state[3]))
    elif operation in (_NOISE, _AMPLIFIER):
        add_product(target, level, source)
    elif operation == _DRIVE:
        add_driven(target, _F(state[0]), source, _F(state[1]))


@no_type_check
@compiled(
    "void(float32[:, ::1], float32[:, ::1], int64[::1], float32[:, ::1], int64[:, ::1], int64[:, ::1], boolean, "
    "int64, int64, int64[::1], int64[::1], float64[::1], int64[::1], int64, float64, float64)"
)
def render(
    out,
    physical,
    noise_rows,
    noise,
    control_steps,
    audio_steps,
    trio,
    signal_count,
    buffer_count,
    start,
    index,
    offset,
    block,
    control_samples,
    sample_rate_hz,
    control_rate_hz,
) -> None:
    """Writes the audio of sounds.

    Args:
        out: Where the audio goes.
        physical: Physical parameter values of each sound.
        noise_rows: Row of `noise` for each sound.
        noise: The table of noises.
        control_steps: What is done at control rate, in order; each row begins with an `Operation`.
        audio_steps: What is done to each block of audio, in order.
        trio: Whether the first three make a trio, see `trio_first`.
        signal_count: How many control signals there are.
        buffer_count: How many audio signals have a buffer, the sound included.
        start: First sample of each stretch, and the number of samples.
        index: Control sample before each stretch.
        offset: How far behind that control sample each stretch begins, in control samples.
        block: First stretch of each block, and the number of stretches.
        control_samples: Length of control signals.
        sample_rate_hz: Audio rate.
        control_rate_hz: Rate of control signals.
    """
    step_size = (control_samples - 1.0) / (out.shape[1] - 1.0)
    unit_increment = 440.0 / sample_rate_hz
    signals = np.empty((signal_count, control_samples))
    zeros, ones = np.zeros(control_samples), np.ones(control_samples)
    sound = np.empty(physical.shape[1])
    states = np.zeros((audio_steps.shape[0], _STATES))
    memories = np.zeros((audio_steps.shape[0], MEMORY))
    gains = np.empty((audio_steps.shape[0], control_samples))
    tables = np.empty((audio_steps.shape[0], TABLE_ROWS, CHUNK), _F)
    plans = np.empty((audio_steps.shape[0], 6, index.size))
    trio_signals, weights, turned = np.zeros(3, np.int64), np.zeros(3), np.zeros(3)
    if trio:
        trio_signals[:] = audio_steps[:3, 3]
    plan_1, plan_2 = plans[0], plans[1 if trio else 0]
    buffers = np.empty((buffer_count, BLOCK_SAMPLES + VECTOR), _F)
    phase_1, phase_2 = np.empty(BLOCK_SAMPLES + VECTOR, _F), np.empty(BLOCK_SAMPLES + VECTOR, _F)
    levels = np.empty((3, BLOCK_SAMPLES + VECTOR), _F)
    level_1, level_2, level_3 = levels[0], levels[1], levels[2]
    turns = np.empty(BLOCK_SAMPLES + VECTOR, _I)
    sum_ = np.empty(BLOCK_SAMPLES + CHUNK, _F)
    work = np.empty((WORK_ROWS, BLOCK_SAMPLES + VECTOR))
    lengths = (start[1:] - start[:-1]).astype(np.float64)
    count = np.empty(STRETCH_SAMPLES + VECTOR, _F)
    for i in range(count.size):
        count[i] = _F(i + 1)
    for number in range(out.shape[0]):
        for i in range(sound.size):
            sound[i] = physical[number, i]
        _control(signals, control_steps, sound, zeros, ones, control_rate_hz)
        _prepare(
            states,
            memories,
            tables,
            gains,
            plans,
            audio_steps,
            sound,
            signals,
            step_size,
            sample_rate_hz,
            index,
            offset,
            lengths,
        )
        # Looked up once a sound: a view costs as much as some ten samples.
        second, sine, hiss = signals[trio_signals[0]], signals[trio_signals[1]], signals[trio_signals[2]]
        if trio:
            for r in range(3):
                weights[r], turned[r] = states[r, 0], states[r, 1]
        peak = _I(0)
        for b in range(block.size - 1):
            first, last = block[b], block[b + 1]
            begin, end = start[first], start[last]
            size = end - begin
            audio = out[number, begin:end]
            loudest, added = _I(0), False
            if trio:
                low, high = index[first], index[last - 1] + 1
                heard = is_heard(second, weights[0], low, high)
                heard = heard or is_heard(sine, weights[1], low, high) or is_heard(hiss, weights[2], low, high)
                write_two_phases(
                    phase_1, phase_2, plan_1, plan_2, turned, start, first, last, count, unit_increment, heard
                )
            if trio and heard:
                write_three_levels(
                    levels, second, sine, hiss, weights, start, index, offset, first, last, count, step_size
                )
                loudest = write_trio(
                    audio, level_1, phase_1, _F(states[0, 2]), _F(states[0, 3]), level_2, phase_2, level_3,
                    noise[noise_rows[number], begin:end],
                )  # fmt: skip
            else:
                audio[:] = _F(0.0)
            for k in range(1, buffer_count):
                buffers[k, :size] = _F(0.0)
            for r in range(3 if trio else 0, audio_steps.shape[0]):
                step, state = audio_steps[r], states[r]
                target = audio if step[1] == _SOUND else buffers[step[1], :size]
                if step[0] == _ADD:
                    add_weighted(target, _F(state[0]), buffers[step[3], :size])
                    added = True
                    continue
                phase, level = phase_1, level_1
                if step[0] == _FILTER:
                    source = buffers[step[4], :size]
                    if is_still(state[1:], source):
                        continue
                    write_levels(level, gains[r], 1.0, start, index, offset, first, last, count, step_size)
                    add_filtered(target, source, level[:size], state[1:], work, state[0])
                    added = True
                    continue
                if step[0] == _MODES:
                    add_modes(target, state[0], memories[r], tables[r], begin, sum_)
                    added = True
                    continue
                if step[0] == _CLICK:
                    add_click(target, state[0], state[1], begin)
                    added = True
                    continue
                heard = state[0] != 0.0
                if step[3] != _NONE:
                    heard = is_heard(signals[step[3]], state[0], index[first], index[last - 1] + 1)
                if step[0] == _SINE or step[0] == _SQUARE_SAW:
                    state[1] = write_phases(phase, plans[r], state[1], start, first, last, count, unit_increment, heard)
                elif step[0] == _FM_SINE:
                    modulator = buffers[step[6], :size]
                    state[1] = write_modulated_phase(
                        phase[:size], turns, modulator, state[2], state[3], np.int64(state[1])
                    )
                if heard and step[3] == _NONE:
                    level[:size] = _F(state[0])
                elif heard:
                    write_levels(level, signals[step[3]], state[0], start, index, offset, first, last, count, step_size)
                source = noise[noise_rows[number], begin:end]
                if step[0] in (_DRIVE, _AMPLIFIER):
                    source = buffers[step[4], :size]
                if heard:
                    _add(step[0], target, level, phase, state, source)
                    added = True
            peak = max(peak, peak_bits(audio, loudest) if added else loudest)
        limit(out[number], peak)
