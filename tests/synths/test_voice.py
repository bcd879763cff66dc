"""The Voice as a whole."""

import psutil
import pytest
import torch

from nebula import PARAMETERS, Nebula, Voice, sample
from nebula.errors import ArgumentError
from nebula.modules import Timeline
from nebula.synths.voice_modules import COLUMNS

DEFAULT = Nebula.load("default")
NEUTRAL = Nebula((1.0,) * 78, (True,) * 78, "neutral")


def unit(**values):
    """Unit parameters: 0.5 but for those named `module__parameter`."""
    row = torch.full((1, 78), 0.5, dtype=torch.float64)
    for name, value in values.items():
        row[0, COLUMNS[tuple(name.split("__"))]] = value
    return row


def test_a_sound_depends_on_its_seed_alone():
    voice = Voice(duration_seconds=0.5)
    seeds = [3, 40, 1000, 77, 5]
    together = voice.play(seeds, DEFAULT)
    for seed, sound in zip(seeds, together, strict=True):
        assert torch.equal(voice.play([seed], DEFAULT)[0], sound)


def test_blocks_do_not_show():
    voice = Voice(duration_seconds=0.1)
    many = voice.play(range(70), DEFAULT)
    assert torch.equal(torch.cat([voice.play(range(35), DEFAULT), voice.play(range(35, 70), DEFAULT)]), many)
    assert voice.play([], DEFAULT).shape == (0, 4410)


def test_a_plain_sine_is_a_sine():
    # Envelope without attack, decay or release: everything is on from the first to the last sample.
    row = unit(
        keyboard__midi_f0=69 / 127,
        adsr_1__attack=0.0,
        adsr_1__decay=0.0,
        adsr_1__release=0.0,
        vco_1__mod_depth=0.5,
        mixer__vco_1=0.8,
        mixer__vco_2=0.0,
        mixer__noise=0.0,
    )
    for name, column in COLUMNS.items():
        if name[0] == "mod_matrix":
            row[0, column] = 0.0
    row[0, COLUMNS["mod_matrix", "adsr_1->vco_1_amp"]] = 1.0
    audio = Voice(sample_rate_hz=8000, duration_seconds=1.0).render(row, NEUTRAL)[0]
    time = torch.arange(1, 8001, dtype=torch.float64) / 8000
    torch.testing.assert_close(audio, 0.8 * torch.cos(2 * torch.pi * 440 * time), rtol=0, atol=1e-5)


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("symmetric", [False, True])
@pytest.mark.parametrize("curve", [0.1, 1.0, 10.0])
def test_extreme_parameters_give_finite_sound_within_1(value, symmetric, curve):
    extreme = Nebula((curve,) * 78, (symmetric,) * 78)
    audio = Voice(duration_seconds=0.2).render(torch.full((2, 78), value), extreme)
    assert bool(torch.isfinite(audio).all())
    assert float(audio.abs().max()) <= 1


@pytest.mark.parametrize(("rate", "duration"), [(8000, 1.0), (22050, 4.0), (48000, 0.37), (96000, 0.1)])
def test_any_rate_and_length(rate, duration):
    audio = Voice(sample_rate_hz=rate, duration_seconds=duration).play([0, 1], DEFAULT)
    assert audio.shape == (2, round(rate * duration))
    assert float(audio.abs().max()) > 0


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_a_voice_of_another_precision_gives_the_rounded_sounds(dtype):
    seeds = range(260)
    single = Voice(sample_rate_hz=2000, duration_seconds=0.1).play(seeds, DEFAULT)
    assert torch.equal(
        Voice(sample_rate_hz=2000, duration_seconds=0.1, dtype=dtype).play(seeds, DEFAULT), single.to(dtype)
    )
    parameters = sample([3]).requires_grad_()
    audio = Voice(sample_rate_hz=2000, duration_seconds=0.1, dtype=dtype).render(parameters, DEFAULT)
    assert audio.dtype == dtype
    audio.float().square().sum().backward()
    assert float(parameters.grad.abs().max()) > 0


def test_gradients_flow_to_every_parameter_that_can_be_heard():
    voice = Voice(sample_rate_hz=4000, duration_seconds=0.5)
    parameters = sample(range(16)).double().requires_grad_()
    weights = torch.randn((16, 2000), dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    (voice.render(parameters, DEFAULT) * weights).sum().backward()
    assert bool(torch.isfinite(parameters.grad).all())
    still = [p.path for p, moved in zip(PARAMETERS, (parameters.grad != 0).any(dim=0), strict=True) if not moved]
    assert still == []


def test_gradient_is_the_slope():
    voice = Voice(sample_rate_hz=2000, duration_seconds=0.25)
    parameters = sample([11]).double()
    names = [
        "keyboard.midi_f0",
        "adsr_1.sustain",
        "vco_1.tuning",
        "vco_2.shape",
        "mixer.vco_1",
        "mod_matrix.adsr_1->vco_1_amp",
    ]
    columns = [column for column, parameter in enumerate(PARAMETERS) if parameter.path in names]

    def sound(chosen):
        full = parameters.clone()
        full[0, columns] = chosen
        return voice.render(full, DEFAULT)

    assert torch.autograd.gradcheck(sound, parameters[0, columns].requires_grad_(), eps=1e-7, atol=1e-3, rtol=1e-3)


def test_a_batch_whose_audio_exceeds_the_memory_is_refused_at_once():
    sounds = psutil.virtual_memory().total // (4 * 176_400) + 1
    parameters = torch.zeros((1, 78)).expand(sounds, 78)
    message = rf"^unit_parameters: got {sounds} sounds, whose audio takes [\d.]+ GB; cpu has [\d.]+ GB: render fewer "
    with pytest.raises(ArgumentError, match=message):
        Voice().render(parameters, DEFAULT)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_one_and_very_many_sounds_are_rendered_alike(dtype):
    voice = Voice(sample_rate_hz=1000, duration_seconds=0.01, control_rate_hz=200, dtype=dtype)
    few = sample(range(64))
    many = voice.render(few.repeat(1024, 1), DEFAULT)
    assert torch.equal(many, voice.render(few, DEFAULT).repeat(1024, 1))
    assert torch.equal(many[65_535:], voice.render(few[63:], DEFAULT, torch.tensor([31])))


def test_wrong_arguments_are_named():
    voice = Voice(duration_seconds=0.1)
    with pytest.raises(ArgumentError, match=r"^unit_parameters: got shape \(2, 77\), expected \(batch, 78\)$"):
        voice.render(torch.zeros((2, 77)), DEFAULT)
    with pytest.raises(ArgumentError, match=r"^unit_parameters: got 1.5, expected values from 0 to 1$"):
        voice.render(torch.full((1, 78), 1.5), DEFAULT)
    with pytest.raises(ArgumentError, match=r"^unit_parameters: got nan, expected values from 0 to 1$"):
        voice.render(torch.full((1, 78), float("nan")), DEFAULT)
    with pytest.raises(ArgumentError, match=r"^noise_rows: expected one integer from 0 to 31 for each sound$"):
        voice.render(torch.zeros((1, 78)), DEFAULT, torch.tensor([32]))
    with pytest.raises(ArgumentError, match=r"^sample_rate_hz: got 0, expected a positive number$"):
        Voice(sample_rate_hz=0)
    with pytest.raises(ArgumentError, match=r"^duration_seconds: got 0.001, expected at least 0.004535$"):
        Timeline(duration_seconds=0.001)
    with pytest.raises(ArgumentError, match=r"^control_rate_hz: got 441, expected at most sample_rate_hz \(100\)$"):
        Timeline(sample_rate_hz=100)
    with pytest.raises(ArgumentError, match=r"^dtype: got torch.int16, expected one of torch.float64, torch.float32, "):
        Voice(dtype=torch.int16)
    with pytest.raises(ArgumentError, match=r"^device: got 'flute', expected one that works here, such as 'cpu'"):
        Voice("flute")
