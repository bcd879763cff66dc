"""Mel scales and the triangles on them, against their formulas."""

import numpy as np
import pytest

from nebula.distances import mel

EDGES_HZ = mel.band_edges_hz(64, 20.0, 20_000.0)


def test_the_scale_is_that_of_htk():
    # 1127 ln(1 + f / 700) is the same scale as HTK's book writes it, up to its rounding of 2595 / ln 10 = 1126.994.
    frequencies = np.geomspace(1, 20_000, 200)
    np.testing.assert_allclose(mel.htk_mel(frequencies), 1127 * np.log1p(frequencies / 700), rtol=6e-6)
    assert mel.htk_mel(0.0) == 0
    assert mel.htk_mel(1000.0) == pytest.approx(1000, abs=0.02)


def test_edges_are_equally_far_in_mel_and_end_where_told():
    assert EDGES_HZ[[0, -1]] == pytest.approx([20, 20_000], rel=1e-12)
    steps = np.diff(1127 * np.log1p(EDGES_HZ / 700))
    np.testing.assert_allclose(steps, steps.mean(), rtol=1e-9)


def test_triangles_are_one_at_their_peak_and_zero_from_the_neighbours_on():
    np.testing.assert_allclose(mel.filterbank(EDGES_HZ[1:-1], EDGES_HZ), np.eye(64), atol=1e-12)
    middles = (EDGES_HZ[1:-1] + EDGES_HZ[2:]) / 2
    np.testing.assert_allclose(np.diag(mel.filterbank(middles, EDGES_HZ)), 0.5, rtol=1e-12)


def test_weights_of_a_frequency_sum_to_one_between_the_first_and_the_last_peak():
    frequencies = np.linspace(EDGES_HZ[1], EDGES_HZ[-2], 5001)
    np.testing.assert_allclose(mel.filterbank(frequencies, EDGES_HZ).sum(1), 1, rtol=1e-12)
    outside = np.array([0.0, 20.0, 20_000.0, 22_050.0])
    np.testing.assert_allclose(mel.filterbank(outside, EDGES_HZ), 0, atol=1e-12)


def test_slaneys_scale_is_linear_to_1_khz_and_logarithmic_above():
    frequencies = np.geomspace(1, 24_000, 300)
    np.testing.assert_allclose(mel.slaney_hz(mel.slaney_mel(frequencies)), frequencies, rtol=1e-12)
    assert mel.slaney_mel(1000) == 15
    assert mel.slaney_mel(500) == 7.5
    assert mel.slaney_mel(6400) == pytest.approx(42, abs=1e-12)
