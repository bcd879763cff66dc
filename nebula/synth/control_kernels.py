"""Compiled loops for control signals: envelopes, LFOs and the modulation matrix, in float64.

Control signals are a hundredth of the audio, and an error in them grows: pitch is summed into phase over seconds.
"""

import math
from typing import no_type_check

import numpy as np

from nebula.compilation import compiled
from nebula.synth import polynomials
from nebula.synth.oscillators import SHAPE_EXPONENT
from nebula.synth.parameters import COLUMNS

# torchsynth's guard against division by zero, see nebula.synth.envelopes.
_EPSILON = 1e-6

_A0, _A1, _A2, _A3, _A4, _A5, _A6, _A7 = polynomials.sine_of_turns(7)
_B0, _B1, _B2, _B3, _B4, _B5, _B6, _B7, _B8, _B9, _B10 = polynomials.exp2(-0.5, 0.5, 10)
_D0, _D1, _D2, _D3, _D4, _D5, _D6, _D7 = polynomials.log2_of_ratio(7)

_KEY_DURATION = COLUMNS["keyboard", "duration"]
_ADSR_1 = COLUMNS["adsr_1", "attack"]
_ADSR_2 = COLUMNS["adsr_2", "attack"]
_LFO_1 = COLUMNS["lfo_1", "frequency"]
_LFO_2 = COLUMNS["lfo_2", "frequency"]
_LFO_1_LEVEL = COLUMNS["lfo_1_amp_adsr", "attack"]
_LFO_2_LEVEL = COLUMNS["lfo_2_amp_adsr", "attack"]
_LFO_1_RATE = COLUMNS["lfo_1_rate_adsr", "attack"]
_LFO_2_RATE = COLUMNS["lfo_2_rate_adsr", "attack"]
_MATRIX = COLUMNS["mod_matrix", "adsr_1->vco_1_pitch"]


@no_type_check
@compiled()
def _sine(v):
    s = v * v
    return v * (_A0 + s * (_A1 + s * (_A2 + s * (_A3 + s * (_A4 + s * (_A5 + s * (_A6 + s * _A7)))))))


@no_type_check
@compiled()
def _power(base, exponent):
    """Returns base ** exponent for a base in (0, 1], to 1e-14, and 0 for a base of 0."""
    safe = base if base > 0.0 else 1.0
    bits = np.float64(safe).view(np.int64)
    # The exponent that leaves a mantissa between the roots of 1/2 and of 2.
    shift = (bits - np.int64(0x3FE6A09E667F3BCD)) >> np.int64(52)
    m = np.int64(bits - (shift << np.int64(52))).view(np.float64)
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    log2 = s * (_D0 + z * (_D1 + z * (_D2 + z * (_D3 + z * (_D4 + z * (_D5 + z * (_D6 + z * _D7)))))))
    x = exponent * (log2 + np.float64(shift))
    i = np.floor(x + 0.5)
    f = x - i
    high = _B5 + f * (_B6 + f * (_B7 + f * (_B8 + f * (_B9 + f * _B10))))
    mantissa = _B0 + f * (_B1 + f * (_B2 + f * (_B3 + f * (_B4 + f * high))))
    power = mantissa * np.int64((np.int64(i) + np.int64(1023)) << np.int64(52)).view(np.float64)
    return power if base > 0.0 else 0.0


@no_type_check
@compiled()
def _shape_ramp(envelope, start, duration, alpha, floor, rising) -> None:
    """Multiplies an envelope by floor + (1 - floor) * ramp ** alpha; the ramp is that of nebula.synth.envelopes.

    Powers are taken only where the ramp moves.
    """
    samples = envelope.size
    if duration <= 0.0:
        return
    begin = int(min(max(math.ceil(start), 0.0), float(samples)))
    end = int(min(max(math.ceil(start + duration) + 1.0, 0.0), float(samples)))
    still = min(_EPSILON / duration + _EPSILON, 1.0)
    before = floor + (1.0 - floor) * _power(still if rising else 1.0 - still, alpha)
    after = floor + (1.0 - floor) * (1.0 if rising else 0.0)
    sign = 1.0 if rising else -1.0
    offset = 0.0 if rising else 1.0
    for i in range(begin):
        envelope[i] *= before
    moving = envelope[begin:end]
    for i in range(moving.size):
        ramp = min((max(float(np.int32(i)) + (begin - start), 0.0) + _EPSILON) / duration + _EPSILON, 1.0)
        moving[i] *= floor + (1.0 - floor) * _power(offset + sign * ramp, alpha)
    done = envelope[end:]
    for i in range(done.size):
        done[i] *= after


@no_type_check
@compiled("void(float64[::1], float64[::1], float64, float64)")
def _adsr(envelope, settings, note_on, rate_hz) -> None:
    """Fills an envelope, as `nebula.synth.envelopes.adsr` does."""
    attack, decay, sustain, release, alpha = settings[0], settings[1], settings[2], settings[3], settings[4]
    heard_attack = min(attack, note_on)
    heard_decay = min(max(note_on - attack, 0.0), decay)
    for i in range(envelope.size):
        envelope[i] = 1.0
    _shape_ramp(envelope, 0.0, heard_attack * rate_hz, alpha, 0.0, True)
    _shape_ramp(envelope, heard_attack * rate_hz, heard_decay * rate_hz, alpha, sustain, False)
    _shape_ramp(envelope, note_on * rate_hz, release * rate_hz, alpha, 0.0, False)


@no_type_check
@compiled("void(float64[::1], float64[::1], float64[::1], float64)", exact=True)
def _advance(phase, settings, rate_envelope, rate_hz) -> None:
    """Fills an LFO's phase in [0, 1) turns.

    It rounds as the reference does: where a saw wraps or a square flips, the last bit of the phase is heard.
    """
    turned = 0.0
    for i in range(phase.size):
        turned += max(settings[0] + settings[1] * rate_envelope[i], 0.0)
        phase[i] = turned
    initial = settings[2] / (2.0 * math.pi)
    for i in range(phase.size):
        wound = phase[i] / rate_hz + initial
        phase[i] = wound - np.floor(wound)


@no_type_check
@compiled("void(float64[::1], float64[::1], float64[::1])")
def _shape_lfo(signal, settings, level) -> None:
    """Turns an LFO's phase into its blend of shapes, times its level."""
    total = 0.0
    weights = np.empty(5)
    for i in range(5):
        weights[i] = settings[3 + i] ** SHAPE_EXPONENT
        total += weights[i]
    for i in range(5):
        weights[i] = weights[i] / total if total > 0.0 else 0.2
    sine, triangle, saw, reversed_saw, square = weights[0], weights[1], weights[2], weights[3], weights[4]
    for i in range(signal.size):
        phase = signal[i]
        folded = 0.5 - abs(phase - 0.5)
        cosine = _sine(folded - 0.25)
        # Where the cosine is 0 the reference, which takes its sign in float64, ends up on this side.
        up = 1.0 if (phase > 0.25) & (phase <= 0.75) else 0.0
        blend = sine * 0.5 * (cosine + 1.0) + triangle * 2.0 * folded + saw * phase
        blend += reversed_saw * (1.0 - phase) + square * up
        signal[i] = blend * level[i]


@no_type_check
@compiled("void(float64[:, :, ::1], float32[:, ::1], float64)")
def modulate(targets, physical, rate_hz):
    """Fills the five modulation signals of each sound.

    Args:
        targets: Where they go: a row for each sound, target and control sample.
        physical: Physical parameter values of each sound.
        rate_hz: Control rate.
    """
    sources = np.empty((4, targets.shape[2]))
    envelope = np.empty(targets.shape[2])
    sound = np.empty(physical.shape[1])
    for number in range(physical.shape[0]):
        for i in range(sound.size):
            sound[i] = physical[number, i]
        note_on = sound[_KEY_DURATION]
        _adsr(sources[0], sound[_ADSR_1 : _ADSR_1 + 5], note_on, rate_hz)
        _adsr(sources[1], sound[_ADSR_2 : _ADSR_2 + 5], note_on, rate_hz)
        for source, first, level, rate in (
            (2, _LFO_1, _LFO_1_LEVEL, _LFO_1_RATE),
            (3, _LFO_2, _LFO_2_LEVEL, _LFO_2_RATE),
        ):
            settings = sound[first : first + 8]
            _adsr(envelope, sound[rate : rate + 5], note_on, rate_hz)
            _advance(sources[source], settings, envelope, rate_hz)
            _adsr(envelope, sound[level : level + 5], note_on, rate_hz)
            _shape_lfo(sources[source], settings, envelope)
        matrix = sound[_MATRIX : _MATRIX + 20]
        for target in range(5):
            a, b, c, d = matrix[target], matrix[5 + target], matrix[10 + target], matrix[15 + target]
            signal = targets[number, target]
            for i in range(signal.size):
                signal[i] = a * sources[0, i] + b * sources[1, i] + c * sources[2, i] + d * sources[3, i]
