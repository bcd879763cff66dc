"""Which renderer a call gets."""

import subprocess
import sys

import pytest
import torch

from nebula import Nebula, Voice, sample
from nebula.errors import ArgumentError
from nebula.modules import Timeline
from nebula.synths.choice import cuda_or_reference
from nebula.synths.voice import VOICE


def test_float32_on_the_cpu_is_fused():
    assert VOICE.renderer(torch.zeros((1, 78))) == VOICE.fused


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16])
def test_other_precisions_are_the_references(dtype):
    assert VOICE.renderer(torch.zeros((1, 78), dtype=dtype)) == VOICE.reference


def test_gradients_are_the_references():
    parameters = torch.zeros((1, 78), requires_grad=True)
    assert VOICE.renderer(parameters) == VOICE.reference
    with torch.no_grad():
        assert VOICE.renderer(parameters) == VOICE.fused


def test_a_gradient_asked_of_the_voice_arrives():
    parameters = sample([5]).requires_grad_()
    Voice(sample_rate_hz=4000, duration_seconds=0.5).render(
        parameters, Nebula.load("default")
    ).square().sum().backward()
    assert float(parameters.grad.abs().max()) > 0


def test_a_renderer_that_is_given_is_used():
    def silence(physical, noise_rows, timeline, dtype):
        return physical.new_zeros((len(physical), timeline.samples))

    voice = Voice(duration_seconds=0.1, renderer=silence)
    assert torch.equal(voice.play([1, 2], Nebula.load("default")), torch.zeros((2, 4410)))


def test_where_triton_cannot_compile_the_reference_renders_after_one_warning():
    # Here Triton really fails: without its interpreter it finds no GPU. In a process of its own, since nothing is
    # tried twice.
    script = """
import warnings
import torch
from nebula import sample
from nebula.modules import Timeline
from nebula.synths.choice import cuda_or_reference
from nebula.synths.voice import VOICE

renderer = cuda_or_reference(VOICE.reference)
sounds = sample(range(3)), torch.arange(3), Timeline(2000, 0.1, 80)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    audio = [renderer(*sounds) for _ in range(3)]
assert all(torch.equal(found, VOICE.reference(*sounds)) for found in audio)
assert renderer(*sounds, torch.float16).dtype == torch.float16
[warning] = [str(one.message) for one in caught if one.category is RuntimeWarning]
print(warning)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("the fused CUDA renderer does not work here (RuntimeError: ")
    assert done.stdout.endswith("); the reference renderer makes the same sounds, many times slower\n")


def test_what_another_renderer_would_not_help_is_raised():
    sounds = sample([0]).double(), torch.zeros(1, dtype=torch.int64), Timeline(2000, 0.1, 80)
    with pytest.raises(ArgumentError, match=r"^physical: got torch.float64, expected torch.float32$"):
        cuda_or_reference(VOICE.reference)(*sounds)
