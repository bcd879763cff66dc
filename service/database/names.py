"""Names that people give to things, and how things of one name are told apart."""

from collections.abc import Iterator
from itertools import count

#: Longest name, in characters.
LONGEST_NAME = 64


def numbered(name: str) -> Iterator[str]:
    """Yields a name with 2 behind it, with 3 and so on, none longer than `LONGEST_NAME`."""
    for number in count(2):
        behind = f" {number}"
        yield name[: LONGEST_NAME - len(behind)].rstrip() + behind
