"""From a spec to what there is to be asked, and to what one participant is asked."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import Any

from nebula.listening import Design, InOrder, Item, Method, Placement, allocate
from service.listening.items import ItemOrder, ListedItem
from service.listening.spec import ListeningSpec


@dataclass(frozen=True)
class Question:
    """What is asked, of whomever it is asked.

    Attributes:
        key: Its own within the test; says nothing.
        method: Of the test.
        item: Of the report: answers about one item share what is peculiar to its sounds.
        systems: One in each slot, in no order that means anything.
        group: Of participants who are asked.
        path: The blocks that hold it, from that of the whole group on: of each its name, and whether the order of what
            is in it is drawn at random.
        practice: Whether it does not count.
        check: Whether it is an attention check: its right answer is known, and it does not count either.
        listed: Names of sounds of the test's corpus, by system.
        text: What is to be read beside the question.
    """

    key: str
    method: Method
    item: str
    systems: tuple[str, ...]
    group: int = 0
    path: tuple[tuple[str, bool], ...] = (("", True),)
    practice: bool = False
    check: bool = False
    listed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    text: str = ""


def questions(spec: ListeningSpec) -> tuple[Question, ...]:
    """Returns everything that a test asks.

    Without listed items, each question has sounds of its own: a comparison of more than two systems takes the pairs in
    turn, and single ratings the systems.
    """
    asked = _listed(spec) if spec.items else _drawn(spec)
    asked += _checks(spec)
    paths = {} if spec.order is None else dict(_paths(spec.order, "", ()))
    return tuple(
        Question(
            str(number),
            spec.method,
            item.name,
            systems,
            item.group,
            paths.get(item.name) or _path(item),
            item.practice,
            item.check,
            item.sounds,
            item.text,
        )
        for number, (item, systems) in enumerate(asked)
    )


def _path(item: ListedItem) -> tuple[tuple[str, bool], ...]:
    # Where there is no order, the questions about one item need not be consecutive.
    return (("", True),) if item.block is None else (("", True), (f"block {item.block}", True))


def _paths(
    order: ItemOrder, name: str, outer: tuple[tuple[str, bool], ...]
) -> Iterator[tuple[str, tuple[tuple[str, bool], ...]]]:
    """Yields the path of each item of an order; the questions about one item are a block of their own."""
    path = (*outer, (name, order.shuffled))
    for number, part in enumerate(order.parts):
        if isinstance(part, str):
            yield part, (*path, (f"{number:04}", True))
        else:
            yield from _paths(part, f"{number:04}", path)


def _listed(spec: ListeningSpec) -> list[tuple[ListedItem, tuple[str, ...]]]:
    return [(item, systems) for item in spec.items for systems in spec.slots(item)]


def _drawn(spec: ListeningSpec) -> list[tuple[ListedItem, tuple[str, ...]]]:
    side_by_side = spec.slots()
    # Rating 64 sounds of each of two systems is 128 questions; comparing them 64 times is 64.
    counts = (spec.practice, spec.sounds * len(side_by_side) if spec.method is Method.RATING else spec.sounds)
    return [
        (ListedItem(name=str(number), practice=practice), side_by_side[number % len(side_by_side)])
        for practice, count in zip((True, False), counts, strict=True)
        for number in range(count)
    ]


def _checks(spec: ListeningSpec) -> list[tuple[ListedItem, tuple[str, ...]]]:
    """Returns pairs of one sound and itself: drawn ones, or sounds of listed items, which take turns in each group."""
    listed = [item for item in spec.items if not item.practice]
    groups = [[item for item in listed if item.group == group] for group in sorted({item.group for item in listed})]
    found: list[tuple[ListedItem, tuple[str, ...]]] = []
    for items in groups or [[ListedItem(name=f"check {number}") for number in range(spec.checks)]]:
        for number in range(spec.checks):
            item = items[number * len(items) // spec.checks]
            names = sorted({name for systems in spec.slots(item) for name in systems})
            found.append((item.model_copy(update={"check": True}), (names[number % len(names)],)))
    return found


def letters(method: Method, count: int) -> tuple[str, ...]:
    """Returns what participants call the slots of a trial.

    Args:
        method: Of the test.
        count: Of the slots; 3 in ABX.
    """
    return ("A", "B", "X") if method is Method.ABX else tuple(ascii_uppercase[:count])


def arrange(
    asked: Sequence[Question], participants: Sequence[int], generator: random.Random | None = None
) -> tuple[int, list[Placement]]:
    """Returns group and questions of a new participant, practice first; `Placement.item` is the key of a question.

    Slots of ABX are A, B and X, which is one of the two. Those of same or different are what is played: one of the two
    systems twice, or both. Either is drawn for each trial by itself.

    Args:
        asked: All questions of the test.
        participants: How many each group has.
        generator: Where randomness comes from; the operating system by default.
    """
    source = generator or random.SystemRandom()
    known = {question.key: question for question in asked}
    practice = [question for question in asked if question.practice]
    first: tuple[Placement, ...] = ()
    if practice:
        blocks = tuple((Item(question.key, question.systems),) for question in practice)
        first = allocate(Design((blocks,)), [0], source).trials
    allocation = allocate(design(asked), participants, source)
    return allocation.group, [
        Placement(placement.item, _played(known[placement.item], placement.slots, source))
        for placement in (*first, *allocation.trials)
    ]


def _played(question: Question, slots: tuple[str, ...], source: random.Random) -> tuple[str, ...]:
    """Returns what plays in each slot, if these systems are compared."""
    if question.check and len(slots) == 1:
        return slots * 2
    method = question.method
    if method is Method.ABX:
        return (*slots, source.choice(slots))
    if method is Method.SAME_DIFFERENT and source.random() < 0.5:
        return (source.choice(slots),) * 2
    return slots


def design(asked: Sequence[Question]) -> Design:
    """Returns the groups and blocks of the questions that count."""
    groups: dict[int, list[Question]] = {}
    for question in asked:
        if not question.practice:
            groups.setdefault(question.group, []).append(question)
    return Design(tuple(_block(groups[number], 0) for number in sorted(groups)))


def _block(asked: Sequence[Question], depth: int) -> tuple[Any, ...]:
    """Returns questions as a block of those that share their path to a depth."""
    inside: dict[str, list[Question]] = {}
    for question in asked:
        # What lies in no block of its own has a key that is none's name.
        name = question.path[depth + 1][0] if len(question.path) > depth + 1 else f"question {question.key}"
        inside.setdefault(name, []).append(question)
    parts: list[Any] = []
    for name in sorted(inside) if not asked[0].path[depth][1] else inside:
        part = inside[name]
        alone = len(part[0].path) == depth + 1
        parts.append(Item(part[0].key, part[0].systems) if alone else _block(part, depth + 1))
    return tuple(parts) if asked[0].path[depth][1] else InOrder(parts)
