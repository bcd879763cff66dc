import pytest
import torch

from nebula.distances.openl3 import winograd


def values(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def plane_of(pictures):
    """A plane holding (batch, height, width, channel) values."""
    memory = winograd.Memory()
    # Whatever was in the memory before must not count.
    memory.shaped("input", 2 * pictures.numel() + 10_000).fill_(torch.nan)
    plane = winograd.Plane.within(memory, "input", *pictures.shape)
    plane.inside.copy_(pictures)
    return plane


def convolved(pictures, kernels, bias, **choices):
    filters = winograd.transform_filters(kernels)
    return winograd.convolve(plane_of(pictures), filters, bias, winograd.Memory(), "output", **choices)


# Heights and widths with every remainder after tiles of 4, ends of the allowed range, and the network's own widths.
SHAPES = [(2, 2), (2, 3), (3, 2), (4, 4), (5, 7), (6, 10), (7, 5), (8, 13), (33, 49), (257, 6), (6, 199)]


@pytest.mark.parametrize(("height", "width"), SHAPES)
@pytest.mark.parametrize("rectify", [False, True])
@pytest.mark.parametrize("halve", [False, True])
def test_it_is_the_convolution(height, width, rectify, halve):
    pictures, kernels, bias = values(3, height, width, 5), values(6, 5, 3, 3, seed=1), values(6, seed=2)
    channels_first = pictures.permute(0, 3, 1, 2).double()
    expected = torch.nn.functional.conv2d(channels_first, kernels.double(), bias.double(), padding=1)
    if halve:
        expected = torch.nn.functional.max_pool2d(expected, 2)
    expected = (expected.relu() if rectify else expected).permute(0, 2, 3, 1)
    found = convolved(pictures, kernels, bias, rectify=rectify, halve=halve).inside
    # The transforms multiply by up to 8 and cancel: a digit less than single precision's seven.
    torch.testing.assert_close(found.double(), expected, rtol=0, atol=1e-5 * float(expected.abs().max() + 1))


def test_a_unit_filter_leaves_a_plane_what_it_was():
    pictures = values(2, 9, 11, 3)
    kernels = torch.zeros(3, 3, 3, 3)
    kernels[range(3), range(3), 1, 1] = 1
    found = convolved(pictures, kernels, torch.zeros(3), rectify=False)
    torch.testing.assert_close(found.inside, pictures, rtol=0, atol=1e-5)


def test_results_have_a_frame_of_zeros_and_zeros_beyond():
    for height, width in SHAPES[3:]:
        found = convolved(values(2, height, width, 2), values(4, 2, 3, 3), torch.ones(4))
        inside = found.inside.clone()
        assert torch.equal(plane_of(inside).values, found.values)


@pytest.mark.parametrize("tiles", [1, 5, 1000])
def test_the_size_of_a_step_changes_nothing(monkeypatch, tiles):
    pictures, kernels, bias = values(5, 13, 9, 4), values(4, 4, 3, 3, seed=1), values(4, seed=2)
    usual = convolved(pictures, kernels, bias, halve=True).inside.clone()
    monkeypatch.setattr(winograd, "TILES_PER_STEP", tiles)
    # Summation order within a matrix product may differ.
    torch.testing.assert_close(convolved(pictures, kernels, bias, halve=True).inside, usual, rtol=0, atol=1e-4)


def test_memory_is_used_again_without_leaving_traces():
    memory = winograd.Memory()
    kernels, bias = values(4, 4, 3, 3, seed=1), values(4, seed=2)
    filters = winograd.transform_filters(kernels)
    for seed, shape in enumerate([(4, 17, 23, 4), (1, 5, 6, 4), (2, 20, 21, 4)]):
        pictures = values(*shape, seed=seed)
        found = winograd.convolve(plane_of(pictures), filters, bias, memory, "output", halve=True)
        assert torch.equal(found.values, convolved(pictures, kernels, bias, halve=True).values)
