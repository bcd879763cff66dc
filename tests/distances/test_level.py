import math

import pytest
import torch

from nebula.distances import level


def noise(*shape, dtype=torch.float32, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)


# Float32 keeps 24 bits, and the square root of a mean of 10,000 squares a few fewer.
TOLERANCES = {torch.float32: 1e-6, torch.float64: 1e-14}


@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize("target", [0.05, 0.3])
def test_every_sound_gets_the_level(dtype, target):
    audio = noise(3, 10_000, dtype=dtype) * torch.tensor([[1e-4], [1.0], [50.0]], dtype=dtype)
    aligned = level.align(audio, target)
    assert aligned.dtype == dtype
    torch.testing.assert_close(
        aligned.double().square().mean(1).sqrt(),
        torch.full((3,), target, dtype=torch.float64),
        rtol=TOLERANCES[dtype],
        atol=0,
    )


@pytest.mark.parametrize(
    ("dtype", "exponents"), [(torch.float32, range(-37, 38, 5)), (torch.float64, range(-300, 301, 50))]
)
def test_amplitude_is_forgotten_over_the_whole_range_of_the_dtype(dtype, exponents):
    audio = noise(1, 1000, dtype=dtype)
    audio = audio / audio.abs().max()
    for exponent in exponents:
        # Samples below the smallest normal number lose digits, which at 1e-37 leaves a thousandth of the peak exact.
        torch.testing.assert_close(level.align(audio * 10.0**exponent), level.align(audio), rtol=0, atol=1e-6)


def test_a_square_wave_ends_at_the_level_itself():
    square = torch.tensor([[2.0, -2.0, 2.0, -2.0]])
    torch.testing.assert_close(level.align(square), square * 0.025, rtol=1e-6, atol=0)


def test_silence_and_no_samples_stay_what_they_are():
    assert torch.equal(level.align(torch.zeros(2, 5)), torch.zeros(2, 5))
    assert level.align(torch.zeros(2, 0)).shape == (2, 0)


def test_alignment_twice_is_alignment_once():
    aligned = level.align(noise(2, 500, dtype=torch.float64))
    torch.testing.assert_close(level.align(aligned), aligned, rtol=1e-14, atol=0)


def test_input_is_not_modified():
    audio = noise(2, 100)
    before = audio.clone()
    level.align(audio)
    assert torch.equal(audio, before)


def test_gradient_is_right_and_has_no_part_along_the_sound():
    audio = noise(2, 12, dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(level.align, (audio,))
    weights = noise(2, 12, dtype=torch.float64, seed=1)
    (gradient,) = torch.autograd.grad((level.align(audio) * weights).sum(), audio)
    # Euler's theorem: what does not change with scale has no derivative in the direction of scaling.
    torch.testing.assert_close((gradient * audio).sum(1), torch.zeros(2, dtype=torch.float64), rtol=0, atol=1e-14)


def test_gradient_of_silence_is_finite():
    audio = torch.zeros(1, 8, requires_grad=True)
    level.align(audio).sum().backward()
    assert audio.grad.isfinite().all()


def test_the_default_level_is_minus_26_decibels():
    assert 20 * math.log10(level.LEVEL_RMS) == pytest.approx(-26.02, abs=0.01)
