"""Points and the nebulae they stand for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nebula import PARAMETERS, Nebula
from nebula.errors import SpecError
from nebula.tuning.optuna_rows import distributions
from nebula.tuning.space import Space
from nebula.tuning.spec import Phase, Search, StudySpec


def spec_of(synth=None, sampler="random", **settings):
    search = Search(phases=(Phase(sampler=sampler, trials=1),), **settings)
    return StudySpec(version=1, name="any", synth=synth, objective="match", search=search)


def space(**settings):
    return Space.of(spec_of(**settings))


coordinates = st.lists(st.floats(0, 1), min_size=156, max_size=156).map(np.array)


@settings(max_examples=30)
@given(coordinates)
def test_a_nebula_gives_back_its_point(point):
    both = space(tune="curves+symmetry")
    nebula = both.nebula(point)
    back = both.point(nebula)
    np.testing.assert_allclose(back[:78], point[:78], atol=1e-12)
    np.testing.assert_array_equal(back[78:] >= 0.5, point[78:] >= 0.5)
    assert both.from_values(both.values(nebula)) == nebula


@pytest.mark.parametrize(("coordinate", "curve"), [(0.0, 0.1), (0.5, 1.0), (1.0, 10.0)])
def test_curves_are_logarithmic_and_the_ends_are_exact(coordinate, curve):
    nebula = space().nebula(np.full(78, coordinate))
    assert nebula.curves == pytest.approx((curve,) * 78, rel=1e-12)
    known = distributions(space())
    assert all(known[name].low <= value <= known[name].high for name, value in space().values(nebula).items())


def test_a_start_outside_the_range_is_its_nearest_point():
    default = space().point(Nebula.load("default"))
    noise = [p.path for p in PARAMETERS].index("mixer.noise")
    assert default[noise] == 0.0


def test_frozen_parameters_keep_the_start_exactly():
    frozen = space(start="drum", frozen=("keyboard.*", "*.mod_depth", "mixer.noise"))
    nebula = frozen.nebula(np.full(frozen.dimension, 0.7))
    drum = Nebula.load("drum")
    kept = {
        "keyboard.midi_f0",
        "keyboard.duration",
        "mixer.noise",
        "lfo_1.mod_depth",
        "lfo_2.mod_depth",
        "vco_1.mod_depth",
        "vco_2.mod_depth",
    }
    assert frozen.dimension == 78 - len(kept)
    for column, parameter in enumerate(PARAMETERS):
        assert (nebula.curves[column] == drum.curves[column]) == (parameter.path in kept)
    assert nebula.symmetric == drum.symmetric


def test_what_does_not_fit_the_start_of_a_file_is_named(tmp_path):
    # A spec knows only the starts that ship; what a file is, the space finds out.
    path = tmp_path / "mine.json"
    Nebula.load("drum").save(path)
    spec = spec_of(start=str(path), frozen=("vco_3.*",))
    with pytest.raises(SpecError, match=r"^spec 'any': search.frozen: no parameter matches 'vco_3.\*'$"):
        Space.of(spec)
    assert Space.of(spec_of(start=str(path))).start == Nebula.load("drum")


def test_a_point_of_correlated_draws_comes_back_with_its_synth():
    correlated = space(tune="curves+correlation", sampler="auto", frozen=("[a-l]*", "mod_matrix.*"))
    assert correlated.rank == len(correlated.columns)
    point = np.full(correlated.dimension, 0.5)
    assert correlated.nebula(point).correlation is None
    point[-correlated.rank] = 0.75
    nebula = correlated.nebula(point)
    assert nebula.correlation.loadings[correlated.columns[-1]][0] == 0.5
    assert nebula.synth == "voice"
    np.testing.assert_allclose(correlated.point(nebula), point, atol=1e-12)
