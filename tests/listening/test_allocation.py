"""Allocation: balance that holds always, and uniformity by chi-square at fixed seeds."""

import random
from collections import Counter

import pytest
from scipy import stats

from nebula.errors import ArgumentError
from nebula.listening.allocation import Design, InOrder, Item, allocate

NEBULAE = ("drum", "default")
MODELS = ("reference", "anchor", "first", "second", "third")

#: Seed 004's arrangement: 12 excerpts, each long and short, in two groups.
EXCERPTS = [(Item(f"{n} long", MODELS), Item(f"{n} short", MODELS)) for n in range(12)]
MUSHRA_24 = Design((tuple(EXCERPTS[:6]), tuple(EXCERPTS[6:])))

AB_64 = Design((tuple((Item(f"sound {n}", NEBULAE),) for n in range(64)),))


def simulate(design, participants, seed):
    """Returns the allocations of participants who arrive one after the other and all stay."""
    generator = random.Random(seed)
    counts = [0] * len(design.groups)
    allocations = []
    for _ in range(participants):
        allocations.append(allocate(design, counts, generator))
        counts[allocations[-1].group] += 1
    return allocations


def uniform(counts, cells):
    """Returns the p-value of the chi-square test against equal counts."""
    assert len(counts) <= cells
    return stats.chisquare([*counts.values(), *[0] * (cells - len(counts))]).pvalue


def test_a_participant_hears_each_item_of_one_group_once():
    for allocation in simulate(MUSHRA_24, 40, seed=0):
        names = {item.name for block in MUSHRA_24.groups[allocation.group] for item in block}
        assert Counter(trial.item for trial in allocation.trials) == dict.fromkeys(names, 1)
        assert all(sorted(trial.slots) == sorted(MODELS) for trial in allocation.trials)


def test_groups_are_balanced_within_one_at_any_time():
    counts = Counter()
    for allocation in simulate(MUSHRA_24, 101, seed=1):
        counts[allocation.group] += 1
        assert abs(counts[0] - counts[1]) <= 1


def test_a_long_excerpt_and_its_short_version_stay_consecutive():
    for allocation in simulate(MUSHRA_24, 40, seed=2):
        numbers = [trial.item.split()[0] for trial in allocation.trials]
        assert numbers[::2] == numbers[1::2]
        assert len(set(numbers)) == 6


@pytest.mark.parametrize(("design", "slots"), [(AB_64, 2), (MUSHRA_24, 5)])
def test_over_a_participants_trials_each_system_is_in_each_slot_as_often_give_or_take_one(design, slots):
    for allocation in simulate(design, 20, seed=3):
        for slot in range(slots):
            counts = Counter(trial.slots[slot] for trial in allocation.trials)
            assert len(counts) == slots
            assert max(counts.values()) - min(counts.values()) <= 1


def test_each_trial_alone_shows_every_arrangement_equally_often():
    # Within a participant arrangements are balanced and so not independent; the first and the last trial of each
    # participant are, across participants. Each p-value falls below 0.001 by chance once in a thousand seeds.
    allocations = simulate(MUSHRA_24, 2400, seed=4)
    for place in (0, -1):
        assert uniform(Counter(allocation.trials[place].slots for allocation in allocations), 120) > 0.001
        assert uniform(Counter(allocation.trials[place].item for allocation in allocations), 24) > 0.001
    first_slots = Counter((a.trials[0].slots[slot], slot) for a in allocations for slot in range(5))
    assert uniform(first_slots, 25) > 0.001


def test_what_came_before_says_nothing_about_what_comes_next():
    # With halves AB and half BA, in random order, a trial repeats its neighbour with probability (32 - 1) / (64 - 1).
    allocations = simulate(AB_64, 400, seed=7)
    repeats = sum(
        allocation.trials[place].slots == allocation.trials[place + 1].slots
        for allocation in allocations
        for place in (0, 31, 62)
    )
    assert stats.binomtest(repeats, 3 * 400, 31 / 63).pvalue > 0.001


def test_a_leaky_allocation_fails_the_same_tests():
    generator = random.Random(0)
    fixed = Counter(MODELS for _ in range(6000))
    assert uniform(fixed, 120) < 1e-6
    leaning = Counter(generator.choices(["AB", "BA"], [0.45, 0.55], k=6000))
    assert uniform(leaning, 2) < 1e-6


def test_systems_that_not_all_items_share_are_balanced_among_their_own():
    pairs = [("a", "b"), ("b", "c"), ("a", "c")]
    design = Design((tuple((Item(f"{number}", pairs[number % 3]),) for number in range(30)),))
    for allocation in simulate(design, 10, seed=10):
        for pair in pairs:
            firsts = Counter(trial.slots[0] for trial in allocation.trials if sorted(trial.slots) == sorted(pair))
            assert firsts == {pair[0]: 5, pair[1]: 5}


def test_a_generator_decides_and_without_one_nobody_does():
    assert simulate(AB_64, 3, seed=11) == simulate(AB_64, 3, seed=11)
    assert len({allocate(AB_64, [0]) for _ in range(10)}) == 10


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Design(()), "groups: got none, expected at least one"),
        (lambda: Design((((),),)), "group 0: has no item or a block without one"),
        (
            lambda: Design((((Item("x", NEBULAE),), (Item("x", NEBULAE),)),)),
            "group 0: item 'x' comes 2 times, expected once",
        ),
        (
            lambda: Item("x", ("drum", "drum")),
            "item 'x': systems are ('drum', 'drum'), expected at least one, none twice",
        ),
        (lambda: allocate(AB_64, [1, 2]), "participants: got [1, 2], expected 1 counts of 0 or more"),
    ],
)
def test_what_is_wrong_is_said(call, message):
    with pytest.raises(ArgumentError) as raised:
        call()
    assert str(raised.value) == message


def test_what_is_in_order_stays_so_at_any_depth():
    a, b, c, d, e = (Item(name, NEBULAE) for name in "abcde")
    design = Design((InOrder((a, (b, InOrder((c, d))), e)),))
    seen = {"".join(trial.item for trial in allocate(design, [0], random.Random(seed)).trials) for seed in range(40)}
    assert seen == {"abcde", "acdbe"}
