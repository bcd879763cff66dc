"""OpenL3's pictures of windows."""

import numpy as np
import pytest
import torch
from openl3_sounds import RATE_HZ, noise

from nebula.distances.openl3 import frontend


def test_pictures_have_the_published_shapes():
    shapes = {
        (version, name): frontend.Picture(version, name).shape
        for version in frontend.FRONTENDS
        for name in frontend.BANDS
    }
    for version in frontend.FRONTENDS:
        assert shapes[version, "mel256"] == (256, 199)
        assert shapes[version, "mel128"] == (128, 199)
        assert shapes[version, "linear"] == (257, 197)
    assert frontend.Picture("0.4.2", "mel256").padding == (0, 1964)
    assert frontend.Picture("0.3.1", "mel256").padding == (982, 982)


@pytest.mark.parametrize("version", frontend.FRONTENDS)
def test_filters_have_area_1(version):
    filters = frontend.mel_filters(128, 2**16, version)
    # Fine bins, so that the sum is the integral.
    np.testing.assert_allclose(filters.sum(0) * RATE_HZ / 2**16, 1, rtol=2e-3)


def test_a_loudest_point_is_0_db_and_nothing_is_below_minus_80(openl3):
    pictures = frontend.Picture("0.4.2", "mel256").of(torch.stack([noise(48_000), torch.zeros(48_000)]))
    assert float(pictures[0].max()) == 0
    assert float(pictures.min()) >= -80
    assert torch.equal(pictures[1], torch.zeros(256, 199))
