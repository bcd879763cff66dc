"""The drive against its limits."""

import pytest
import torch

from nebula.modules.drive import drive

LINE = torch.linspace(-1.0, 1.0, 201, dtype=torch.float64).unsqueeze(0)


def driven(gain_db):
    return drive(LINE, torch.tensor([gain_db], dtype=torch.float64))


@pytest.mark.parametrize("gain_db", [-24.0, -3.0, 0.0, 24.0])
def test_full_scale_stays_and_the_curve_is_odd_and_steeper_within(gain_db):
    heard = driven(gain_db)
    assert heard[0, -1] == 1.0
    torch.testing.assert_close(heard, -heard.flip(1), rtol=0, atol=1e-15)
    assert bool((heard.abs() >= LINE.abs()).all())


def test_low_it_is_clean_and_high_it_is_square():
    assert float((driven(-24.0) - LINE).abs().max()) < 2e-3
    # The error of a small a is a^2 / 3 times x - x^3, whose peak is 2 / 27 ** 0.5.
    expected = 10 ** (-60 / 10) / 3 * 2 / 27**0.5
    assert float((driven(-60.0) - LINE).abs().max()) == pytest.approx(expected, rel=1e-3)
    high = driven(24.0)
    assert bool((high[LINE > 0.2] > 0.99).all())


def test_at_0_db_it_is_the_tangent():
    one = torch.tanh(torch.ones((), dtype=torch.float64))
    torch.testing.assert_close(driven(0.0), torch.tanh(LINE) / one, rtol=1e-12, atol=0)
