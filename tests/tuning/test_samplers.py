"""Samplers: proposals follow from the seed and the history alone, and searches find what they should."""

import numpy as np
import pytest
from scipy import stats

from nebula import PARAMETERS
from nebula.tuning.samplers import Generation, make_sampler
from nebula.tuning.space import Space
from nebula.tuning.spec import Phase, Search, StudySpec

NAMES = ["random", "sobol", "tpe", "gp", "cma-es"]


def space(dimension=5, **settings):
    kept = ("keyboard.midi_f0", "keyboard.duration", "vco_1.tuning", "vco_2.tuning", "vco_2.shape")[:dimension]
    frozen = tuple(p.path.replace("[", "[[]") for p in PARAMETERS if p.path not in kept)
    search = Search(phases=(Phase(sampler="random", trials=1),), frozen=frozen, **settings)
    return Space.of(StudySpec(version=1, name="any", objective="match", search=search))


def distance_to(centre):
    return lambda points: ((points - centre) ** 2).sum(axis=1)


def run(name, where, generations, loss, seed=3):
    sampler = make_sampler(name, where, seed, [])
    history = []
    for _ in range(generations):
        points = sampler.propose(history)
        history.append(Generation(points, loss(points)))
    return sampler, history


@pytest.mark.parametrize("tune", ["curves", "curves+symmetry"])
@pytest.mark.parametrize("name", NAMES)
def test_a_sampler_that_is_shown_the_history_goes_on_as_if_never_interrupted(name, tune):
    where = space(tune=tune)
    _, history = run(name, where, 4, distance_to(0.3))
    for known in range(4):
        resumed = make_sampler(name, where, 3, [])
        np.testing.assert_array_equal(resumed.propose(history[:known]), history[known].points)


@pytest.mark.parametrize("name", NAMES)
def test_proposals_lie_in_the_box_and_differ_between_seeds_and_generations(name):
    where = space(tune="curves+symmetry")
    _, first = run(name, where, 2, distance_to(0.3), seed=1)
    _, second = run(name, where, 2, distance_to(0.3), seed=2)
    for generation in (*first, *second):
        assert generation.points.shape[1] == where.dimension
        assert generation.points.min() >= 0
        assert generation.points.max() <= 1
        assert set(np.unique(generation.points[:, 5:])) <= {0.0, 1.0} or name in ("random", "sobol")
    assert not np.array_equal(first[0].points, first[1].points)
    assert not np.array_equal(first[1].points, second[1].points)


def test_random_points_are_uniform():
    # 5 Kolmogorov-Smirnov tests at a fixed seed, 1e-3 false alarms in all.
    _, history = run("random", space(), 200, distance_to(0.5))
    points = np.concatenate([generation.points for generation in history])
    assert min(stats.kstest(column, "uniform").pvalue for column in points.T) > 1e-3 / 5


def test_sobol_puts_one_point_into_each_stratum():
    _, history = run("sobol", space(), 2, distance_to(0.5))
    points = np.concatenate([generation.points for generation in history])
    for column in points.T:
        np.testing.assert_array_equal(np.sort((column * 64).astype(int)), np.arange(64))


@pytest.mark.parametrize(
    ("name", "generations", "closeness"), [("cma-es", 40, 1e-3), ("tpe", 15, 0.05), ("gp", 8, 0.05)]
)
def test_searches_find_the_minimum_of_a_bowl(name, generations, closeness):
    centre = np.array([0.2, 0.4, 0.5, 0.7, 0.8])
    _, history = run(name, space(), generations, distance_to(centre))
    assert min(float(generation.losses.min()) for generation in history) < closeness


def test_the_centre_of_cma_es_beats_its_luckiest_candidate_under_noise():
    # The mean over 20 searches; the centre averages the noise that the luckiest candidate was picked by.
    middle = np.array([0.3, 0.4, 0.5, 0.6, 0.7])
    centres, lucky = [], []
    for seed in range(20):
        noise = np.random.default_rng(seed)

        def loss(points, noise=noise):
            return distance_to(middle)(points) + noise.normal(0, 0.1, len(points))

        sampler, history = run("cma-es", space(), 15, loss, seed)
        best = min(history, key=lambda generation: generation.losses.min())
        centres.append(((sampler.centre(history) - middle) ** 2).sum())
        lucky.append(((best.points[best.losses.argmin()] - middle) ** 2).sum())
    assert np.mean(centres) < np.mean(lucky)


def test_cma_es_finds_flags_too():
    where = space(tune="curves+symmetry")
    wanted = np.array([1.0, 0.0, 1.0, 1.0, 0.0])

    def loss(points):
        return ((points[:, :5] - 0.4) ** 2).sum(axis=1) + (points[:, 5:] != wanted).sum(axis=1)

    _, history = run("cma-es", where, 40, loss)
    best = min(history, key=lambda generation: generation.losses.min())
    assert best.losses.min() < 0.01


def test_cma_es_starts_at_the_start_nebula_or_at_the_best_so_far():
    where = space(start="default")
    first = make_sampler("cma-es", where, 0, [])
    np.testing.assert_array_equal(first.centre([]), where.point(where.start))
    earlier = Generation(np.random.default_rng(0).random((4, 5)), np.array([3.0, 1.0, 2.0, 4.0]))
    np.testing.assert_array_equal(make_sampler("cma-es", where, 0, [earlier]).centre([]), earlier.points[1])
