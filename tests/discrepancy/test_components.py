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


def test_rows_that_span_nothing_fall_upon_the_plane_of_the_others() -> None:
    generator = np.random.default_rng(3)
    vectors = generator.normal(size=(30, 6)) * [5, 3, 1, 1, 1, 1]
    vectors[20:, 5] += 1000.0
    spanning = np.arange(30) < 20
    places, shares = principal_places(vectors, spanning)
    alone, shares_alone = principal_places(vectors[:20])
    # What lies far off changes neither the plane nor the shares.
    np.testing.assert_allclose(np.abs(places[:20]), np.abs(alone), atol=1e-9)
    assert shares == pytest.approx(shares_alone)
    # By the singular vectors themselves, which know nothing of products of rows.
    centre = vectors[:20].mean(axis=0)
    axes = np.linalg.svd(vectors[:20] - centre)[2][:2]
    np.testing.assert_allclose(np.abs(places[20:]), np.abs((vectors[20:] - centre) @ axes.T), atol=1e-6)


def test_a_single_row_spans_nothing() -> None:
    places, shares = principal_places(np.eye(4), np.arange(4) == 2)
    assert (places.tolist(), shares) == ([[0, 0]] * 4, (0, 0))
