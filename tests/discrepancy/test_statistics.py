"""Statistics in files: what numpy computes, what a file keeps, and the distance of sets that are not there."""

import numpy as np
import pytest
import torch
from vector_sets import normal, refused

from nebula.discrepancy import FrechetReference, FrechetStatistics, frechet, frechet_of_statistics


def test_they_are_what_numpy_computes() -> None:
    vectors = normal(40, 5) * torch.tensor([1.0, 2, 3, 4, 5]) + 7
    found = FrechetStatistics.of(vectors)
    np.testing.assert_allclose(found.mean.numpy(), vectors.numpy().mean(0), rtol=1e-12)
    np.testing.assert_allclose(found.covariance.numpy(), np.cov(vectors.numpy(), rowvar=False), rtol=1e-12)


@pytest.mark.parametrize(("sounds", "dimension"), [(50, 4), (6, 9), (30, 1)])
def test_the_distance_of_statistics_is_that_of_the_sets(sounds: int, dimension: int) -> None:
    x, y = 2 * normal(sounds, dimension) + 1, normal(sounds + 3, dimension, seed=1)
    expected = frechet(x, y).item()
    first, second = FrechetStatistics.of(x), FrechetStatistics.of(y)
    # Where a covariance lacks rank its factor has eigenvalues of rounding, whose roots are 1e-8.
    assert frechet_of_statistics(first, second).item() == pytest.approx(expected, rel=1e-6)
    assert FrechetReference.of_statistics(second).distance(x).item() == pytest.approx(expected, rel=1e-6)
    assert frechet_of_statistics(first, first).item() == pytest.approx(0, abs=1e-6)


def test_a_file_has_fadtks_keys_and_keeps_those_of_other_models(tmp_path) -> None:
    path = tmp_path / "set.npz"
    first, second = FrechetStatistics.of(normal(9, 3)), FrechetStatistics.of(normal(9, 2, seed=1))
    first.save(path, "clap-2023")
    second.save(path, "vggish")
    with np.load(path) as arrays:
        assert sorted(arrays) == ["clap-2023.cov", "clap-2023.mu", "vggish.cov", "vggish.mu"]
    for model, statistics in (("clap-2023", first), ("vggish", second)):
        found = FrechetStatistics.load(path, model)
        assert torch.equal(found.mean, statistics.mean)
        assert torch.equal(found.covariance, statistics.covariance)


def test_single_precision_and_a_covariance_without_axes_are_read(tmp_path) -> None:
    path = tmp_path / "theirs.npz"
    np.savez(path, **{"m.mu": np.float32([2.0]), "m.cov": np.float32(0.5)})
    found = FrechetStatistics.load(path, "m")
    assert (found.mean.tolist(), found.covariance.tolist()) == ([2.0], [[0.5]])


def test_what_is_no_statistics_is_named(tmp_path) -> None:
    path = tmp_path / "set.npz"
    with refused(f"statistics '{path}': cannot be read (No such file or directory)"):
        FrechetStatistics.load(path, "m")
    path.write_bytes(b"nothing")
    with refused(f"statistics '{path}': cannot be read (it is no .npz of numbers)"):
        FrechetStatistics.load(path, "m")
    np.savez(path, **{"m.mu": np.zeros(2), "m.cov": np.zeros((3, 3)), "n.mu": np.zeros(2)})
    with refused(f"model: got 'n', expected one that '{path}' has: m"):
        FrechetStatistics.load(path, "n")
    with refused(
        f"statistics '{path}': covariance: got shape (3, 3) for a mean of shape (2,), expected one axis and two"
    ):
        FrechetStatistics.load(path, "m")
    with refused("covariance: got one that differs from its transpose by 2"):
        FrechetStatistics(torch.zeros(2).double(), torch.tensor([[1.0, 2.0], [0.0, 1.0]]).double())
    with refused("mean: got a value that is not finite, expected finite ones"):
        FrechetStatistics(torch.tensor([float("nan")]).double(), torch.ones(1, 1).double())
