"""How the pool is shared out: laws that hold for every number of slots, studies and caps."""

from hypothesis import given
from hypothesis import strategies as st

from service.manager.shares import shares

CAPS = st.lists(st.integers(0, 12), max_size=8).map(lambda caps: {f"study {n}": cap for n, cap in enumerate(caps)})


@given(st.integers(0, 40), CAPS)
def test_nobody_starves_and_no_cap_is_passed(slots, caps):
    granted = shares(slots, caps)
    assert set(granted) == set(caps)
    assert all(1 <= granted[study] <= (cap or granted[study]) for study, cap in caps.items())


@given(st.integers(1, 40), CAPS)
def test_studies_without_a_cap_get_the_same_within_one_slot(slots, caps):
    free = [share for study, share in shares(slots, caps).items() if not caps[study]]
    # Two tasks a slot: one that is computed, one that waits.
    assert not free or max(free) - min(free) <= 2


def test_what_a_capped_study_may_not_use_goes_to_the_others():
    assert shares(8, {"a": 0, "b": 0}) == {"a": 8, "b": 8}
    assert shares(8, {"a": 2, "b": 0}) == {"a": 2, "b": 12}
    assert shares(3, {"a": 0, "b": 0}) == {"a": 4, "b": 2}
    assert shares(8, {"a": 1}) == {"a": 1}
    assert shares(0, {"a": 0, "b": 0}) == {"a": 2, "b": 2}
