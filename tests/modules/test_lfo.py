"""Low-frequency oscillators against closed forms."""

import math

import numpy as np
import pytest
import torch

from nebula.modules.lfo import lfo


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (0, lambda t: (1 - np.cos(2 * np.pi * t)) / 2),
        (1, lambda t: 1 - np.abs(1 - 2 * t)),
        (2, lambda t: t),
        (3, lambda t: 1 - t),
        (4, lambda t: (np.cos(2 * np.pi * t) < 0).astype(float)),
    ],
    ids=["sin", "tri", "saw", "rsaw", "sqr"],
)
def test_each_lfo_shape_is_its_closed_form(shape, expected):
    settings = torch.zeros((1, 8), dtype=torch.float64)
    # 1.7 Hz and an odd phase: no sample falls on a discontinuity.
    settings[0, 0], settings[0, 2], settings[0, 3 + shape] = 1.7, 0.1, 0.6
    result = lfo(settings, torch.zeros((1, 400), dtype=torch.float64), 100.0)[0].numpy()
    phase = (1.7 * np.arange(1, 401) / 100.0 + 0.1 / (2 * np.pi)) % 1.0
    np.testing.assert_allclose(result, expected(phase), atol=1e-9)


def test_lfo_weights_blend_by_the_power_of_e():
    settings = torch.zeros((3, 8), dtype=torch.float64)
    settings[:, 0], settings[:, 2] = 1.7, 0.1
    settings[0, 5], settings[1, 6] = 1.0, 1.0
    settings[2, 5], settings[2, 6] = 0.8, 0.4
    saw, reversed_saw, blend = lfo(settings, torch.zeros((3, 100), dtype=torch.float64), 100.0)
    share = 0.8**math.e / (0.8**math.e + 0.4**math.e)
    torch.testing.assert_close(blend, share * saw + (1 - share) * reversed_saw, rtol=1e-7, atol=1e-9)


def test_lfo_without_weights_is_the_even_blend_and_finite():
    settings = torch.zeros((2, 8), dtype=torch.float64)
    settings[:, 0] = 1.7
    settings[1, 3:] = 0.5
    silent, even = lfo(settings, torch.zeros((2, 100), dtype=torch.float64), 100.0)
    torch.testing.assert_close(silent, even)


def test_lfo_frequency_never_turns_negative():
    settings = torch.tensor([[5.0, -10.0, 0.3, 0.0, 0.0, 1.0, 0.0, 0.0]], dtype=torch.float64)
    result = lfo(settings, torch.ones((1, 50), dtype=torch.float64), 100.0)
    torch.testing.assert_close(result, torch.full((1, 50), 0.3 / (2 * math.pi), dtype=torch.float64))
