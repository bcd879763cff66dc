import numpy as np
import pytest

from nebula.discrepancy import principal_places


@pytest.mark.parametrize("shape", [(40, 7), (12, 300), (3, 1)])
def test_principal_places_agree_with_singular_values(shape: tuple[int, int]) -> None:
    vectors = np.random.default_rng(0).normal(size=shape) * np.linspace(3, 1, shape[1]) + 5
    places, shares = principal_places(vectors)
    left, spread, _ = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)
    expected = np.zeros((len(vectors), 2))
    expected[:, : min(2, len(spread))] = (left * spread)[:, :2]
    # Products of rows hold half the digits of float64.
    np.testing.assert_allclose(np.abs(places), np.abs(expected), atol=1e-6)
    np.testing.assert_allclose(shares, (np.pad(spread, (0, 2)) ** 2)[:2] / (spread**2).sum(), atol=1e-12)
    assert (places.max(axis=0) >= -places.min(axis=0) - 1e-6).all()


@pytest.mark.parametrize("sounds", [1, 5])
def test_principal_places_of_equal_sounds_are_one_point(sounds: int) -> None:
    places, shares = principal_places(np.ones((sounds, 3)))
    assert shares == (0.0, 0.0)
    np.testing.assert_array_equal(places, np.zeros((sounds, 2)))
