"""A few of the odd inputs that `tests/support/fuzzing.py` tries by the thousand."""

import pytest
from fuzzing import (
    ADDRESSES,
    DOCUMENTS,
    TAKERS,
    UPLOADED,
    answered,
    bent,
    changed,
    is_left_empty,
    posted,
    run,
    uploaded,
)


@pytest.mark.parametrize("kind", TAKERS)
def test_odd_inputs_are_used_or_refused(kind):
    tried, _ = run(kind, 40, TAKERS[kind])
    assert tried > 20


@pytest.mark.parametrize("kind", [kind for kind in DOCUMENTS if kind in TAKERS])
def test_odd_values_in_the_right_form_are_used_or_refused(kind):
    tried, taken = run(kind, 40, TAKERS[kind], bent)
    assert tried > 20
    # They reach beyond the form.
    assert taken > 0


@pytest.mark.parametrize("inputs", [changed, bent])
def test_a_server_answers_odd_bodies(lab, inputs):
    post = posted(lab.client("admin"))
    for kind in ADDRESSES:
        tried, _ = run(kind, 15, lambda content, kind=kind: post(kind, content), inputs)
        assert tried > 5


@pytest.mark.parametrize("kind", UPLOADED)
def test_a_server_reads_odd_uploads_and_leaves_nothing_of_them(lab, kind):
    tried, taken = run(kind, 10, uploaded(lab.client("admin")))
    assert tried > 5
    assert taken > 0
    assert is_left_empty(lab.home / "corpora")


def test_a_server_takes_odd_answers_of_participants_or_refuses_them(lab):
    tried, taken = run("answer", 40, answered(lab), bent)
    assert tried > 20
    assert taken > 0
