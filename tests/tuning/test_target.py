import pytest
import torch

from nebula.errors import ArgumentError
from nebula.nebulae import Nebula
from nebula.tuning.target import Target


def test_sounds_that_are_alike_leave_the_gaussian_measure_without_a_width_and_say_what_to_do():
    target = Target(Nebula.load("drum"), torch.ones(5, 3), "c0ffee")
    with pytest.raises(ArgumentError) as caught:
        target.reference("gaussian")
    assert str(caught.value) == (
        "measure: got 'gaussian' for a target of 5 sounds that are alike or nearly so, which leave its kernel without "
        'a width, expected sounds that differ, or measure = "l1"'
    )
    assert float(target.reference("l1").mmd(torch.ones(4, 3))) == 0
