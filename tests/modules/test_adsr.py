"""Envelopes with linear ramps have closed forms."""

import numpy as np
import pytest
import torch

from nebula.modules.adsr import adsr

RATE = 100.0
SAMPLES = 500

# The guard of 1e-6 against division by zero shifts a ramp by at most that.
TOLERANCE = 5e-6


def envelope(attack, decay, sustain, release, note_on, alpha=1.0):
    settings = torch.tensor([[attack, decay, sustain, release, alpha]], dtype=torch.float64)
    return adsr(settings, torch.tensor([note_on], dtype=torch.float64), SAMPLES, RATE)[0].numpy()


def test_a_long_note_rises_falls_holds_and_ends():
    seconds = [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4]
    points = [0, 1, 0.7, 0.4, 0.4, 0.4, 0.4, 0.2, 0]
    expected = np.interp(np.arange(SAMPLES) / RATE, seconds, points)
    np.testing.assert_allclose(envelope(0.5, 1.0, 0.4, 1.0, note_on=3.0), expected, atol=TOLERANCE)


def test_alpha_is_the_exponent_of_every_ramp():
    time = np.arange(SAMPLES) / RATE
    linear = np.clip(time / 0.5, 0, 1), np.clip(1 - (time - 0.5) / 1.0, 0, 1), np.clip(1 - (time - 3.0) / 1.0, 0, 1)
    rise, fall, end = (ramp**2.5 for ramp in linear)
    expected = rise * (0.6 * fall + 0.4) * end
    np.testing.assert_allclose(envelope(0.5, 1.0, 0.4, 1.0, note_on=3.0, alpha=2.5), expected, atol=TOLERANCE)


def test_a_short_note_cuts_the_decay():
    # Attack 0.5 s, half of the decay, then the release starts while the decay's ramp holds where it was shortened to.
    result = envelope(0.5, 1.0, 0.4, 2.0, note_on=1.0)
    assert result[50] == pytest.approx(1.0, abs=TOLERANCE)
    assert result[100] == pytest.approx(0.4, abs=TOLERANCE)
    assert result[200] == pytest.approx(0.4 * 0.5, abs=TOLERANCE)
    assert result[300:].max() == pytest.approx(0, abs=TOLERANCE)


def test_stages_of_no_length_are_steps():
    result = envelope(0.0, 0.0, 0.4, 0.0, note_on=1.0)
    # With no decay its ramp never falls, and with no release it never ends: torchsynth's convention.
    np.testing.assert_allclose(result, 1.0, atol=TOLERANCE)


@pytest.mark.parametrize("alpha", [0.1, 1.0, 6.0])
def test_values_stay_within_0_and_1_and_gradients_are_finite(alpha):
    generator = torch.Generator().manual_seed(3)
    settings = torch.rand((64, 5), dtype=torch.float64, generator=generator) * torch.tensor([2.0, 2.0, 1.0, 5.0, 1.0])
    settings[:, 4] = alpha
    settings[::8, :4] = 0.0
    settings.requires_grad_()
    result = adsr(settings, torch.linspace(0.01, 4, 64, dtype=torch.float64), SAMPLES, RATE)
    assert float(result.detach().min()) >= 0
    assert float(result.detach().max()) <= 1 + TOLERANCE
    result.sum().backward()
    assert bool(torch.isfinite(settings.grad).all())
