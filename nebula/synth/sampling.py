"""Seeded random draws: a seed is a sound."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from nebula.errors import ArgumentError
from nebula.synth.parameters import PARAMETERS

#: Seeds are 32-bit because the Mersenne Twister behind torch's CPU generator keeps no more of a seed than that: two
#: larger seeds could silently be the same sound.
SEED_LIMIT = 2**32

# torchsynth assigns the drawn numbers to parameters sorted by their full attribute name; this is that order, as
# columns of PARAMETERS.
_DRAW_ORDER = sorted(
    range(len(PARAMETERS)), key=lambda i: f"{PARAMETERS[i].module}.torchparameters.{PARAMETERS[i].name}"
)

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


def sample(seeds: Seeds, device: str | torch.device = "cpu") -> Float[Tensor, "batch parameter"]:
    """Returns unit parameters drawn uniformly from [0, 1); row i depends on `seeds[i]` alone.

    Seed s gives the parameters of sound s of synth1B1, on every device and in every batch: numbers are always drawn on
    the CPU, since generators of different devices disagree.

    Args:
        seeds: One integer in [0, 2**32) for each sound.
        device: Where the result lies.

    Raises:
        ArgumentError: A seed is not an integer or lies outside that range.

    Example:
        >>> import nebula
        >>> nebula.sample([7, 8]).shape
        torch.Size([2, 78])
        >>> bool((nebula.sample([7, 8])[1] == nebula.sample([8])[0]).all())
        True
    """
    values = seed_list(seeds)
    generator = torch.Generator(device="cpu")
    drawn = torch.empty((len(values), len(PARAMETERS)))
    for row, seed in enumerate(values):
        generator.manual_seed(seed)
        drawn[row] = torch.rand(len(PARAMETERS), generator=generator)
    unit = torch.empty_like(drawn)
    unit[:, _DRAW_ORDER] = drawn
    return unit.to(device)
