"""Seeded random draws: a seed is a sound, and of a mixture a component too."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nebula.draws.parameters import Panel
from nebula.draws.seeds import Seeds, seed_list
from nebula.errors import ArgumentError
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


def sample_pairs(
    panel: Panel, seeds: Seeds, delta: float, device: str | torch.device = "cpu"
) -> Float[Tensor, "batch 2 parameter"]:
    """Returns unit parameters of doppelgängers: two for each seed, both near what `sample` draws for it.

    theta_i = max(0, min(theta + delta z_i, 1)) with z_1 and z_2 of a standard normal distribution: both move, each on
    its own. The z are the next numbers of a seed's draw, behind the choice of a component. Switches move as knobs do.

    Args:
        panel: Whose parameters are drawn.
        seeds: One integer in [0, 2**32) for each pair.
        delta: How far they move, as a share of the range, 0 or more. At 0 both are the draw itself.
        device: Where the result lies.

    Raises:
        ArgumentError: A seed is not an integer or lies outside that range, or delta is negative or not finite.

    Source:
        Cherep and Singh, "Contrastive learning from synthetic audio doppelgängers", 2024, section 3.1.
    """
    if not 0 <= delta < math.inf:
        raise ArgumentError(f"delta: got {delta:g}, expected a finite number of at least 0")
    values = seed_list(seeds)
    drawn = torch.empty((len(values), 3, len(panel)))
    generator = torch.Generator(device="cpu")
    for row, seed in enumerate(values):
        generator.manual_seed(seed)
        drawn[row, 0] = torch.rand(len(panel) + 1, generator=generator)[:-1]
        drawn[row, 1:] = torch.randn((2, len(panel)), generator=generator)
    unit = torch.empty((len(values), 2, len(panel)))
    unit[:, :, panel.draw_order] = (drawn[:, :1] + delta * drawn[:, 1:]).clamp(0, 1)
    return unit.to(device)


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
