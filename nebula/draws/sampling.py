"""Seeded random draws: a seed is a sound."""

from __future__ import annotations

from nebula.draws.parameters import Panel
from nebula.draws.seeds import Seeds, seed_list
from nebula.tensors import Float, Tensor, torch


def sample(panel: Panel, seeds: Seeds, device: str | torch.device = "cpu") -> Float[Tensor, "batch parameter"]:
    """Returns unit parameters drawn uniformly from [0, 1); row i depends on `seeds[i]` alone.

    Numbers are always drawn on the CPU, since generators of different devices disagree, and given to the parameters in
    the order of their paths.

    Args:
        panel: Whose parameters are drawn.
        seeds: One integer in [0, 2**32) for each sound.
        device: Where the result lies.

    Raises:
        ArgumentError: A seed is not an integer or lies outside that range.
    """
    values = seed_list(seeds)
    generator = torch.Generator(device="cpu")
    drawn = torch.empty((len(values), len(panel)))
    for row, seed in enumerate(values):
        generator.manual_seed(seed)
        drawn[row] = torch.rand(len(panel), generator=generator)
    unit = torch.empty_like(drawn)
    unit[:, panel.draw_order] = drawn
    return unit.to(device)
