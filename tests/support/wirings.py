"""Wirings' fused renderers against their reference in float64, which counts as exact."""

import torch

from nebula.draws import to_physical

#: What `nebula.synths.fused_cpu.render` states for itself.
STATED = 2e-5


def physical(synth, unit):
    """Returns physical values of unit parameters that no curve bends."""
    count = len(synth.panel)
    return to_physical(synth.panel, unit, torch.ones(count), torch.zeros(count, dtype=torch.bool))


def corners(synth, sounds):
    """Returns physical values of sounds whose parameters are at an end or in the middle of their ranges."""
    generator = torch.Generator().manual_seed(5)
    return physical(synth, torch.randint(0, 3, (sounds, len(synth.panel)), generator=generator) / 2)


def check_exact(synth, settings, timeline):
    """Returns fused audio, after checking that its error is as stated."""
    rows = torch.arange(len(settings)) % 32
    exact = synth.reference(settings.double(), rows, timeline)
    fused = synth.fused(settings, rows, timeline)
    assert float((fused.double() - exact).square().mean(dim=1).sqrt().max()) < STATED
    return fused


def check_same_bits(synth, timeline):
    """Checks that a sound is the same bits alone and in a batch."""
    settings, rows = physical(synth, synth.sample(range(9))), torch.arange(9)
    alone = [synth.fused(settings[n : n + 1], rows[n : n + 1], timeline) for n in range(9)]
    assert torch.equal(synth.fused(settings, rows, timeline), torch.cat(alone))


def unmoved(synth, sounds, timeline):
    """Returns paths of the parameters that change nothing of the sounds, after checking that gradients are finite."""
    settings = physical(synth, synth.sample(range(sounds))).double().requires_grad_()
    audio = synth.reference(settings, torch.arange(sounds), timeline)
    weights = torch.randn(audio.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    (audio * weights).sum().backward()
    assert bool(torch.isfinite(settings.grad).all())
    moved = (settings.grad != 0).any(dim=0)
    return [parameter.path for parameter, one in zip(synth.parameters, moved, strict=True) if not one]
