"""From a spec to what there is to be asked, and to what one participant is asked."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from nebula.listening import Design, Item, Method, Placement, allocate
from service.listening.spec import REFERENCE, ListedItem, ListeningSpec


@dataclass(frozen=True)
class Question:
    """What is asked, of whomever it is asked.

    Attributes:
        key: Its own within the test; says nothing.
        item: Of the report: answers about one item share what is peculiar to its sounds.
        systems: One in each slot, in no order that means anything.
        group: Of participants who are asked.
        block: Stays consecutive with others of the same block.
        practice: Whether it does not count.
        listed: Names of sounds of the test's corpus, by system.
    """

    key: str
    item: str
    systems: tuple[str, ...]
    group: int = 0
    block: str | None = None
    practice: bool = False
    listed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def questions(spec: ListeningSpec) -> tuple[Question, ...]:
    """Returns everything that a test asks.

    Without listed items, each question has sounds of its own: a comparison of more than two systems takes the pairs in
    turn, and single ratings the systems.
    """
    asked = _listed(spec) if spec.items else _drawn(spec)
    return tuple(
        Question(str(number), item.name, systems, item.group, item.block, item.practice, item.sounds)
        for number, (item, systems) in enumerate(asked)
    )


def _listed(spec: ListeningSpec) -> list[tuple[ListedItem, tuple[str, ...]]]:
    return [(item, systems) for item in spec.items for systems in slots(spec)]


def _drawn(spec: ListeningSpec) -> list[tuple[ListedItem, tuple[str, ...]]]:
    side_by_side = slots(spec)
    # Rating 64 sounds of each of two systems is 128 questions; comparing them 64 times is 64.
    counts = (spec.practice, spec.sounds * len(side_by_side) if spec.method is Method.RATING else spec.sounds)
    return [
        (ListedItem(name=str(number), practice=practice), side_by_side[number % len(side_by_side)])
        for practice, count in zip((True, False), counts, strict=True)
        for number in range(count)
    ]


def slots(spec: ListeningSpec) -> list[tuple[str, ...]]:
    """Returns what can stand side by side.

    Args:
        spec: Of a test.
    """
    names = tuple(system.name for system in spec.systems)
    if spec.method is Method.PREFERENCE:
        return list(combinations(names, 2))
    if spec.method is Method.RATING:
        return [(name,) for name in names]
    return [(*names, REFERENCE, *spec.anchors) if spec.method is Method.MUSHRA else names]


def arrange(
    asked: Sequence[Question], participants: Sequence[int], generator: random.Random | None = None
) -> tuple[int, list[Placement]]:
    """Returns group and questions of a new participant, practice first; `Placement.item` is the key of a question.

    Args:
        asked: All questions of the test.
        participants: How many each group has.
        generator: Where randomness comes from; the operating system by default.
    """
    practice = [question for question in asked if question.practice]
    first: tuple[Placement, ...] = ()
    if practice:
        blocks = tuple((Item(question.key, question.systems),) for question in practice)
        first = allocate(Design((blocks,)), [0], generator).trials
    allocation = allocate(design(asked), participants, generator)
    return allocation.group, [*first, *allocation.trials]


def design(asked: Sequence[Question]) -> Design:
    """Returns the groups and blocks of the questions that count."""
    groups: dict[int, dict[str, list[Item]]] = {}
    for question in asked:
        if not question.practice:
            # A block's name begins otherwise than a key, so that none is taken for the other.
            block = question.key if question.block is None else f"block {question.block}"
            groups.setdefault(question.group, {}).setdefault(block, []).append(Item(question.key, question.systems))
    return Design(tuple(tuple(map(tuple, groups[number].values())) for number in sorted(groups)))
