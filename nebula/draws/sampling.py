"""Seeded random draws: a seed is a sound."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from nebula.draws.parameters import Panel
from nebula.errors import ArgumentError

#: Seeds are 32-bit because the Mersenne Twister behind torch's CPU generator keeps no more of a seed than that: two
#: larger seeds could silently be the same sound.
SEED_LIMIT = 2**32

Seeds = Sequence[int] | np.ndarray | Int[Tensor, " batch"]


def seed_list(seeds: Seeds) -> list[int]:
    """Returns the seeds as plain integers.

    Args:
        seeds: Integers in [0, 2**32).

    Raises:
        ArgumentError: A seed is not an integer or lies outside that range.
    """
    values = seeds.tolist() if isinstance(seeds, (Tensor, np.ndarray)) else list(seeds)
    for seed in values:
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed < SEED_LIMIT:
            raise ArgumentError(f"seeds: got {seed!r}, expected integers from 0 to {SEED_LIMIT - 1}")
    return [int(seed) for seed in values]


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
