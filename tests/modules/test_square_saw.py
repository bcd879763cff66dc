"""The square-saw against its closed form."""

import numpy as np
import torch

from nebula.modules.square_saw import square_saw


def column(value):
    return torch.tensor([value], dtype=torch.float64)


def test_square_saw_is_odd_for_a_square_and_has_the_stated_drive():
    phase = torch.linspace(0, 1, 1001, dtype=torch.float64)[:-1].unsqueeze(0)
    square = square_saw(phase, column(0.0), column(60.0))[0].numpy()
    hz = 440 * 2 ** (-9 / 12)
    drive = np.pi / 2 * 12000 / (hz * np.log10(hz))
    np.testing.assert_allclose(square, np.tanh(drive * np.sin(2 * np.pi * phase[0].numpy())), atol=1e-12)
    saw = square_saw(phase, column(1.0), column(60.0))[0].numpy()
    np.testing.assert_allclose(saw, 0.5 * square * (1 + np.cos(2 * np.pi * phase[0].numpy())), atol=1e-12)
