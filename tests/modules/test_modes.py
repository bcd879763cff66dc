"""Modes of bodies: their ratios against the equations they solve, and what rings against closed forms."""

import math

import numpy as np
import pytest
import torch
from scipy.special import jn_zeros

from nebula.modules.modes import HIGHEST_TURNS, MODES, RATIOS, modes

RATE = 44100
BODIES = tuple(RATIOS)


def rung(body="harmonic", tuning=0.0, decay=1.0, damping=0.0, tilt=0.0, position=0.3, midi=69.0, samples=RATE):
    settings = torch.tensor([[BODIES.index(body), tuning, decay, damping, tilt, position]], dtype=torch.float64)
    return modes(settings, torch.tensor([midi], dtype=torch.float64), samples, RATE)[0].numpy()


def test_ratios_begin_at_one_and_rise():
    for ratios in RATIOS.values():
        assert len(ratios) == MODES
        assert ratios[0] == 1.0
        assert list(ratios) == sorted(ratios)


def test_a_bar_with_free_ends_solves_its_equation():
    roots = [4.730040744862704 * math.sqrt(ratio) for ratio in RATIOS["bar"]]
    # Divided by cosh, or the largest would drown the rest.
    assert max(abs(math.cos(root) - 1 / math.cosh(root)) for root in roots) < 1e-8


def test_a_membrane_has_the_zeros_of_bessel_functions():
    zeros = np.sort(np.concatenate([jn_zeros(order, 8) for order in range(20)]))[:MODES]
    np.testing.assert_allclose(RATIOS["membrane"], zeros / zeros[0], rtol=1e-12)


def test_a_plate_has_sums_of_squares_and_a_stiff_string_is_stretched():
    assert RATIOS["plate"][:6] == (1.0, 2.5, 2.5, 4.0, 5.0, 5.0)
    assert bool((np.array(RATIOS["stretched"][1:]) > np.array(RATIOS["harmonic"][1:])).all())


def test_struck_in_the_middle_even_modes_do_not_sound():
    spectrum = np.abs(np.fft.rfft(rung(decay=4.0, position=0.5)))
    odd, even = spectrum[[440, 1320, 2200]], spectrum[[880, 1760, 2640]]
    assert odd.min() > 100 * even.max()


@pytest.mark.parametrize("damping", [0.0, 0.5, 1.0])
def test_modes_decay_by_their_ratio_to_the_power_of_the_damping(damping):
    heard = rung(decay=1.0, damping=damping, position=0.1)
    length = 4410
    # Whole periods of 440 Hz: mode n is bin 44 n of either window.
    early, late = (np.abs(np.fft.rfft(heard[start : start + length])) for start in (0, 4410))
    for number in (1, 2, 3):
        fallen = 20 * np.log10(late[44 * number] / early[44 * number])
        assert fallen == pytest.approx(-60 * 0.1 * number**damping, rel=0.02)


def test_a_sum_never_exceeds_full_scale_and_begins_at_zero():
    for body in BODIES:
        heard = rung(body, position=0.5, tilt=-1.0, damping=3.0)
        assert heard[0] == 0.0
        assert np.abs(heard).max() <= 1.0


def test_modes_above_the_limit_are_left_out():
    heard = rung(midi=127.0, tuning=6.0, decay=4.0)
    lowest = 440 * 2 ** ((127 + 6 - 69) / 12)
    assert lowest < HIGHEST_TURNS * RATE < 2 * lowest
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    aside = np.abs(np.fft.rfftfreq(len(heard), 1 / RATE) - lowest) > 20
    assert spectrum[aside].max() < 1e-3 * spectrum.max()
