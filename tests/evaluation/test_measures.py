"""Measures between sets: the same draws for each, closed forms, and laws that all of them keep."""

import numpy as np
import pytest
import torch

from nebula import discrepancy
from nebula.errors import ArgumentError
from nebula.evaluation import MEASURES, compare
from nebula.evaluation.measures import Measure, measure_for


def normal(seed, sounds=60, dimension=3, mean=0.0):
    return torch.from_numpy(np.random.default_rng(seed).normal(mean, size=(sounds, dimension)))


def test_l1_is_the_papers_trials():
    x, y = normal(0), normal(1)
    by = measure_for("l1", [x, y])
    assert by.between(x, y, 20, 5, seed=3) == discrepancy.mmd_trials(x, y, 20, 5, seed=3)
    assert by.within(x, 5, seed=3) == discrepancy.diversity_by_partitions(x, 5, seed=3)


@pytest.mark.parametrize("name", MEASURES)
def test_whole_sets_give_the_measure_itself(name):
    x, y = normal(0), normal(1, mean=2)
    by = measure_for(name, [x, y], y)
    exact = {
        "l1": lambda: discrepancy.mmd(x, y),
        "gaussian": lambda: discrepancy.gaussian_mmd(x, y, by.bandwidth),
        "frechet": lambda: discrepancy.frechet(x, y),
        "kad": lambda: discrepancy.kernel_audio_distance(x, y),
    }[name]()
    # A subset as large as the set is the set in another order.
    np.testing.assert_allclose(by.between(x, y, 60, 3, seed=1).values, float(exact), rtol=1e-9)


@pytest.mark.parametrize("name", MEASURES)
def test_a_shifted_set_is_farther_than_halves_of_one(name):
    x, y = normal(0), normal(1, mean=1)
    by = measure_for(name, [x, y], y)
    assert by.between(x, y, 30, 10, seed=0).mean > 2 * by.within(x, 10, seed=0).mean


def test_the_frechet_distance_of_a_shift_is_its_square():
    x = normal(0)
    shifted = Measure("frechet").between(x, x + torch.tensor([3.0, 0, 4]), 60, 2, seed=0)
    np.testing.assert_allclose(shifted.values, 25, rtol=1e-9)


def test_the_kernel_is_as_wide_as_the_median_distance_of_all_sets():
    # Distances between 0, 1 and 5, 9: 1, 4, 4, 5, 8, 9; their median is 4.5.
    by = measure_for("gaussian", [torch.tensor([[0.0], [1.0]]), torch.tensor([[5.0], [9.0]])])
    assert by.bandwidth == pytest.approx(4.5, rel=1e-12)


def test_with_a_reference_no_other_set_changes_a_number(percussion):
    def between(names, measure):
        rows = compare(names, measure=measure, reference=str(percussion), sounds=6, trials=3)
        assert {row.second for row in rows if row.first != row.second} == {str(percussion)}
        return {row.first: row.value for row in rows}

    for measure in ("kad", "gaussian", "l1"):
        alone, beside = between(["drum"], measure), between(["drum", "noise:white"], measure)
        assert {name: beside[name] for name in alone} == alone
    assert beside["drum"] < beside["noise:white"]


def test_a_reference_is_needed_and_stands_alone(percussion):
    with pytest.raises(ArgumentError) as missing:
        compare([str(percussion)], measure="kad")
    assert str(missing.value) == "reference: missing; kad takes the bandwidth of its kernel from one set"
    with pytest.raises(ArgumentError) as twice:
        compare(["drum"], reference="drum")
    assert str(twice.value) == "reference: got 'drum', expected one that is not among the names"


def test_what_is_wrong_is_said(percussion):
    with pytest.raises(ArgumentError) as raised:
        compare([str(percussion)], measure="l2")
    assert str(raised.value) == "measure: got 'l2', expected one of l1, gaussian, frechet, kad"
    with pytest.raises(ArgumentError) as alike:
        measure_for("gaussian", [torch.zeros(4, 2)])
    assert str(alike.value) == (
        "measure: got 'gaussian', but half of the sounds are alike and give its kernel no width"
    )
