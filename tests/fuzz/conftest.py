"""A server for odd bodies."""

import pytest
from listening_lab import running


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A server on SQLite."""
    with running(tmp_path_factory.mktemp("fuzz") / "home") as lab:
        yield lab
