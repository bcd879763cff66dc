"""The search for a mixture: its points, its scores, and a hidden mixture that is found again."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import stats

from nebula import PARAMETERS, Nebula, sample
from nebula.discrepancy import Reference, mmd_influence
from nebula.draws import chosen, sample_choices
from nebula.errors import SpecError
from nebula.synths.voice import VOICE
from nebula.tuning.generations import Generation
from nebula.tuning.gradient import mixture_slope
from nebula.tuning.ledger import Entry, Finalist, open_ledger
from nebula.tuning.mixtures import mixture_scores
from nebula.tuning.samplers import make_sampler
from nebula.tuning.space import Space
from nebula.tuning.spec import Phase, Search, StudySpec

KEPT = ("keyboard.midi_f0", "lfo_1.mod_depth", "mixer.noise")


def space(components=2, **settings):
    frozen = tuple(p.path.replace("[", "[[]") for p in PARAMETERS if p.path not in KEPT)
    settings = {"tune": "curves+falls", "curve_range": (0.01, 100.0), "frozen": frozen, **settings}
    search = Search(phases=(Phase(sampler="auto", trials=1),), components=components, **settings)
    return Space.of(StudySpec(version=1, name="any", objective="match", search=search))


SPACE = space()
COLUMNS = list(SPACE.columns)
RANGES = torch.tensor([[PARAMETERS[c].minimum, PARAMETERS[c].maximum] for c in COLUMNS])
# Two of three parameters rest in different places.
FIRST, SECOND = [0.7, 0.5, 0.55, 0.35, 0.3, 0.5], [0.45, 0.5, 0.4, 0.6, 0.3, 0.2]
TRUTH = np.array([*FIRST, *SECOND, 0.55, 0.45])


def physical(nebula, seeds):
    return VOICE.player().physical(sample(seeds), nebula, sample_choices(VOICE.panel, seeds))


def sounds(nebula, seeds):
    """A synthesizer whose sounds are their three tuned parameters and their products, each brought to [0, 1]."""
    found = ((physical(nebula, seeds)[:, COLUMNS] - RANGES[:, 0]) / (RANGES[:, 1] - RANGES[:, 0])).double()
    return torch.cat([found, found[:, :1] * found[:, 1:], found[:, :1] * (1 - found[:, 1:])], dim=1)


def generation(point, target, number, where=SPACE, size=64):
    seeds = tuple(tuple(range(first, first + size)) for first in (2 * number * size, (2 * number + 1) * size))
    influences = np.stack([mmd_influence(sounds(where.nebula(point), s), target).numpy() for s in seeds])
    return Generation(np.tile(point, (2, 1)), np.zeros(2), seeds, influences)


def test_points_hold_each_component_and_the_weights():
    assert (SPACE.dimension, SPACE.bends) == (2 * 6 + 2, 6)
    nebula = SPACE.nebula(TRUTH)
    weights = [weight for weight, _ in nebula.components]
    np.testing.assert_allclose(weights, [1 / (1 + np.exp(-1.2)), 1 / (1 + np.exp(1.2))])
    np.testing.assert_allclose(SPACE.point(nebula), TRUTH, atol=1e-12)
    assert SPACE.from_values(SPACE.values(nebula)) == nebula
    assert set(SPACE.values(nebula)) == set(SPACE.names)
    plain = SPACE.point(Nebula.load("drum"))
    assert plain[-2:].tolist() == [0.5, 0.5]
    np.testing.assert_array_equal(plain[:6], plain[6:12])


def test_a_component_without_weight_is_dropped_and_the_others_keep_theirs():
    three = space(components=3)
    point = np.concatenate([TRUTH[:12], TRUTH[:6], [0.5, 0.05, 0.6]])
    nebula = three.nebula(point)
    assert len(nebula.components) == 2
    assert nebula.components[0][1] == SPACE.nebula(TRUTH).components[0][1]
    assert sum(weight for weight, _ in nebula.components) == pytest.approx(1.0)
    assert three.from_values(three.values(nebula)) == nebula


def test_trials_and_finalists_come_back_though_a_component_was_dropped(tmp_path):
    content = {"version": 1, "name": "any", "objective": "match"}
    search = {"components": 3, "tune": "curves+falls", "phases": [{"sampler": "auto", "trials": 3}]}
    spec = StudySpec.parse({**content, "search": search}, "any")
    wide = Space.of(spec)
    points = np.random.default_rng(0).random((3, wide.dimension))
    points[:, -3:] = [[0.5, 0.05, 0.6], [0.5, 0.5, 0.6], [0.05, 0.5, 0.6]]
    entries = [
        Entry(0, number, wide.nebula(point), 0.5, 0.1, None, wide.kept(point)) for number, point in enumerate(points)
    ]
    assert [entry.numbers for entry in entries] == [(1, 3), (1, 2, 3), (2, 3)]
    best = Finalist("trial 0.0", entries[0].nebula, (0.5, 0.25))
    with open_ledger(tmp_path, spec, wide, "target") as ledger:
        for entry in entries:
            ledger.add(entry)
        ledger.add_finalist(best)
    with open_ledger(tmp_path, spec, wide, "target") as ledger:
        assert ledger.entries == entries
        assert ledger.finalists() == {"trial 0.0": best}


def test_each_component_keeps_what_is_frozen_of_its_own_start(tmp_path):
    # Two starts that differ in a parameter that does not vary, and four components, of which two are dropped.
    drum, default = Nebula.load("drum"), Nebula.load("default")
    start = Nebula.mixture([(1, drum), (1, replace(default, symmetric=drum.symmetric))], "start")
    start.save(tmp_path / "start.json")
    frozen = tuple(p.path.replace("[", "[[]") for p in PARAMETERS if p.path not in KEPT)
    content = {"version": 1, "name": "any", "objective": "match"}
    search = {"start": str(tmp_path / "start.json"), "components": 4, "frozen": frozen}
    spec = StudySpec.parse({**content, "search": {**search, "phases": [{"sampler": "auto", "trials": 2}]}}, "any")
    four = Space.of(spec)
    point = np.concatenate([np.full(4 * four.bends, 0.4), [0.05, 0.5, 0.05, 0.6]])
    nebula = four.nebula(point)
    assert four.kept(point) == (2, 4)
    duration = [part.curve("keyboard", "duration") for _, part in nebula.components]
    assert duration == [default.curve("keyboard", "duration")] * 2 != [drum.curve("keyboard", "duration")] * 2
    assert four.from_values(four.values(nebula, four.kept(point))) == nebula
    whole = four.nebula(np.full(four.dimension, 0.4))
    assert four.from_values(four.values(whole)) == whole


def test_scores_are_those_of_the_mixtures_density():
    # The density by SciPy's beta distribution of x^a, and its differences by each exponent and weight.
    nebula = SPACE.nebula(TRUTH)
    weights = np.array([weight for weight, _ in nebula.components])
    parts = [part for _, part in nebula.components]
    exponents = np.array([[np.array(p.curves)[COLUMNS], np.array(p.falls)[COLUMNS]] for p in parts])
    symmetric = np.array(nebula.symmetric)[COLUMNS]
    seeds = range(12)
    which = chosen(weights.tolist(), sample_choices(VOICE.panel, seeds)).numpy()
    assert set(which) == {0, 1}
    draws = sample(seeds).double().numpy()
    share = np.where(symmetric, np.abs(2 * draws[:, COLUMNS] - 1), draws[:, COLUMNS])
    curve, fall = exponents[which, 0], exponents[which, 1]
    place = (1 - (1 - share) ** (1 / fall)) ** (1 / curve)

    def log_density(p, both):
        each = [
            (stats.beta(1, fall).logpdf(place**curve) + np.log(curve) + (curve - 1) * np.log(place)).sum(axis=1)
            for curve, fall in both
        ]
        return np.log((np.exp(np.stack(each, axis=1)) * p).sum(axis=1))

    found, step = mixture_scores(nebula.components, draws, which, COLUMNS), 1e-5
    for number in range(2):
        shifted = [np.log(weights) + sign * step * np.eye(2)[number] for sign in (1, -1)]
        up, down = (log_density(np.exp(s) / np.exp(s).sum(), exponents) for s in shifted)
        mine = found.responsibilities[:, number]
        np.testing.assert_allclose(mine - weights[number], (up - down) / (2 * step), rtol=1e-4, atol=1e-6)
        for kind, scores in enumerate((found.curve, found.fall)):
            for i in range(3):
                factor = np.ones((2, 2, 3))
                factor[number, kind, i] = np.exp(step)
                slope = (log_density(weights, exponents * factor) - log_density(weights, exponents / factor)) / (
                    2 * step
                )
                np.testing.assert_allclose(mine * scores[number][:, i], slope, rtol=1e-4, atol=1e-6)


def test_a_component_that_is_dropped_has_no_slope():
    three = space(components=3)
    point = np.concatenate([TRUTH[:12], TRUTH[:6], [0.5, 0.05, 0.6]])
    target = Reference(sounds(SPACE.nebula(TRUTH), range(10**6, 10**6 + 200)))
    slope = mixture_slope(three, generation(point, target, 0, three))
    assert (slope[6:12] == 0).all()
    assert slope[-2] == 0
    assert (slope[:6] != 0).all()


def test_components_begin_apart_and_their_weights_wait_for_the_curves():
    sampler, history = make_sampler("auto", SPACE, 0, []), []
    drawn = np.random.default_rng(0).standard_normal((45, 2, 8))
    for number, influences in enumerate(drawn):
        points, first = sampler.propose(history), 16 * number
        seeds = (tuple(range(first, first + 8)), tuple(range(first + 8, first + 16)))
        history.append(Generation(points, np.zeros(2), seeds, influences))
    assert (history[0].points[0, :6] != history[0].points[0, 6:12]).all()
    moved = [bool((generation.points[0, -2:] != 0.5).any()) for generation in history]
    assert moved == [number > 40 for number in range(45)]
    again = make_sampler("auto", SPACE, 0, [])
    np.testing.assert_array_equal(again.propose(history[:44]), history[44].points)


@pytest.mark.slow
def test_a_hidden_mixture_is_found_again():
    truth = SPACE.nebula(TRUTH)
    target = Reference(sounds(truth, range(10**6, 10**6 + 4000)))
    fresh = range(3 * 10**6, 3 * 10**6 + 4000)
    noise = target.mmd(sounds(truth, fresh)).item()
    reached = {}
    for where in (SPACE, space(components=1)):
        sampler, history = make_sampler("auto", where, 0, []), []
        for number in range(320 if where.components > 1 else 60):
            history.append(generation(sampler.propose(history)[0], target, number, where))
        reached[where.components] = target.mmd(sounds(where.nebula(sampler.centre(history)), fresh)).item()
    # To within the noise, where one component is far off.
    assert reached[2] < 2 * noise + 1e-3
    assert reached[1] > 5 * noise


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"components": 1, "start": "kit"}, "search.components: got 1, expected at least 2, which the start has"),
        (
            {"tune": "curves+correlation"},
            "search.tune: got 'curves+correlation', several components have curves and falls alone",
        ),
    ],
)
def test_what_mixtures_do_not_have_is_refused(settings, message):
    kit = Nebula.mixture([(1, Nebula.load("drum")), (1, Nebula.load("default"))], "kit")
    started = settings.pop("start", None) is not None
    content = {"version": 1, "name": "any", "objective": "match"}
    search = {"components": 2, "phases": [{"sampler": "auto", "trials": 1}], **settings}
    with pytest.raises(SpecError, match=f"^spec 'any': {re.escape(message)}$"):
        Space.of(StudySpec.parse({**content, "search": search}, "any"), kit if started else None)
