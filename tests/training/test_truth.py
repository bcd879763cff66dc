import math

import pytest
import torch

from nebula import PARAMETERS
from nebula.distances.doppelganger.answers import PITCHES
from nebula.distances.doppelganger.pictures import LOWEST_PITCH
from nebula.modules import Timeline
from nebula.synths.voice_modules import COLUMNS
from nebula.training.truth import pitch_truth

FRAMES = 40


def held(**levels):
    """A sound of one key that is held at full level throughout; levels of the sources in the mix."""
    physical = torch.zeros(1, len(PARAMETERS), dtype=torch.float64)

    def put(module, **values):
        for name, value in values.items():
            physical[0, COLUMNS[module, name]] = value

    put("keyboard", midi_f0=60, duration=4.0)
    put("adsr_1", attack=0, decay=0, sustain=1, release=0, alpha=1)
    for target in ("vco_1_amp", "vco_2_amp", "noise_amp"):
        put("mod_matrix", **{f"adsr_1->{target}": 1.0})
    put("mixer", **levels)
    return physical


def truth(physical):
    return pitch_truth(physical, Timeline(), FRAMES)


def test_a_held_sine_is_all_on_its_key():
    found = truth(held(vco_1=1.0))
    expected = torch.zeros(1, FRAMES, PITCHES, dtype=torch.float64)
    expected[:, :, 60 - LOWEST_PITCH] = 1
    torch.testing.assert_close(found.share, expected)
    torch.testing.assert_close(found.energy, torch.full((1, FRAMES), 0.5, dtype=torch.float64))


def test_tuning_between_two_semitones_is_shared_by_both():
    physical = held(vco_1=1.0)
    physical[0, COLUMNS["vco_1", "tuning"]] = 7.25
    share = truth(physical).share[0, 0]
    assert share[67 - LOWEST_PITCH].item() == pytest.approx(0.75)
    assert share[68 - LOWEST_PITCH].item() == pytest.approx(0.25)


def test_pitch_modulation_moves_the_pitch_and_ends_with_the_range():
    physical = held(vco_1=1.0)
    physical[0, COLUMNS["mod_matrix", "adsr_1->vco_1_pitch"]] = 1.0
    for depth, pitch in ((12, 72), (-48, LOWEST_PITCH), (96, LOWEST_PITCH + PITCHES - 1)):
        physical[0, COLUMNS["vco_1", "mod_depth"]] = depth
        assert truth(physical).share[0].argmax(1).unique().tolist() == [pitch - LOWEST_PITCH]


def test_noise_and_silence_have_all_pitches_alike():
    even = torch.full((1, FRAMES, PITCHES), 1 / PITCHES, dtype=torch.float64)
    hiss, silence = truth(held(noise=1.0)), truth(held())
    torch.testing.assert_close(hiss.share, even)
    torch.testing.assert_close(silence.share, even)
    assert hiss.energy[0, 0].item() == pytest.approx(1 / 3)
    assert (silence.energy == 0).all()


def test_sources_share_by_their_energy():
    physical = held(vco_1=0.8, vco_2=0.4, noise=0.6)
    physical[0, COLUMNS["vco_2", "tuning"]] = 12
    found = truth(physical)
    sine, square, hiss = 0.64 / 2, 0.16 * 0.7, 0.36 / 3
    total = sine + square + hiss
    assert found.energy[0, 5].item() == pytest.approx(total)
    assert found.share[0, 5, 60 - LOWEST_PITCH].item() == pytest.approx((sine + hiss / PITCHES) / total)
    assert found.share[0, 5, 72 - LOWEST_PITCH].item() == pytest.approx((square + hiss / PITCHES) / total)
    torch.testing.assert_close(found.share.sum(2), torch.ones(1, FRAMES, dtype=torch.float64))


def test_a_key_that_is_let_go_leaves_silence():
    physical = held(vco_1=1.0)
    physical[0, COLUMNS["keyboard", "duration"]] = 1.0
    physical[0, COLUMNS["adsr_1", "release"]] = 0.5
    energy = truth(physical).energy[0]
    torch.testing.assert_close(energy[:9], torch.full((9,), 0.5, dtype=torch.float64), rtol=1e-5, atol=0)
    assert energy[16:].max() < 1e-9
    # A straight line down, squared, between 1 and 1.5 s: read at five moments of each tenth of a second.
    moments = torch.arange(1.01, 1.1, 0.02, dtype=torch.float64)
    assert energy[10].item() == pytest.approx(0.5 * ((1.5 - moments) / 0.5).square().mean().item(), rel=2e-2)
    assert math.isclose(energy[10:15].sum().item(), 0.5 * 5 / 3, rel_tol=2e-2)
