"""Seeded random draws: a seed is a sound, and of a mixture a component too."""

from __future__ import annotations

from collections.abc import Sequence

from nebula.draws.parameters import Panel
from nebula.draws.seeds import Seeds, seed_list
from nebula.tensors import Float, Float64, Int, Tensor, torch


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
    drawn = _drawn(seeds, len(panel))
    unit = torch.empty_like(drawn)
    unit[:, panel.draw_order] = drawn
    return unit.to(device)


def sample_choices(panel: Panel, seeds: Seeds, device: str | torch.device = "cpu") -> Float64[Tensor, " batch"]:
    """Returns numbers in [0, 1) by which a mixture chooses components; row i depends on `seeds[i]` alone.

    It is the next number of a seed's draw, behind those that `sample` gives to the parameters: these are the same
    whether there is a choice or not.

    Args:
        panel: Whose parameters are drawn.
        seeds: One integer in [0, 2**32) for each sound.
        device: Where the result lies.

    Raises:
        ArgumentError: A seed is not an integer or lies outside that range.
    """
    return _drawn(seeds, len(panel) + 1)[:, -1].double().to(device)


def chosen(weights: Sequence[float], choices: Float64[Tensor, " batch"]) -> Int[Tensor, " batch"]:
    """Returns which component each choice falls on.

    Args:
        weights: Of the components, positive, adding up to 1.
        choices: In [0, 1].
    """
    borders = torch.tensor(weights[:-1], dtype=torch.float64, device=choices.device).cumsum(0)
    return torch.searchsorted(borders, choices, right=True)


def _drawn(seeds: Seeds, count: int) -> Float[Tensor, "batch number"]:
    """The first numbers of each seed's own draw."""
    values = seed_list(seeds)
    generator = torch.Generator(device="cpu")
    drawn = torch.empty((len(values), count))
    for row, seed in enumerate(values):
        generator.manual_seed(seed)
        drawn[row] = torch.rand(count, generator=generator)
    return drawn
