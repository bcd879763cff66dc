"""The pulse has a closed form, and a spectrum that its length decides."""

import math

import numpy as np
import torch

from nebula.modules.click import click

RATE = 44100


def pulse(contact_ms, samples=4096):
    return click(torch.tensor([contact_ms], dtype=torch.float64), samples, RATE)[0].numpy()


def test_it_lasts_as_long_as_the_contact_and_is_highest_in_its_middle():
    heard = pulse(5.0)
    assert int((heard > 0).sum()) == round(0.005 * RATE)
    assert abs(int(heard.argmax()) - 0.0025 * RATE) <= 1
    # The mean of half a period of a sine is 2 / pi.
    assert math.isclose(heard.sum() / (0.005 * RATE), 2 / math.pi, rel_tol=1e-3)


def test_its_first_zero_is_at_one_and_a_half_times_the_inverse_of_its_length():
    spectrum = np.abs(np.fft.rfft(pulse(5.0, 2**16)))
    hertz = np.fft.rfftfreq(2**16, 1 / RATE)
    first = hertz[np.argmax(spectrum < 1e-2 * spectrum[0])]
    assert math.isclose(first, 1.5 / 0.005, rel_tol=0.02)
