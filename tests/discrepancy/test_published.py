"""KAD and the two uses of FAD against closed forms, laws and plain code."""

import itertools

import numpy as np
import pytest
import scipy.spatial.distance
import torch
from torch import Tensor
from vector_sets import normal, refused

from nebula.discrepancy import (
    FrechetReference,
    frechet,
    frechet_by_sound,
    frechet_infinity,
    kernel_audio_distance,
)


def test_kad_is_what_plain_code_gives() -> None:
    x, y = normal(30, 5) + 0.4, normal(41, 5, seed=1)
    width = np.median(scipy.spatial.distance.pdist(y.numpy()))

    def kernel(a: Tensor, b: Tensor) -> np.ndarray:
        return np.exp(-scipy.spatial.distance.cdist(a.numpy(), b.numpy(), "sqeuclidean") / (2 * width**2))

    within = [(kernel(a, a).sum() - len(a)) / (len(a) * (len(a) - 1)) for a in (x, y)]
    expected = 100 * (sum(within) - 2 * kernel(x, y).mean())
    assert kernel_audio_distance(x, y).item() == pytest.approx(expected, rel=1e-9)


def test_kad_of_sets_of_one_distribution_is_0_on_average() -> None:
    values = [
        kernel_audio_distance(normal(20, 3, seed=2 * i), normal(200, 3, seed=2 * i + 1)).item() for i in range(60)
    ]
    # Unbiased: four standard errors of 60 values; a biased one would lie 100 / 20 kernels above.
    assert np.mean(values) == pytest.approx(0, abs=4 * np.std(values) / np.sqrt(60))
    assert min(values) < 0


def test_kad_takes_its_bandwidth_from_the_reference() -> None:
    near, far = torch.tensor([[0.0], [1.0]]), torch.tensor([[0.0], [9.0]])
    # k of the reference's own pair is exp(-1/2), whatever their distance.
    assert kernel_audio_distance(near, near).item() == pytest.approx(100 * (2 * np.exp(-0.5) - (1 + np.exp(-0.5))))
    assert kernel_audio_distance(near, far).item() != pytest.approx(kernel_audio_distance(far, near).item(), rel=0.1)


def test_the_extrapolated_distance_of_alike_sets_is_0_where_the_plain_one_is_not() -> None:
    y = normal(100_000, 6, seed=1)
    scores = [frechet_infinity(normal(1500, 6, seed=10 + i), y, seed=i).score for i in range(12)]
    plain = np.mean([frechet(normal(500, 6, seed=10 + i), y).item() for i in range(12)])
    # n mean square deviations of 6 means, and of 21 covariances each a quarter of 2 / n: 6 / n + 10.5 / n or less.
    assert 0.012 < plain < 0.036
    assert np.mean(scores) == pytest.approx(0, abs=4 * np.std(scores) / np.sqrt(12) + 6e-4)


def test_the_line_is_the_points_own() -> None:
    x, y = normal(60, 3) * 1.5 + 1, normal(500, 3, seed=1)
    found = frechet_infinity(x, y, steps=6, fewest=20)
    sizes, scores = (np.array(column) for column in zip(*found.points, strict=True))
    assert sizes.tolist() == [20, 28, 36, 44, 52, 60]
    # The last subset is the set itself.
    assert scores[-1] == pytest.approx(frechet(x, y).item(), rel=1e-12)
    design = np.stack([np.ones(6), 1 / sizes], axis=1)
    assert np.linalg.lstsq(design, scores)[0] == pytest.approx([found.score, found.slope], rel=1e-9)
    assert found.r_squared == pytest.approx(np.corrcoef(1 / sizes, scores)[0, 1] ** 2, rel=1e-9)
    assert frechet_infinity(x, y, steps=6, fewest=20) == found
    assert frechet_infinity(x, y, steps=6, fewest=20, seed=1).score != found.score


def test_each_sound_alone_is_a_set_of_its_windows() -> None:
    # The corners of a cube of side 2 around a place: mean there, covariance 8/7 of the identity.
    cube = torch.tensor(list(itertools.product((-1.0, 1.0), repeat=3)), dtype=torch.float64)
    sounds = [cube + 2, 3 * cube, cube[:1] * 0 + 5]
    found = frechet_by_sound(sounds, cube)
    trace = 3 * 8 / 7
    assert found.tolist() == pytest.approx([12, trace * (3 - 1) ** 2, 75 + trace], rel=1e-12)
    assert found[0].item() == pytest.approx(frechet(sounds[0], cube).item(), rel=1e-12)


def test_a_reference_serves_many_sets() -> None:
    y = normal(40, 4)
    reference = FrechetReference(y)
    for seed in (1, 2):
        x = normal(30, 4, seed=seed) + 1
        assert reference.distance(x).item() == pytest.approx(frechet(x, y).item(), rel=1e-12)


def test_what_is_wrong_is_named() -> None:
    x = normal(20, 2)
    with refused("y: got 1 sound, expected 2 or more"):
        kernel_audio_distance(x, x[:1])
    with refused("x: got 20 sounds, expected 501 or more"):
        frechet_infinity(x, x)
    with refused("steps: got 2, expected 3 or more"):
        frechet_infinity(x, x, steps=2, fewest=4)
    with refused("fewest: got 1, expected 2 or more"):
        frechet_infinity(x, x, fewest=1)
    with refused("sounds: got none, expected 1 or more"):
        frechet_by_sound([], x)
