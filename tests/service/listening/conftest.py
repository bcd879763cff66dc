"""A server that all tests of a module share, and a listening test small enough to be rendered in a moment."""

import pytest
from listening_lab import running


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A server on SQLite, for all tests of a module."""
    with running(tmp_path_factory.mktemp("lab") / "home") as lab:
        yield lab


@pytest.fixture
def ab():
    """A comparison of two nebulae: four pairs of sounds of half a second."""
    return {
        "version": 1,
        "name": "ab",
        "method": "preference",
        "sounds": 4,
        "seconds": 0.5,
        "tie": True,
        "systems": [{"name": "made by hand", "nebula": "drum"}, {"name": "untouched", "nebula": "default"}],
    }
