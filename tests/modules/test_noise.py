"""White noise."""

import math

import numpy as np
import torch

from nebula.modules.noise import noise


def test_noise_is_32_uniform_rows_that_do_not_repeat():
    rows = noise(torch.arange(32), 20_000)
    assert float(rows.min()) >= -1
    assert float(rows.max()) < 1
    correlation = np.corrcoef(rows.numpy()) - np.eye(32)
    # 496 pairs of 20,000 samples: 5 standard errors, a chance of 3e-4 for any of them.
    assert np.abs(correlation).max() < 5 / math.sqrt(20_000)
    np.testing.assert_allclose(rows.var(dim=1).numpy(), 1 / 3, rtol=0.05)
    assert torch.equal(noise(torch.tensor([31, 0]), 20_000), rows[[31, 0]])
