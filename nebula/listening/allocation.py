"""Who hears what, when and where: groups, orders and slots, drawn at random and kept in balance.

Randomness comes from the operating system's generator unless one is given, so that nobody can foresee a draw.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from nebula.errors import ArgumentError

Value = TypeVar("Value")


@dataclass(frozen=True)
class Item:
    """What one trial asks about.

    Attributes:
        name: of the sound, the playlist or the excerpt; its own within a group.
        systems: what is presented of it, one in each slot: nebulae, or models with hidden reference and anchors. Names
            differ.

    Raises:
        ArgumentError: there is no system, or one comes twice.
    """

    name: str
    systems: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.systems or len(set(self.systems)) < len(self.systems):
            raise ArgumentError(f"item {self.name!r}: systems are {self.systems}, expected at least one, none twice")


class InOrder(tuple[Any, ...]):
    """Items and blocks that are presented in the order given."""


#: Items, and blocks of them, that stay consecutive, such as a long excerpt and its short version. They come in random
#: order unless they are `InOrder`. Most blocks hold one item. A type that names itself could not be checked by tests.
Block = tuple[Any, ...]


@dataclass(frozen=True)
class Design:
    """What there is to be heard.

    Attributes:
        groups: Each participant hears the items of one group, which is a block.

    Raises:
        ArgumentError: there is no group, an empty group or block, or an item twice in a group.

    Example:
        Eight sounds from each of two nebulae, heard by everyone:

        >>> design = Design(((*((Item(f"sound {n}", ("drum", "default")),) for n in range(8)),),))
        >>> len(design.groups[0])
        8
    """

    groups: tuple[Block, ...]

    def __post_init__(self) -> None:
        if not self.groups:
            raise ArgumentError("groups: got none, expected at least one")
        for number, group in enumerate(self.groups):
            if _has_empty(group):
                raise ArgumentError(f"group {number}: has no item or a block without one")
            names = Counter(item.name for item in _items(group, lambda block: block))
            name, count = names.most_common(1)[0]
            if count > 1:
                raise ArgumentError(f"group {number}: item {name!r} comes {count} times, expected once")


@dataclass(frozen=True)
class Placement:
    """One trial of one participant.

    Attributes:
        item: its name.
        slots: the system in each slot, from the first to the last.
    """

    item: str
    slots: tuple[str, ...]


@dataclass(frozen=True)
class Allocation:
    """What one participant hears.

    Attributes:
        group: number of the group, from 0.
        trials: in the order in which they are presented.
    """

    group: int
    trials: tuple[Placement, ...]


def allocate(design: Design, participants: Sequence[int], generator: random.Random | None = None) -> Allocation:
    """Returns the group, order and slots of a new participant.

    The group is one of the least filled. Blocks come in random order, and what is in them too, unless they are
    `InOrder`. Within each set of systems, rows of random Latin squares say which system is in which slot: over a
    participant's trials each system is as often in each slot as in any other, give or take one; in a single trial every
    arrangement is equally likely.

    Args:
        design: what there is to be heard.
        participants: how many each group has; who vanished need not be counted.
        generator: where randomness comes from; the operating system by default.

    Raises:
        ArgumentError: the counts do not fit the groups.
    """
    if len(participants) != len(design.groups) or any(count < 0 for count in participants):
        raise ArgumentError(
            f"participants: got {list(participants)}, expected {len(design.groups)} counts of 0 or more"
        )
    source = generator or random.SystemRandom()
    least = min(participants)
    group = source.choice([number for number, count in enumerate(participants) if count == least])
    items = list(_items(design.groups[group], lambda block: _arranged(block, source)))
    counts = Counter(item.systems for item in items)
    arrangements = {systems: _arrangements(systems, count, source) for systems, count in counts.items()}
    return Allocation(group, tuple(Placement(item.name, next(arrangements[item.systems])) for item in items))


def _has_empty(block: Block) -> bool:
    return not block or any(_has_empty(inner) for inner in block if isinstance(inner, tuple))


def _items(block: Block, arranged: Callable[[Block], Sequence[Any]]) -> Iterator[Item]:
    """Yields the items of a block and of those in it, each block arranged in some way."""
    for inner in arranged(block):
        if isinstance(inner, Item):
            yield inner
        else:
            yield from _items(inner, arranged)


def _arranged(block: Block, source: random.Random) -> Sequence[Any]:
    return block if isinstance(block, InOrder) else _shuffled(block, source)


def _arrangements(systems: tuple[str, ...], count: int, source: random.Random) -> Iterator[tuple[str, ...]]:
    """Returns that many arrangements, whole Latin squares and a part of one, in random order."""
    rows: list[tuple[str, ...]] = []
    while len(rows) < count:
        rows += _latin_square(systems, source)[: count - len(rows)]
    # Without this the last of a square would follow from those before it.
    return iter(_shuffled(rows, source))


def _latin_square(systems: tuple[str, ...], source: random.Random) -> list[tuple[str, ...]]:
    """Returns rows in which each system stands once in each place."""
    # A cyclic square with its symbols, rows and columns in random order.
    symbols, columns = _shuffled(systems, source), _shuffled(range(len(systems)), source)
    rows = _shuffled(range(len(systems)), source)
    return [tuple(symbols[(row + column) % len(symbols)] for column in columns) for row in rows]


def _shuffled(values: Sequence[Value], source: random.Random) -> list[Value]:
    return source.sample(values, len(values))
