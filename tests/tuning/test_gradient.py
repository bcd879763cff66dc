"""The gradient that credits sounds: its scores, its agreement with differences, and where its descent ends."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import stats

from nebula import PARAMETERS, Nebula, sample
from nebula.discrepancy import Reference, mmd_influence
from nebula.draws import Correlation, to_physical
from nebula.synths.voice import VOICE
from nebula.tuning.generations import Generation
from nebula.tuning.gradient import Gradient, bend_scores, bend_slope, loadings_of
from nebula.tuning.samplers import make_sampler
from nebula.tuning.space import Space
from nebula.tuning.spec import Phase, Search, StudySpec

KEPT = ("keyboard.midi_f0", "lfo_1.mod_depth", "vco_1.tuning", "vco_2.shape", "mixer.noise")


def space(**settings):
    frozen = tuple(p.path.replace("[", "[[]") for p in PARAMETERS if p.path not in KEPT)
    search = Search(phases=(Phase(sampler="auto", trials=1),), frozen=frozen, **settings)
    return Space.of(StudySpec(version=1, name="any", objective="match", search=search))


SPACE = space(curve_range=(0.01, 100.0))
COLUMNS = list(SPACE.columns)
RANGES = torch.tensor([[PARAMETERS[c].minimum, PARAMETERS[c].maximum] for c in COLUMNS])


def sounds(nebula, seeds):
    """A synthesizer whose sounds are their five tuned parameters, each brought to [0, 1]."""
    physical = to_physical(VOICE.panel, sample(seeds), torch.tensor(nebula.curves), torch.tensor(nebula.symmetric))[
        :, COLUMNS
    ]
    return ((physical - RANGES[:, 0]) / (RANGES[:, 1] - RANGES[:, 0])).double()


def generation(point, target, number, size=64):
    seeds = tuple(tuple(range(first, first + size)) for first in (2 * number * size, (2 * number + 1) * size))
    influences = np.stack([mmd_influence(sounds(SPACE.nebula(point), s), target).numpy() for s in seeds])
    return Generation(np.tile(point, (2, 1)), np.zeros(2), seeds, influences)


def test_both_forms_of_curve_are_in_the_space():
    assert {SPACE.start.symmetric[column] for column in COLUMNS} == {False, True}


def test_scores_are_those_of_the_densities():
    # d log p / d log c by central differences; p(v) = c v^(c-1), and with t = 2v - 1, p(v) = c |t|^(c-1).
    everywhere = np.full((2, len(PARAMETERS)), 0.5)
    everywhere[:, COLUMNS] = unit = np.array([[0.03, 0.1, 0.4, 0.7, 0.9], [0.5, 0.6, 0.2, 0.99, 0.01]])
    symmetric = np.array([SPACE.start.symmetric[column] for column in COLUMNS])
    curve, step = 0.7, 1e-6
    bent = np.where(symmetric, np.abs(2 * unit - 1), unit) ** (1 / curve)

    def log_density(c):
        return np.log(c) + (c - 1) * np.log(bent)

    slope = (log_density(curve * np.exp(step)) - log_density(curve * np.exp(-step))) / (2 * step)
    np.testing.assert_allclose(bend_scores(SPACE.start, everywhere)[0][:, COLUMNS], slope, rtol=1e-7, atol=1e-8)


def test_scores_have_mean_0_and_the_identity_as_fisher_information():
    # Over 40,000 sounds. Standard errors: 1/200 of a mean; of a square sqrt(8)/200, as 1 + log u has kurtosis 9; of a
    # product 1/200. Bounds are 4 of them: 1e-3 false alarms over all 20 figures.
    scores = bend_scores(SPACE.start, sample(range(40_000)).double().numpy())[0][:, COLUMNS]
    assert np.abs(scores.mean(axis=0)).max() < 4 / 200
    fisher = scores.T @ scores / len(scores)
    assert np.abs(np.diag(fisher) - 1).max() < 4 * np.sqrt(8) / 200
    assert np.abs(fisher - np.diag(np.diag(fisher))).max() < 4 / 200
    assert stats.kstest(1 - scores[:, 0], "expon").pvalue > 1e-3


def test_the_gradient_agrees_with_differences_of_the_discrepancy():
    # Between 60 and 30 are the target's curves and here; differences on 20,000 common sounds, the slope's mean over 300
    # generations of 128. The slope's own standard error is measured, the difference's is an eighth of it.
    target = Reference(sounds(SPACE.nebula(np.array([0.6, 0.4, 0.5, 0.7, 0.3])), range(10**6, 10**6 + 2000)))
    point = np.full(5, 0.5)
    slopes, deviations = [], []
    for number in range(300):
        made = generation(point, target, number)
        slopes.append(bend_slope(SPACE, made))
        deviations.append(made.influences.std())
    found = np.mean(slopes, axis=0) * np.mean(deviations)
    error = np.std(slopes, axis=0) / np.sqrt(300) * np.mean(deviations)
    step, width = 0.02, np.log(100.0) - np.log(0.01)
    seeds = range(2 * 10**6, 2 * 10**6 + 20_000)
    for i in range(5):
        shift = np.eye(5)[i] * step / width
        above, below = (target.mmd(sounds(SPACE.nebula(point + s), seeds)).item() for s in (shift, -shift))
        assert found[i] == pytest.approx((above - below) / (2 * step), abs=4 * error[i])


def test_descent_finds_the_curves_that_made_the_target():
    truth = np.array([0.62, 0.4, 0.5, 0.7, 0.31])
    target = Reference(sounds(SPACE.nebula(truth), range(10**6, 10**6 + 4000)))
    sampler = make_sampler("auto", SPACE, 0, [])
    history = []
    for number in range(120):
        points = sampler.propose(history)
        assert (points[0] == points[1]).all()
        history.append(generation(points[0], target, number))
    # Within a tenth of the range; a curve's own standard error from 15,360 sounds would be 1 / sqrt(15360) / 9.2.
    assert np.abs(sampler.centre(history) - truth).max() < 0.03
    fresh = range(3 * 10**6, 3 * 10**6 + 4000)
    reached = target.mmd(sounds(SPACE.nebula(sampler.centre(history)), fresh)).item()
    assert reached < 1.5 * target.mmd(sounds(SPACE.nebula(truth), fresh)).item() + 1e-3


def test_a_sampler_that_is_shown_the_history_goes_on_as_if_never_interrupted():
    target = Reference(sounds(Nebula.load("drum"), range(10**6, 10**6 + 500)))
    sampler, history = make_sampler("auto", SPACE, 0, []), []
    for number in range(5):
        history.append(generation(sampler.propose(history)[0], target, number))
    for known in range(5):
        resumed = make_sampler("auto", SPACE, 0, [])
        np.testing.assert_array_equal(resumed.propose(history[:known]), history[known].points)


def test_it_starts_at_the_start_nebula_or_at_the_best_so_far():
    first = make_sampler("auto", SPACE, 0, [])
    np.testing.assert_array_equal(first.propose([]), np.tile(SPACE.point(SPACE.start), (2, 1)))
    earlier = Generation(np.random.default_rng(0).random((4, 5)), np.array([3.0, 1.0, 2.0, 4.0]))
    np.testing.assert_array_equal(make_sampler("auto", SPACE, 0, [earlier]).centre([]), earlier.points[1])


def test_sounds_that_are_all_alike_leave_it_where_it_is():
    start = np.full(5, 0.25)
    alike = Generation(np.tile(start, (2, 1)), np.zeros(2), ((0, 1), (2, 3)), np.zeros((2, 2)))
    np.testing.assert_array_equal(Gradient(SPACE, start).propose([alike]), alike.points)


def bound(loadings):
    rows = [(0.0,)] * len(PARAMETERS)
    for column, value in zip(COLUMNS, loadings, strict=True):
        rows[column] = (value,)
    return Correlation(tuple(rows))


def test_scores_of_correlated_draws_are_those_of_the_copula_density():
    # log p(v) by SciPy's multivariate normal, each u being v^c or its symmetric form; central differences by log c.
    nebula = replace(SPACE.nebula(np.full(5, 0.6)), correlation=bound([0.8, -0.6, 0.5, 0.7, -0.9]))
    curves, symmetric = np.array(nebula.curves)[COLUMNS], np.array(nebula.symmetric)[COLUMNS]
    draws = sample([5, 6, 7]).double().numpy()
    unit = nebula.correlation.apply(torch.from_numpy(draws)).numpy()[:, COLUMNS]
    distance = np.where(symmetric, np.abs(2 * unit - 1), unit) ** (1 / curves)
    side = np.sign(2 * unit - 1)
    copula = stats.multivariate_normal(cov=nebula.correlation.matrix[np.ix_(COLUMNS, COLUMNS)])

    def log_density(c):
        moved = distance**c
        normal = stats.norm.ppf(np.where(symmetric, (1 + side * moved) / 2, moved))
        marginal = (np.log(c) + (c - 1) * np.log(distance) - stats.norm.logpdf(normal)).sum(axis=1)
        return copula.logpdf(normal) + marginal

    scores = bend_scores(nebula, draws)[0][:, COLUMNS]
    step = 1e-5
    for i in range(5):
        factor = np.exp(step * np.eye(5)[i])
        slope = (log_density(curves * factor) - log_density(curves / factor)) / (2 * step)
        np.testing.assert_allclose(scores[:, i], slope, rtol=1e-4, atol=1e-5)


def test_loadings_of_a_correlation_give_it_back():
    loadings = np.random.default_rng(1).uniform(-0.6, 0.6, (12, 2))
    matrix = loadings @ loadings.T
    np.fill_diagonal(matrix, 1.0)
    found = loadings_of(matrix)
    apart = ~np.eye(12, dtype=bool)
    # To the decimals that are kept.
    np.testing.assert_allclose((found @ found.T)[apart], matrix[apart], atol=1e-4)
    np.testing.assert_array_equal(loadings_of(np.eye(12)), np.zeros((12, 12)))
    # What would be singular stays inside the unit ball.
    assert 0.9 < (loadings_of(np.ones((12, 12))) ** 2).sum(axis=1).max() < 0.99


def test_descent_finds_the_correlation_that_made_the_target():
    # Sounds that are the product of two parameters: their marginals are right, and what is left is how they meet.
    where = space(curve_range=(0.01, 100.0), tune="curves+correlation")
    truth = replace(where.start, correlation=bound([0.9, 0.0, 0.0, 0.8, 0.0]))

    def heard(nebula, seeds):
        made = sounds(replace(nebula, correlation=None), seeds)
        if nebula.correlation is not None:
            unit = nebula.correlation.apply(sample(seeds))
            made = to_physical(VOICE.panel, unit, torch.tensor(nebula.curves), torch.tensor(nebula.symmetric))[
                :, COLUMNS
            ]
            made = ((made - RANGES[:, 0]) / (RANGES[:, 1] - RANGES[:, 0])).double()
        return torch.cat([made, (made[:, :1] - made[:, 3:4])], dim=1)

    target = Reference(heard(truth, range(10**6, 10**6 + 2000)))
    sampler, history = make_sampler("auto", where, 0, []), []
    for number in range(160):
        points = sampler.propose(history)
        seeds = tuple(tuple(range(first, first + 64)) for first in (128 * number, 128 * number + 64))
        influences = np.stack([mmd_influence(heard(where.nebula(points[0]), s), target).numpy() for s in seeds])
        history.append(Generation(points, np.zeros(2), seeds, influences))
    found = where.nebula(sampler.centre(history)).correlation
    assert found is not None
    # Of 0.72; the path's mean still holds its beginning.
    assert 0.4 < found.matrix[COLUMNS[0], COLUMNS[3]] < 0.95
