"""OpenL3 with weights drawn from a seed."""

from functools import cache

import openl3_weights
import pytest
import torch

from nebula.distances import OpenL3

SEEDS = {"mel256": 1, "mel128": 2, "linear": 3}


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    # Where other programs keep the processors busy, threads that share every small sum wait for one another.
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def drawn(tmp_path_factory):
    """Path of drawn weights by the picture they are for."""

    @cache
    def path(input_repr):
        file = tmp_path_factory.mktemp("weights") / f"{input_repr}.h5"
        openl3_weights.write(file, openl3_weights.draw(SEEDS[input_repr]))
        return file

    return path


@pytest.fixture(scope="session")
def openl3(drawn):
    """The distance with drawn weights; made once for each choice of settings."""

    @cache
    def make(input_repr="mel256", **settings):
        return OpenL3(drawn(input_repr), input_repr=input_repr, **settings)

    return make
