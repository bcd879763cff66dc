"""White noise as a set of sounds, and its place in a comparison."""

import numpy as np
import pytest
import torch

from nebula import distances
from nebula.embedding import embed_white_noise, white_noise
from nebula.evaluation import compare


def test_it_is_white_and_uniform():
    noise = white_noise(range(8))
    assert noise.shape == (8, 176400)
    assert float(noise.abs().max()) <= 1
    # Four standard errors of the mean square of 1.4 million uniform values, whose kurtosis is 1.8.
    assert float(noise.square().mean()) == pytest.approx(1 / 3, abs=4 * np.sqrt(4 / 45 / noise.numel()))
    # In 16 bands of 5,500 bins each of the 8 rows: within four standard errors of an exponential's mean.
    power = torch.fft.rfft(noise.double()).abs().square()[:, 1:88001].reshape(8, 16, 5500).mean(dim=(0, 2))
    assert power.tolist() == pytest.approx([power.mean().item()] * 16, rel=4 / np.sqrt(8 * 5500))


def test_each_row_follows_from_its_seed():
    assert torch.equal(white_noise([5, 9])[1], white_noise([9])[0])
    distance = distances.get("log-mel")
    vectors = embed_white_noise(range(40), distance)
    assert torch.allclose(vectors[37], distance.embed(white_noise([37]), 44100)[0], atol=1e-9)


def test_it_is_closest_to_itself_and_farthest_from_everything(percussion):
    """The order of table 3 of Turian et al. 2021, on sounds made on the spot."""
    rows = compare(["noise:white", "drum", "default", str(percussion)], sounds=16, trials=4)
    values = {(row.first, row.second): row.value for row in rows}
    names = ("drum", "default", str(percussion))
    assert (rows[0].first, rows[0].second) == ("noise:white", "noise:white")
    assert {(row.first, row.second) for row in rows[-3:]} == {("noise:white", name) for name in names}
    assert values["drum", str(percussion)] < values["default", str(percussion)]
