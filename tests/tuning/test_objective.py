"""The objective is a pure function that agrees with its parts."""

import numpy as np
import pytest
import torch
from scipy import stats

from nebula import Nebula, Voice, discrepancy, distances
from nebula.tuning import evaluate
from nebula.tuning.generations import Generation
from nebula.tuning.gradient import Gradient
from nebula.tuning.objective import Nearness
from nebula.tuning.space import Space
from nebula.tuning.spec import Phase, Search, StudySpec

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


def test_nearness_is_credited_beside_the_influence_and_leaves_the_score_alone():
    made = vectors(Nebula.load("default"), range(5))
    target, sounds = discrepancy.Reference(made), vectors(DRUM, SEEDS)
    plain = evaluate(DRUM, SEEDS, target, DISTANCE, credit_sounds=True)
    near = evaluate(DRUM, SEEDS, target, DISTANCE, credit_sounds=True, nearness=Nearness(made, 0.5))
    influence, away = (stats.zscore(each) for each in (plain.influences, torch.cdist(sounds, made, p=1).amin(1)))
    assert near.score == plain.score
    assert near.influences == pytest.approx(influence + 0.5 * away, abs=1e-3)


def test_a_search_that_credits_nearness_ends_nearer():
    # The recordings are 12 sounds; 40 generations of 2 x 16. Over four sets of seeds the sounds ended 0.82 to 1.03 away
    # without nearness, and 0.50 to 0.52 with it.
    search = Search(start="uniform", curve_range=(0.01, 100.0), phases=(Phase(sampler="auto", trials=1),))
    space = Space.of(StudySpec(version=1, name="any", objective="match", search=search))
    recordings = vectors(DRUM, range(12))
    target = discrepancy.Reference(recordings)

    def away(nearness):
        gradient, history = Gradient(space, space.point(space.start)), []
        for number in range(40):
            points = gradient.propose(history)
            seeds = tuple(tuple(range(first, first + 16)) for first in (32 * number, 32 * number + 16))
            found = [
                evaluate(space.nebula(points[0]), part, target, DISTANCE, credit_sounds=True, nearness=nearness)
                for part in seeds
            ]
            influences = np.array([each.influences for each in found])
            history.append(Generation(points, np.array([each.score for each in found]), seeds, influences))
        fresh = vectors(space.nebula(gradient.centre(history)), range(10**6, 10**6 + 200))
        return float(discrepancy.nearest_distances(fresh, recordings).mean())

    assert away(Nearness(recordings, 2.0)) < away(None)


def test_time_is_accounted_for():
    taken = evaluate(DRUM, SEEDS, None, DISTANCE)
    assert min(taken.render_seconds, taken.embed_seconds, taken.score_seconds) > 0
