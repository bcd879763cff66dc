"""The objective is a pure function that agrees with its parts."""

import pytest

from nebula import Nebula, Voice, discrepancy, distances
from nebula.tuning import evaluate

DISTANCE = distances.get("log-mel")
DRUM = Nebula.load("drum")
SEEDS = [3, 1, 4, 15, 9, 26]


def vectors(nebula, seeds):
    return DISTANCE.embed(Voice().play(seeds, nebula), 44100)


def test_matching_scores_equation_2_against_the_target():
    target = vectors(Nebula.load("default"), range(5))
    score = evaluate(DRUM, SEEDS, discrepancy.Reference(target), DISTANCE).score
    assert score == pytest.approx(float(discrepancy.mmd(vectors(DRUM, SEEDS), target)), rel=1e-5)


def test_the_gaussian_measure_scores_its_mmd():
    target = vectors(Nebula.load("default"), range(5))
    score = evaluate(DRUM, SEEDS, discrepancy.GaussianReference(target), DISTANCE).score
    assert score == pytest.approx(float(discrepancy.gaussian_mmd(vectors(DRUM, SEEDS), target)), rel=1e-5)


def test_diversifying_scores_the_closed_form():
    score = evaluate(DRUM, SEEDS, None, DISTANCE).score
    assert score == pytest.approx(float(discrepancy.diversity(vectors(DRUM, SEEDS))), rel=1e-5)


def test_the_same_arguments_give_the_same_score_to_the_last_bit():
    target = discrepancy.Reference(vectors(Nebula.load("default"), range(40)))
    many = list(range(40))
    first, second = (evaluate(DRUM, many, target, DISTANCE) for _ in range(2))
    assert first.score == second.score
    # A nebula has no distance to its own sounds.
    own = discrepancy.Reference(vectors(DRUM, many))
    assert evaluate(DRUM, many, own, DISTANCE).score == pytest.approx(0, abs=1e-6)


def test_influences_come_when_asked_for_and_leave_the_score_alone():
    target = discrepancy.Reference(vectors(Nebula.load("default"), range(5)))
    sounds = vectors(DRUM, SEEDS)
    for reference, expected in (
        (target, discrepancy.mmd_influence(sounds, target)),
        (None, discrepancy.diversity_influence(sounds)),
    ):
        plain, credited = (evaluate(DRUM, SEEDS, reference, DISTANCE, credit_sounds=credit) for credit in (False, True))
        assert plain.influences is None
        assert plain.score == credited.score
        assert credited.influences == pytest.approx(expected.tolist(), rel=1e-4, abs=1e-4)


def test_time_is_accounted_for():
    taken = evaluate(DRUM, SEEDS, None, DISTANCE)
    assert min(taken.render_seconds, taken.embed_seconds, taken.score_seconds) > 0
