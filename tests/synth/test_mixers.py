"""Mixing and the way to audio rate."""

import torch
from nebula.synth.mixers import mix, modulate, to_audio_rate


def test_modulation_is_a_matrix_product_of_sources_onto_targets():
    sources = torch.eye(4, dtype=torch.float64).unsqueeze(0)
    matrix = torch.arange(20, dtype=torch.float64).reshape(1, 4, 5)
    torch.testing.assert_close(modulate(matrix, sources), matrix.transpose(1, 2))


def test_a_line_stays_a_line_and_ends_coincide():
    control = torch.linspace(-2, 5, 1764, dtype=torch.float64).reshape(1, 1, -1)
    expected = torch.linspace(-2, 5, 176400, dtype=torch.float64).reshape(1, 1, -1)
    # Where an audio sample falls on a control sample, torch's weights are off by some 1e-7 even in float64.
    torch.testing.assert_close(to_audio_rate(control, 176400), expected, rtol=0, atol=1e-6)


def test_only_a_mix_that_clips_is_scaled():
    loud = torch.tensor([[[0.5, -4.0, 1.0]]], dtype=torch.float64)
    quiet = torch.tensor([[[0.5, -1.0, 0.25]]], dtype=torch.float64)
    level = torch.ones((1, 1), dtype=torch.float64)
    torch.testing.assert_close(mix(level, loud), loud[:, 0] / 4)
    assert torch.equal(mix(level, quiet), quiet[:, 0])
    assert torch.equal(
        mix(level, torch.zeros((1, 1, 5), dtype=torch.float64)), torch.zeros((1, 5), dtype=torch.float64)
    )
