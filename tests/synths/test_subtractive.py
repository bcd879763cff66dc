"""The subtractive voice, and its modules' compiled loops against the reference in float64, which counts as exact."""

import pytest
from wirings import check_exact, check_same_bits, corners, physical, unmoved

from nebula import Nebula, synths
from nebula.modules import Adsr, Amplifier, Drive, Filter, Keyboard, Mixer, Noise
from nebula.modules.filter import TYPES
from nebula.synths import Timeline, Wiring

SYNTH = synths.get("subtractive")
SHORT = Timeline(44100, 0.2, 441)


@pytest.mark.parametrize("kind", TYPES)
def test_every_type_of_the_filter_is_as_exact_as_stated(kind):
    settings = physical(SYNTH, SYNTH.sample(range(16)))
    settings[:, SYNTH.panel.columns["filter", "type"]] = TYPES.index(kind)
    assert bool((check_exact(SYNTH, settings, SHORT).abs().amax(dim=1) > 0).all())


def test_corners_are_as_exact_as_stated():
    check_exact(SYNTH, corners(SYNTH, 32), SHORT)


@pytest.mark.parametrize("timeline", [Timeline(8000, 0.25, 8000), Timeline(96000, 0.1, 1000)], ids=str)
def test_any_rate_is_as_exact_as_stated(timeline):
    check_exact(SYNTH, physical(SYNTH, SYNTH.sample(range(8))), timeline)


def test_filters_drives_and_amplifiers_may_go_into_a_mixer():
    branches = (
        Filter("low", source="noise", cutoff="adsr"),
        Filter("high", source="noise", cutoff="adsr"),
        Drive("driven", source="low"),
        Amplifier("louder", source="high", level="adsr"),
    )
    mixer = Mixer("mixer", ("driven", "louder", "low", "high", "noise"))
    synth = Wiring("branches", "", (Keyboard(), Adsr("adsr"), Noise("noise"), *branches, mixer))
    check_exact(synth, physical(synth, synth.sample(range(16))), SHORT)


def test_a_sound_is_the_same_bits_in_any_batch():
    check_same_bits(SYNTH, SHORT)


def test_every_sound_ends_once_its_key_is_up():
    unit = SYNTH.sample(range(12))
    for column, parameter in enumerate(SYNTH.parameters):
        if parameter.name in ("release", "duration"):
            unit[:, column] = 0.01
    audio = SYNTH.player(duration_seconds=0.3).render(unit, Nebula.uniform(SYNTH.name))
    # A duration of 0.05 s and a release of 0.05 s, and one control sample of each rounding.
    ended = int((0.0499 + 0.05 + 2 / 441) * 44100)
    assert bool((audio[:, ended:] == 0).all())
    assert bool((audio[:, :ended] != 0).any(dim=1).all())


def test_gradients_flow_to_every_knob_that_can_be_heard():
    assert unmoved(SYNTH, 16, Timeline(4000, 0.5, 441)) == ["filter.type"]
