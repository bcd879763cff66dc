"""A few of the odd inputs that `tests/support/fuzzing.py` tries by the thousand."""

import pytest
from fuzzing import ADDRESSES, TAKERS, posted, run


@pytest.mark.parametrize("kind", TAKERS)
def test_odd_inputs_are_used_or_refused(kind):
    tried, _ = run(kind, 40, TAKERS[kind])
    assert tried > 20


def test_a_server_answers_odd_bodies(lab):
    post = posted(lab.client("admin"))
    for kind in ADDRESSES:
        tried, _ = run(kind, 15, lambda content, kind=kind: post(kind, content))
        assert tried > 5
