"""The percussion voice, and its modules' compiled loops against the reference in float64, which counts as exact."""

import pytest
from wirings import check_exact, check_same_bits, corners, physical, unmoved

from nebula import Nebula, synths
from nebula.modules import Click, Keyboard, Modes
from nebula.modules.modes import RATIOS
from nebula.synths import Timeline, Wiring

SYNTH = synths.get("percussion")
SHORT = Timeline(44100, 0.1, 441)


@pytest.mark.parametrize("body", RATIOS)
def test_every_body_is_as_exact_as_stated(body):
    settings = physical(SYNTH, SYNTH.sample(range(8)))
    settings[:, SYNTH.panel.columns["modes", "body"]] = list(RATIOS).index(body)
    assert bool((check_exact(SYNTH, settings, SHORT).abs().amax(dim=1) > 0).all())


def test_corners_are_as_exact_as_stated():
    check_exact(SYNTH, corners(SYNTH, 16), SHORT)


@pytest.mark.parametrize("timeline", [Timeline(8000, 0.25, 8000), Timeline(96000, 0.1, 1000)], ids=str)
def test_any_rate_is_as_exact_as_stated(timeline):
    check_exact(SYNTH, physical(SYNTH, SYNTH.sample(range(8))), timeline)


def test_modes_and_clicks_may_be_the_sound():
    for module in (Modes("modes"), Click("click")):
        synth = Wiring("alone", "", (Keyboard(held=False), module))
        check_exact(synth, physical(synth, synth.sample(range(8))), SHORT)


def test_a_sound_is_the_same_bits_in_any_batch():
    check_same_bits(SYNTH, SHORT)


def test_nothing_is_held():
    unit = SYNTH.sample(range(12))
    for column, parameter in enumerate(SYNTH.parameters):
        if parameter.name in ("attack", "fast", "slow", "decay"):
            unit[:, column] = 0.0
    audio = SYNTH.player(duration_seconds=0.3).render(unit, Nebula.uniform(SYNTH.name))
    # Decays of 10 ms at most fall by 140 dB in 24 ms; the filters ring on for some periods of their cutoffs.
    assert bool((audio[:, :441].abs().amax(dim=1) > 1e-4).all())
    assert float(audio[:, -441:].abs().max()) < 1e-4


def test_gradients_flow_to_every_knob_that_can_be_heard():
    assert unmoved(SYNTH, 12, Timeline(8000, 0.2, 441)) == ["modes.body", "rattle.type", "hiss.type", "tone.type"]
