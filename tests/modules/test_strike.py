"""Envelopes of struck things have closed forms."""

import numpy as np
import pytest
import torch

from nebula.modules.strike import SILENCE, fade, strike

RATE, SAMPLES = 1000.0, 3000
TIME = np.arange(SAMPLES) / RATE


def envelope(attack, fast, slow, balance):
    return strike(torch.tensor([[attack, fast, slow, balance]], dtype=torch.float64), SAMPLES, RATE)[0].numpy()


def test_one_decay_alone_falls_by_60_db_in_its_time():
    for settings in ((0.0, 0.5, 2.0, 0.0), (0.0, 2.0, 0.5, 1.0)):
        heard = envelope(*settings)
        assert heard[0] == 1.0
        assert heard[500] == pytest.approx(1e-3)
        assert heard[1000] == pytest.approx(1e-6)


def test_the_parts_add_and_the_rise_is_a_line_that_they_wait_for():
    heard = envelope(0.1, 0.2, 1.0, 0.25)
    since = np.maximum(TIME - 0.1, 0)
    expected = np.minimum(TIME / 0.1, 1) * (0.75 * 10 ** (-15 * since) + 0.25 * 10 ** (-3 * since))
    np.testing.assert_allclose(heard, np.where(expected > SILENCE, expected, 0), rtol=1e-12, atol=0)


def test_whatever_the_settings_it_ends_in_silence():
    longest = envelope(0.1, 1.0, 1.0, 1.0)
    assert bool((longest[: int(2.43 * RATE)][1:] > 0).all())
    assert bool((longest[int(2.44 * RATE) :] == 0).all())


def test_a_fade_is_a_strike_that_begins_at_once():
    decays = torch.tensor([0.005, 0.3, 1.0], dtype=torch.float64)
    zeros = torch.zeros_like(decays)
    same = strike(torch.stack([zeros, decays, decays, zeros], 1), SAMPLES, RATE)
    torch.testing.assert_close(fade(decays, SAMPLES, RATE), same, rtol=1e-12, atol=0)
