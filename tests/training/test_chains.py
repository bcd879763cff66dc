import pytest
import torch

from nebula import PARAMETERS, Nebula, draws
from nebula.synths.voice import VOICE
from nebula.synths.voice_modules import COLUMNS
from nebula.training.chains import LINKS, draw_chains
from nebula.training.families import FAMILIES, draw_family

KEY = COLUMNS["keyboard", "midi_f0"]


def physical(unit, nebula):
    return draws.to_physical(VOICE.panel, unit, torch.tensor(nebula.curves), torch.tensor(nebula.symmetric))


def chains(name="default", count=400, seed=0):
    generator = torch.Generator().manual_seed(seed)
    nebula = draw_family(FAMILIES.index(name), generator)
    return nebula, draw_chains(count, nebula, generator)


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_draws_parameters_that_the_voice_takes(name):
    nebula, drawn = chains(name)
    assert drawn.unit_parameters.shape == (400, LINKS, len(PARAMETERS))
    assert ((drawn.unit_parameters >= 0) & (drawn.unit_parameters <= 1)).all()
    assert all(curve > 0 for curve in nebula.curves)


def test_shipped_families_are_the_shipped_nebulae_and_the_random_one_differs_each_time():
    generator = torch.Generator().manual_seed(0)
    for name in ("default", "drum", "uniform"):
        assert draw_family(FAMILIES.index(name), generator) == Nebula.load(name)
    first, second = (draw_family(FAMILIES.index("random"), generator) for _ in range(2))
    assert first != second
    assert all(0.1 <= curve <= 10 for curve in first.curves)


def test_steady_families_hold_their_pitch():
    for name in ("tonal", "bright", "plucked"):
        nebula, drawn = chains(name)
        values = physical(drawn.unit_parameters[:, 0], nebula)
        for column in (COLUMNS["vco_1", "mod_depth"], COLUMNS["vco_2", "tuning"]):
            half = PARAMETERS[column].maximum
            # |2u - 1| ** 20 is below a hundredth for all but a fifth of uniform draws.
            assert (values[:, column].abs() < 0.01 * half).float().mean().item() == pytest.approx(0.794, abs=0.07)


def test_transpositions_move_the_key_in_a_line_and_nothing_else_by_more_than_the_jitter():
    nebula, drawn = chains("default")
    moved = drawn.unit_parameters[drawn.transposed]
    keys = physical(moved, nebula)[..., KEY]
    assert keys.min() >= 16 - 1e-3
    assert keys.max() <= 108 + 1e-3
    first, second = keys[:, 1] - keys[:, 0], keys[:, 2] - keys[:, 0]
    share = first / second
    assert (second.abs() <= 24 + 1e-3).all()
    assert ((share >= 0.25 - 1e-2) & (share <= 0.75 + 1e-2))[second.abs() > 0.1].all()
    others = torch.arange(len(PARAMETERS)) != KEY
    # Six standard deviations of the difference of two jitters.
    assert (moved[:, 1:] - moved[:, :1])[..., others].abs().max() < 6 * 0.01 * 2**0.5


def test_the_far_link_of_a_doppelganger_is_the_farther_one():
    _, drawn = chains("default")
    others = drawn.unit_parameters[~drawn.transposed]
    near = (others[:, 1] - others[:, 0]).norm(dim=1)
    far = (others[:, 2] - others[:, 0]).norm(dim=1)
    assert (near < far).float().mean() > 0.99


def test_a_seed_decides_the_chains():
    first, again, other = chains(seed=3)[1], chains(seed=3)[1], chains(seed=4)[1]
    assert torch.equal(first.unit_parameters, again.unit_parameters)
    assert torch.equal(first.transposed, again.transposed)
    assert not torch.equal(first.unit_parameters, other.unit_parameters)
