"""Exchange rates that are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nebula.evaluation.transfer.exchange import exchange_rates

SIZES = 2.0 ** np.arange(8)


@given(drops=st.lists(st.floats(0.001, 0.1), min_size=8, max_size=8), place=st.integers(0, 7))
def test_a_corpus_is_worth_its_own_number_of_recordings(drops, place):
    curve = 1 - np.cumsum(drops)
    assert exchange_rates(curve[place : place + 1], SIZES, curve[None]) == pytest.approx([SIZES[place]])


def test_a_loss_between_two_sizes_lies_between_their_logarithms():
    curve = np.linspace(0.5, 0.15, 8)
    assert exchange_rates(np.array([0.475]), SIZES, curve[None]) == pytest.approx([2**0.5])


def test_beyond_all_recordings_there_is_no_number_and_none_is_smaller_than_the_fewest():
    curves = np.tile(np.linspace(0.5, 0.15, 8), (2, 1))
    assert exchange_rates(np.array([0.14, 0.6]), SIZES, curves).tolist() == [np.inf, 1]


def test_more_recordings_that_do_worse_do_as_well_as_fewer():
    assert exchange_rates(np.array([0.3]), SIZES[:4], np.array([[0.5, 0.3, 0.4, 0.2]])).tolist() == [2]
