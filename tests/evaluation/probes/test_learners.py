"""Classifiers of vectors: what they can know, and what they cannot."""

import numpy as np
import pytest
import torch

from nebula.evaluation.probes.learners import GRIDS, LEARNERS, LearnerSettings, read_labels


def parts(count):
    number = np.arange(count) % 5
    return number > 1, number == 1, number == 0


def test_the_grids_are_those_of_their_sources():
    assert GRIDS["linear"] == (LearnerSettings(0, 1e-3, 32),)
    assert {(one.layers, one.rate) for one in GRIDS["hear"]} == {
        (layers, rate) for layers in (1, 2) for rate in (3.2e-3, 1e-3, 3.2e-4, 1e-4)
    }


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_a_linear_probe_reads_what_a_line_divides_in_any_unit(scale):
    generator = np.random.default_rng(0)
    vectors = generator.normal(size=(500, 8))
    labels = (vectors @ generator.normal(size=8) > 0).astype(np.int64)
    learn, validate, answer = parts(500)
    given = read_labels("linear", scale * vectors, labels, learn, validate, answer)
    assert (given == labels[answer]).mean() > 0.9


def test_hidden_layers_read_what_no_line_divides(monkeypatch):
    generator = np.random.default_rng(1)
    vectors = generator.normal(size=(600, 2))
    labels = (vectors[:, 0] * vectors[:, 1] > 0).astype(np.int64)
    learn, validate, answer = parts(600)
    # One of the grid's eight is enough here, and takes an eighth of the time.
    monkeypatch.setitem(GRIDS, "hear", GRIDS["hear"][:1])
    linear, hidden = (
        (read_labels(learner, vectors, labels, learn, validate, answer) == labels[answer]).mean()
        for learner in LEARNERS
    )
    # The linear one guesses: of 120 answers 74 or more are right in one of 100 cases.
    assert linear < 74 / 120
    assert hidden > 0.9


def test_answers_follow_from_the_seed_and_leave_torchs_generator_alone():
    generator = np.random.default_rng(2)
    vectors, labels = generator.normal(size=(100, 4)), generator.integers(3, size=100)
    torch.manual_seed(3)
    before = torch.get_rng_state()
    first, again, other = (read_labels("linear", vectors, labels, *parts(100), seed=seed) for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    assert (first == again).all()
    assert (first != other).any()
