"""Which renderer a call gets."""

import pytest
import torch

from nebula import Nebula, Voice, sample
from nebula.synth import fused_cpu, reference
from nebula.synth.choice import fastest


def test_float32_on_the_cpu_is_fused():
    assert fastest(torch.zeros((1, 78))) is fused_cpu.render


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16])
def test_other_precisions_are_the_references(dtype):
    assert fastest(torch.zeros((1, 78), dtype=dtype)) is reference.render


def test_gradients_are_the_references():
    parameters = torch.zeros((1, 78), requires_grad=True)
    assert fastest(parameters) is reference.render
    with torch.no_grad():
        assert fastest(parameters) is fused_cpu.render


def test_a_gradient_asked_of_the_voice_arrives():
    parameters = sample([5]).requires_grad_()
    Voice(sample_rate_hz=4000, duration_seconds=0.5).render(
        parameters, Nebula.load("default")
    ).square().sum().backward()
    assert float(parameters.grad.abs().max()) > 0


def test_a_renderer_that_is_given_is_used():
    def silence(physical, noise_rows, timeline):
        return physical.new_zeros((len(physical), timeline.samples))

    voice = Voice(duration_seconds=0.1, renderer=silence)
    assert torch.equal(voice.play([1, 2], Nebula.load("default")), torch.zeros((2, 4410)))
