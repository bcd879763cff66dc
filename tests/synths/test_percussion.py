"""The percussion voice, and its modules' compiled loops against the reference in float64, which counts as exact."""

import pytest
import torch

from nebula import Nebula, synths
from nebula.draws import to_physical
from nebula.modules import Click, Keyboard, Modes
from nebula.modules.modes import RATIOS
from nebula.synths import Timeline, Wiring

SYNTH = synths.get("percussion")
SHORT = Timeline(44100, 0.1, 441)

# What `nebula.synths.fused_cpu.render` states for itself.
STATED = 2e-5


def physical(synth, unit):
    count = len(synth.panel)
    return to_physical(synth.panel, unit, torch.ones(count), torch.zeros(count, dtype=torch.bool))


def check(synth, settings, timeline=SHORT):
    rows = torch.arange(len(settings)) % 32
    exact = synth.reference(settings.double(), rows, timeline)
    fused = synth.fused(settings, rows, timeline)
    assert float((fused.double() - exact).square().mean(dim=1).sqrt().max()) < STATED
    return fused


@pytest.mark.parametrize("body", RATIOS)
def test_every_body_is_as_exact_as_stated(body):
    settings = physical(SYNTH, SYNTH.sample(range(8)))
    settings[:, SYNTH.panel.columns["modes", "body"]] = list(RATIOS).index(body)
    assert bool((check(SYNTH, settings).abs().amax(dim=1) > 0).all())


def test_corners_are_as_exact_as_stated():
    corners = torch.randint(0, 3, (16, len(SYNTH.panel)), generator=torch.Generator().manual_seed(5)) / 2
    check(SYNTH, physical(SYNTH, corners))


@pytest.mark.parametrize("timeline", [Timeline(8000, 0.25, 8000), Timeline(96000, 0.1, 1000)], ids=str)
def test_any_rate_is_as_exact_as_stated(timeline):
    check(SYNTH, physical(SYNTH, SYNTH.sample(range(8))), timeline)


def test_modes_and_clicks_may_be_the_sound():
    for module in (Modes("modes"), Click("click")):
        synth = Wiring("alone", "", (Keyboard(held=False), module))
        check(synth, physical(synth, synth.sample(range(8))))


def test_a_sound_is_the_same_bits_in_any_batch():
    settings, rows = physical(SYNTH, SYNTH.sample(range(9))), torch.arange(9)
    alone = [SYNTH.fused(settings[n : n + 1], rows[n : n + 1], SHORT) for n in range(9)]
    assert torch.equal(SYNTH.fused(settings, rows, SHORT), torch.cat(alone))


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
    timeline = Timeline(8000, 0.2, 441)
    settings = physical(SYNTH, SYNTH.sample(range(12))).double().requires_grad_()
    audio = SYNTH.reference(settings, torch.arange(12), timeline)
    weights = torch.randn(audio.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    (audio * weights).sum().backward()
    assert bool(torch.isfinite(settings.grad).all())
    moved = (settings.grad != 0).any(dim=0)
    still = [parameter.path for parameter, one in zip(SYNTH.parameters, moved, strict=True) if not one]
    assert still == ["modes.body", "rattle.type", "hiss.type", "tone.type"]
