"""Power laws through curves whose a, b and c are known, and curves that have none."""

import numpy as np
import pytest

from nebula.errors import ArgumentError
from nebula.evaluation.transfer import PowerLaw, fit_power_laws
from nebula.evaluation.transfer.fitting import FEWEST_SIZES, why_no_floor

SIZES = 2.0 ** np.arange(14)


@pytest.mark.parametrize("a", [0.05, 0.4])
@pytest.mark.parametrize("b", [0.1, 0.5, 1.0, 3.0])
@pytest.mark.parametrize("c", [0.0, 0.02, 0.3])
def test_a_law_is_recovered_from_its_own_curve(a, b, c):
    (found,) = fit_power_laws(SIZES, PowerLaw(a, b, c).at(SIZES)[None])
    # The last grid's step is 6 / 32 of a logarithm, narrowed to a sixteenth five times: 2e-7 of b.
    assert found == pytest.approx([a, b, c], rel=1e-5, abs=1e-5)


def test_curves_are_fitted_each_for_itself():
    laws = np.array([[0.4, 0.5, 0.1], [0.2, 1.0, 0.0], [0.3, 0.2, 0.2]])
    curves = np.stack([PowerLaw(*law).at(SIZES) for law in laws])
    assert fit_power_laws(SIZES, curves) == pytest.approx(laws, abs=1e-5)


def test_noisy_curves_scatter_around_the_floor():
    law = PowerLaw(0.4, 0.5, 0.1)
    noisy = law.at(SIZES) * (1 + 0.02 * np.random.default_rng(0).normal(size=(400, len(SIZES))))
    floors = fit_power_laws(SIZES, noisy)[:, 2]
    # Four standard errors of a mean over 400 curves, and a bias of the order of the variance.
    assert floors.mean() == pytest.approx(0.1, abs=4 * floors.std() / 20 + 5e-4)
    assert floors.std() < 0.003


def test_a_law_that_has_flattened_has_a_floor():
    law = PowerLaw(0.4, 0.5, 0.1)
    assert why_no_floor(law, SIZES, law.at(SIZES)) == ""


@pytest.mark.parametrize(
    ("losses", "reason"),
    [
        (np.full(14, 0.5), "does not fall from 1 to 8,192 sounds a class"),
        (np.linspace(0.2, 0.4, 14), "does not fall from 1 to 8,192 sounds a class"),
        (
            PowerLaw(0.4, 0.1, 0.0).at(SIZES),
            "has not flattened at 8,192 sounds a class: 41% of its fall would lie beyond",
        ),
    ],
)
def test_a_floor_that_cannot_be_known_is_refused(losses, reason):
    law = PowerLaw(*fit_power_laws(SIZES, losses[None])[0])
    assert why_no_floor(law, SIZES, losses) == reason


def test_a_curve_of_another_form_is_refused():
    # No law comes near both steps: half of the sizes are off by at least a sixth of the whole.
    losses = np.where(np.arange(14) < 7, 0.5, 0.1)
    law = PowerLaw(0.4, 0.3, 0.1)
    assert why_no_floor(law, SIZES, losses).startswith("strays by ")


def test_too_few_sizes_are_named():
    with pytest.raises(ArgumentError) as caught:
        fit_power_laws(SIZES[:4], np.ones((1, 4)))
    assert str(caught.value) == f"sizes: got 4, expected {FEWEST_SIZES} or more different ones"
