"""Seeded draws."""

import numpy as np
import pytest
import torch
from scipy import stats

from nebula import draws, sample
from nebula.draws import Panel, Parameter
from nebula.errors import ArgumentError


def test_a_row_depends_on_its_seed_alone():
    seeds = [5, 0, 2**32 - 1, 5, 17]
    together = sample(seeds)
    assert torch.equal(together, torch.cat([sample([seed]) for seed in seeds]))
    assert torch.equal(together.flip(0), sample(seeds[::-1]))
    assert torch.equal(together[0], together[3])


def test_seeds_come_as_lists_ranges_arrays_and_tensors():
    expected = sample([3, 4, 5])
    for seeds in (range(3, 6), np.arange(3, 6), torch.arange(3, 6), np.array([3, 4, 5], dtype=np.uint32)):
        assert torch.equal(sample(seeds), expected)
    assert sample([]).shape == (0, 78)


def test_numbers_are_given_to_parameters_in_the_order_of_their_paths():
    one, other = (Parameter(name, "level", 0.0, 1.0, "", "how loud") for name in ("a", "b"))
    assert torch.equal(draws.sample(Panel((one, other)), [7]), draws.sample(Panel((other, one)), [7]).flip(1))


def test_drawing_leaves_torchs_own_generator_alone():
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    sample(range(10))
    assert torch.equal(torch.rand(3), expected)


def test_draws_are_uniform_in_every_parameter():
    # 78 Kolmogorov-Smirnov tests at a fixed set of seeds; the chance of one false alarm among them is 1e-3.
    drawn = sample(range(5000)).numpy()
    assert drawn.min() >= 0
    assert drawn.max() < 1
    assert min(stats.kstest(column, "uniform").pvalue for column in drawn.T) > 1e-3 / 78


@pytest.mark.parametrize("seed", [-1, 2**32, True])
def test_a_seed_that_would_be_cut_is_refused(seed):
    with pytest.raises(ArgumentError, match=r"^seeds: got .*, expected integers from 0 to 4294967295$"):
        sample([seed])
