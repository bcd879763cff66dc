"""The gradient by curves and falls together: its scores, its directions, and where its descent ends."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import stats

from nebula import PARAMETERS, sample
from nebula.discrepancy import Reference, mmd_influence
from nebula.draws import Correlation, falls_tensor, laws, to_physical
from nebula.errors import SpecError
from nebula.synths.voice import VOICE
from nebula.tuning.generations import Generation
from nebula.tuning.gradient import bend_scores, bend_slope
from nebula.tuning.samplers import make_sampler
from nebula.tuning.space import Space
from nebula.tuning.spec import Phase, Search, StudySpec

KEPT = ("keyboard.midi_f0", "lfo_1.mod_depth", "vco_2.shape", "mixer.noise")


def spec(**settings):
    frozen = tuple(p.path.replace("[", "[[]") for p in PARAMETERS if p.path not in KEPT)
    phases = (Phase(sampler=settings.pop("sampler", "auto"), trials=1),)
    search = Search(
        **{"tune": "curves+falls", "curve_range": (0.01, 100.0), "frozen": frozen, **settings}, phases=phases
    )
    return StudySpec(version=1, name="any", objective="match", search=search)


SPACE = Space.of(spec())
COLUMNS = list(SPACE.columns)
RANGES = torch.tensor([[PARAMETERS[c].minimum, PARAMETERS[c].maximum] for c in COLUMNS])


def sounds(nebula, seeds):
    """A synthesizer whose sounds are their four tuned parameters, each brought to [0, 1]."""
    settings = torch.tensor(nebula.curves), torch.tensor(nebula.symmetric), falls_tensor(nebula.falls)
    physical = to_physical(VOICE.panel, sample(seeds), *settings)[:, COLUMNS]
    return ((physical - RANGES[:, 0]) / (RANGES[:, 1] - RANGES[:, 0])).double()


def generation(point, target, number, size=64):
    seeds = tuple(tuple(range(first, first + size)) for first in (2 * number * size, (2 * number + 1) * size))
    influences = np.stack([mmd_influence(sounds(SPACE.nebula(point), s), target).numpy() for s in seeds])
    return Generation(np.tile(point, (2, 1)), np.zeros(2), seeds, influences)


def test_points_hold_curves_then_falls_and_give_them_back():
    assert (SPACE.dimension, SPACE.bends, SPACE.binary) == (8, 8, (False,) * 8)
    point = np.linspace(0.0, 1.0, 8)
    nebula = SPACE.nebula(point)
    np.testing.assert_allclose([nebula.falls[column] for column in COLUMNS], 0.1 * 10 ** (4 * point[4:]))
    np.testing.assert_allclose(SPACE.point(nebula), point, atol=1e-12)
    assert SPACE.from_values(SPACE.values(nebula)) == nebula
    paths = [PARAMETERS[column].path for column in COLUMNS]
    assert list(SPACE.values(nebula)) == [f"{path}.{kind}" for kind in ("curve", "fall") for path in paths]
    outside = [fall for column, fall in enumerate(nebula.falls) if column not in COLUMNS]
    assert set(outside) == {1.0}


def test_scores_have_the_information_as_their_covariance_and_directions_are_independent():
    # Over 40,000 sounds. Bounds are 5 standard errors, measured, over 4 parameters and 3 figures each.
    nebula = SPACE.nebula(np.array([0.6, 0.5, 0.7, 0.4, 0.3, 0.5, 0.1, 0.7]))
    draws = sample(range(40_000)).double().numpy()
    curve, fall = (found[:, COLUMNS] for found in bend_scores(nebula, draws))
    # A slope against one sound's scores is the direction's own score, so all of them are seen at once.
    for column in range(4):
        pair = np.stack([curve[:, column], fall[:, column]], axis=1)
        assert (np.abs(pair.mean(axis=0)) < 5 * pair.std(axis=0) / 200).all()
    credit = fall[:, 1] + 0.5 * curve[:, 2]
    seeds = (tuple(range(20_000)), tuple(range(20_000, 40_000)))
    told = Generation(np.tile(SPACE.point(nebula), (2, 1)), np.zeros(2), seeds, credit.reshape(2, -1))
    slope = bend_slope(SPACE, told) * credit.std()
    own, shared = laws.information(np.array(nebula.falls)[COLUMNS])
    left = np.sqrt(own - shared**2)
    expected = np.zeros(8)
    expected[4 + 1] = 1.0
    expected[2], expected[4 + 2] = 0.5 * left[2], 0.5 * shared[2]
    np.testing.assert_allclose(slope, expected, atol=5 * 3 / 200)


def test_scores_of_correlated_draws_are_those_of_the_copula_density():
    rows = [(0.0,)] * len(PARAMETERS)
    for column, value in zip(COLUMNS, (0.8, -0.6, 0.5, 0.7), strict=True):
        rows[column] = (value,)
    nebula = replace(SPACE.nebula(np.linspace(0.4, 0.7, 8)), correlation=Correlation(tuple(rows)))
    symmetric = np.array(nebula.symmetric)[COLUMNS]
    exponents = np.array([np.array(nebula.curves)[COLUMNS], np.array(nebula.falls)[COLUMNS]])
    draws = sample([5, 6, 7]).double().numpy()
    unit = nebula.correlation.apply(torch.from_numpy(draws)).numpy()[:, COLUMNS]
    share, side = np.where(symmetric, np.abs(2 * unit - 1), unit), np.sign(2 * unit - 1)
    place = (1 - (1 - share) ** (1 / exponents[1])) ** (1 / exponents[0])
    copula = stats.multivariate_normal(cov=nebula.correlation.matrix[np.ix_(COLUMNS, COLUMNS)])

    def log_density(both):
        moved = 1 - (1 - place ** both[0]) ** both[1]
        normal = stats.norm.ppf(np.where(symmetric, (1 + side * moved) / 2, moved))
        marginal = np.log(both[0] * both[1]) + (both[0] - 1) * np.log(place)
        marginal = marginal + (both[1] - 1) * np.log(1 - place ** both[0]) - stats.norm.logpdf(normal)
        return copula.logpdf(normal) + marginal.sum(axis=1)

    step = 1e-5
    for kind, found in enumerate(bend_scores(nebula, draws)):
        for i in range(4):
            factor = np.ones((2, 4))
            factor[kind, i] = np.exp(step)
            slope = (log_density(exponents * factor) - log_density(exponents / factor)) / (2 * step)
            np.testing.assert_allclose(found[:, COLUMNS[i]], slope, rtol=1e-4, atol=1e-5)


def test_descent_finds_the_curves_and_falls_that_made_the_target():
    truth = np.array([0.62, 0.5, 0.6, 0.45, 0.55, 0.4, 0.2, 0.5])
    target = Reference(sounds(SPACE.nebula(truth), range(10**6, 10**6 + 4000)))
    sampler, history = make_sampler("auto", SPACE, 0, []), []
    for number in range(150):
        history.append(generation(sampler.propose(history)[0], target, number))
    reached = SPACE.nebula(sampler.centre(history))
    fresh = range(3 * 10**6, 3 * 10**6 + 4000)
    noise = target.mmd(sounds(SPACE.nebula(truth), fresh)).item()
    # Curves alone cannot come there.
    assert target.mmd(sounds(reached, fresh)).item() < 2 * noise + 1e-3
    alone = Space.of(spec(tune="curves"))
    sampler, history = make_sampler("auto", alone, 0, []), []
    for number in range(150):
        point = sampler.propose(history)[0]
        made = generation(SPACE.point(alone.nebula(point)), target, number)
        history.append(replace(made, points=np.tile(point, (2, 1))))
    assert target.mmd(sounds(alone.nebula(sampler.centre(history)), fresh)).item() > 5 * noise


@pytest.mark.parametrize("limits", [[1.0, 0.5], [0.0, 0.5]])
def test_a_range_of_falls_that_is_none_is_refused(limits):
    text = spec().to_toml().replace("fall_range = [\n    0.1,\n    1000.0,\n]", f"fall_range = {limits}")
    expected = f"got {limits}, expected two numbers from 1e-30 to 1e+300, the smaller one first"
    with pytest.raises(SpecError, match=f"^spec 'text': search.fall_range: {re.escape(expected)}$"):
        StudySpec.from_toml(text)
