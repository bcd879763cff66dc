"""The fused CPU renderer against the reference in float64, which counts as exact."""

import subprocess
import sys

import pytest
import torch

from nebula import draws, sample
from nebula.errors import ArgumentError
from nebula.modules import Timeline
from nebula.synths.voice import PARAMETERS, VOICE
from nebula.synths.voice_modules import COLUMNS, TARGETS

ONE_SECOND = Timeline(duration_seconds=1.0)
HALF_SECOND = Timeline(duration_seconds=0.5)

# Below this neither renderer's error means anything: 1e-6 is 120 dB below full scale, some ten float32 roundings.
ROUNDING = 1e-6

# The bound that the renderer states for itself.
STATED = 2e-5


@pytest.fixture(autouse=True)
def threads():
    # One, because the reference's many small operations wait for each other on a busy machine.
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield torch.set_num_threads
    torch.set_num_threads(before)


def physical(unit, curve=1.0, symmetric=True):
    return draws.to_physical(VOICE.panel, unit, torch.full((78,), curve), torch.full((78,), symmetric))


def rows(parameters):
    return torch.arange(len(parameters)) % 32


def error(audio, exact):
    return (audio.double() - exact).square().mean(dim=1).sqrt()


def check(parameters, timeline):
    """The error is as stated, and at most that of torchsynth's arithmetic, for which the float32 reference stands.

    benchmarks/render.py measures torchsynth itself.
    """
    exact = VOICE.reference(parameters.double(), rows(parameters), timeline)
    ours = error(VOICE.fused(parameters, rows(parameters), timeline), exact)
    theirs = error(VOICE.reference(parameters, rows(parameters), timeline), exact)
    assert float(ours.max()) < STATED
    assert bool((ours <= theirs.clamp(min=ROUNDING)).all())


def test_every_pitch_is_at_least_as_exact_as_torchsynth():
    unit = sample(range(128))
    unit[:, COLUMNS["keyboard", "midi_f0"]] = torch.arange(128) / 127
    check(physical(unit), Timeline())


@pytest.mark.parametrize("symmetric", [False, True])
@pytest.mark.parametrize("curve", [0.1, 1.0, 10.0])
def test_extreme_parameters_are_at_least_as_exact_as_torchsynth(curve, symmetric):
    generator = torch.Generator().manual_seed(5)
    corners = torch.randint(0, 3, (24, 78), generator=generator) / 2
    uniform = [torch.full((1, 78), value) for value in (0.0, 0.5, 1.0)]
    check(physical(torch.cat([corners, *uniform]), curve, symmetric), HALF_SECOND)


def test_lfos_in_step_with_the_control_rate_are_at_least_as_exact_as_torchsynth():
    # 20 Hz at a control rate of 80 Hz: samples lie exactly where a square flips and where a saw wraps.
    corners = torch.randint(0, 3, (60, 78), generator=torch.Generator().manual_seed(5)) / 2
    check(physical(corners, symmetric=False), Timeline(8000, 0.5, 80))


@pytest.mark.parametrize("depth", [-96.0, 96.0])
@pytest.mark.parametrize("pitch", [0.0, 64.0, 127.0])
def test_pitch_that_crosses_its_limits_is_at_least_as_exact_as_torchsynth(pitch, depth):
    parameters = physical(sample(range(8)))
    parameters[:, COLUMNS["keyboard", "midi_f0"]] = pitch
    for source in ("adsr_1", "lfo_1", "lfo_2"):
        for oscillator in ("vco_1", "vco_2"):
            parameters[:, COLUMNS["mod_matrix", f"{source}->{oscillator}_pitch"]] = 1.0
            parameters[:, COLUMNS[oscillator, "mod_depth"]] = depth
    modulation = VOICE.control_signals(parameters, ONE_SECOND, TARGETS[:1])[:, 0]
    reached = parameters[:, [0]] + parameters[:, [COLUMNS["vco_1", "tuning"]]] + depth * modulation
    limit = 127.0 if depth > 0 else 0.0
    crossings = ((reached[:, 1:] > limit) != (reached[:, :-1] > limit)).sum()
    assert int(crossings) > 1
    check(parameters, ONE_SECOND)


@pytest.mark.parametrize("shape", ["sin", "tri", "saw", "rsaw", "sqr"])
def test_each_lfo_shape_is_at_least_as_exact_as_torchsynth(shape):
    parameters = physical(sample(range(8)))
    for lfo in ("lfo_1", "lfo_2"):
        for other in ("sin", "tri", "saw", "rsaw", "sqr"):
            parameters[:, COLUMNS[lfo, other]] = 1.0 if other == shape else 0.0
        parameters[:, COLUMNS["mod_matrix", f"{lfo}->vco_1_pitch"]] = 1.0
        parameters[:, COLUMNS["mod_matrix", f"{lfo}->vco_2_amp"]] = 1.0
    check(parameters, ONE_SECOND)


@pytest.mark.parametrize(
    "timeline",
    [
        Timeline(8000, 1.0, 10),
        Timeline(8000, 0.25, 8000),
        Timeline(22050, 4.0),
        Timeline(96000, 0.1, 1000),
        Timeline(48000, 0.37, 441.5),
        Timeline(100, 0.02, 100),
    ],
    ids=str,
)
def test_any_rates_and_length(timeline):
    check(physical(sample(range(12))), timeline)


def test_a_sound_is_the_same_bits_in_any_batch_and_on_any_number_of_threads(threads):
    parameters = physical(sample(range(37)))
    threads(1)
    alone = torch.cat(
        [
            VOICE.fused(one, row, HALF_SECOND)
            for one, row in zip(parameters.split(1), rows(parameters).split(1), strict=True)
        ]
    )
    for number in (1, 2, 5):
        threads(number)
        assert torch.equal(VOICE.fused(parameters, rows(parameters), HALF_SECOND), alone)


def test_no_sounds_and_very_many():
    timeline = Timeline(1000, 0.01, 200)
    assert VOICE.fused(torch.zeros((0, 78)), torch.zeros(0, dtype=torch.int64), timeline).shape == (0, 10)
    few = physical(sample(range(64)))
    many = VOICE.fused(few.repeat(1024, 1), torch.arange(65_536) % 32, timeline)
    assert torch.equal(many, VOICE.fused(few, rows(few), timeline).repeat(1024, 1))


def test_what_lies_behind_the_last_release_is_silence():
    parameters = physical(sample(range(8)))
    for column, parameter in enumerate(PARAMETERS):
        if parameter.name == "release" or parameter.path == "keyboard.duration":
            parameters[:, column] = 0.1
    audio = VOICE.fused(parameters, rows(parameters), HALF_SECOND)
    heard = (0.1 + 0.1) * 44100 + 2 * 100
    assert bool((audio[:, int(heard) :] == 0).all())
    assert bool((audio[:, : int(heard)] != 0).any(dim=1).all())


def test_loud_sounds_end_at_their_peak_and_quiet_ones_are_left():
    parameters = physical(sample(range(32)))
    mixer = [COLUMNS["mixer", source] for source in ("vco_1", "vco_2", "noise")]
    quiet, loud = parameters.clone(), parameters.clone()
    # The three sources are at most 4, 6 and 4: no more modulation sources than four, each at most 1.
    quiet[:, mixer] *= 1 / 14
    loud[:, mixer] *= 1000
    quiet_peaks = VOICE.fused(quiet, rows(quiet), HALF_SECOND).abs().amax(dim=1)
    loud_audio = VOICE.fused(loud, rows(loud), HALF_SECOND)
    assert float(loud_audio.abs().max()) <= 1.0
    torch.testing.assert_close(loud_audio.abs().amax(dim=1), torch.ones(32), rtol=0, atol=3e-7)
    exact = VOICE.reference(quiet.double(), rows(quiet), HALF_SECOND).abs().amax(dim=1)
    torch.testing.assert_close(quiet_peaks.double(), exact, rtol=0, atol=1e-6)


def test_it_works_in_a_forked_process_and_in_several_threads_at_once():
    script = """
import os, threading
import torch
from nebula import sample
from nebula.modules import Timeline
from nebula.synths.voice import VOICE

def render():
    return VOICE.fused(sample(range(8)) * 0.9, torch.zeros(8, dtype=torch.int64), Timeline(duration_seconds=0.5))

torch.set_num_threads(2)
before = render()
same = []
threads = [threading.Thread(target=lambda: same.append(torch.equal(render(), before))) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
assert same == [True] * 4
child = os.fork()
if child == 0:
    os._exit(0 if torch.equal(render(), before) else 1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
"""
    subprocess.run([sys.executable, "-W", "ignore::DeprecationWarning", "-c", script], check=True, timeout=120)


def test_what_it_cannot_render_is_refused():
    with pytest.raises(ArgumentError, match=r"^physical: got torch.float64 on cpu, expected torch.float32 on cpu$"):
        VOICE.fused(torch.zeros((1, 78), dtype=torch.float64), torch.zeros(1, dtype=torch.int64), HALF_SECOND)
    needs_gradient = torch.zeros((1, 78), requires_grad=True)
    with pytest.raises(ArgumentError, match=r"^physical: needs a gradient, which only "):
        VOICE.fused(needs_gradient, torch.zeros(1, dtype=torch.int64), HALF_SECOND)
