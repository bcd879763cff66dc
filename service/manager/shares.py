"""How the pool is shared out among studies."""

from collections.abc import Mapping

# A study may have this many tasks a slot in the pool: one that is computed and one that waits, so that no worker idles
# while a finished trial is entered.
_DEPTH = 2


def shares(slots: int, caps: Mapping[str, int]) -> dict[str, int]:
    """Returns how many tasks each study may have in the pool at once, at least one.

    Every study gets the same number of slots; what one may not use is shared out among the others. When slots cannot be
    divided evenly the first studies have one more.

    Args:
        slots: How many tasks the pool computes at once.
        caps: Most tasks of each study at once, 0 without a cap, by study, the first in line first.
    """
    granted = dict.fromkeys(caps, 0)
    left = max(slots, len(caps))
    open_to_more = list(caps)
    while left and open_to_more:
        for study in list(open_to_more):
            if caps[study] and granted[study] == caps[study]:
                open_to_more.remove(study)
            elif left:
                granted[study] += 1
                left -= 1
    return {study: min(_DEPTH * count, caps[study] or _DEPTH * count) for study, count in granted.items()}
