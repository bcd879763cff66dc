"""Seeds: each is a sound."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any, Protocol, runtime_checkable

from nebula.errors import ArgumentError

#: Seeds are 32-bit because the Mersenne Twister behind torch's CPU generator keeps no more of a seed than that: two
#: larger seeds could silently be the same sound.
SEED_LIMIT = 2**32


@runtime_checkable
class Listable(Protocol):
    """A tensor or an array."""

    def tolist(self) -> Any:
        """Returns its numbers."""
        ...


Seeds = Sequence[int] | Listable


def seed_list(seeds: Seeds) -> list[int]:
    """Returns the seeds as plain integers.

    Args:
        seeds: Integers in [0, 2**32), in a sequence, a tensor or an array of one axis.

    Raises:
        ArgumentError: A seed is not an integer or lies outside that range.
    """
    values = seeds.tolist() if isinstance(seeds, Listable) else list(seeds)
    for seed in values:
        if isinstance(seed, bool) or not isinstance(seed, Integral) or not 0 <= int(seed) < SEED_LIMIT:
            raise ArgumentError(f"seeds: got {seed!r}, expected integers from 0 to {SEED_LIMIT - 1}")
    return [int(seed) for seed in values]
