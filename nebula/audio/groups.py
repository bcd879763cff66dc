"""Groups guessed from names: takes, round robins and velocities of one thing, where no manifest tells."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

#: Longer series of names that differ in a plain number alone are taken for a numbered collection, not for takes.
MOST_TAKES = 16

#: With fewer names that differ otherwise a number is all that tells sounds apart, as for a folder of ten kicks.
FEWEST_SERIES = 10

_BREAK = r"(?:^|(?<=[\s_\-.(\[]))"
# What names a take, in the words of sample libraries: rr2, take 3, vl1, vel64, v3, layer2, (4), #5; and how hard it is.
_MARK = re.compile(
    _BREAK
    + r"(?:(?:rr|robin|round[\s_\-]?robin|take|tk|vl|vel|velo|velocity|layer|lyr|dyn|v|alt|var|hit)[\s_\-]?\d{1,3}"
    + r"|#\d{1,3}|\(\d{1,3}\)|ppp|pp|p|mp|mf|f|ff|fff|soft|softer|medium|med|hard|harder|loud)(?=$|[\s_\-.)\]])",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<=\D)[\s_\-.]*\d{1,3}$")
_EDGES = " _-.()[]"


def guessed_groups(names: Iterable[str]) -> dict[str, str]:
    """Returns a group for each name that seems to be one of several takes of one thing; others are left out.

    Names in one folder that are the same without marks of take, round robin and velocity are of one group. So are those
    that then differ in a number at their end alone, if there are at most `MOST_TAKES` of them, since more are more
    likely a collection of many things, and at least `FEWEST_SERIES` names differ otherwise.

    Args:
        names: paths with forward slashes.

    Example:
        >>> guessed_groups(["kick_vl1_rr1.wav", "kick_vl1_rr2.wav", "hat.wav"])
        {'kick_vl1_rr1.wav': 'kick', 'kick_vl1_rr2.wav': 'kick'}
    """
    marked: dict[str, list[str]] = {}
    for name in names:
        marked.setdefault(_without(_MARK, name), []).append(name)
    numbered: dict[str, list[str]] = {}
    for stem in marked:
        numbered.setdefault(_without(_NUMBER, stem), []).append(stem)
    groups: dict[str, str] = {}
    for series, stems in numbered.items():
        are_takes = len(stems) <= MOST_TAKES and len(numbered) >= FEWEST_SERIES
        together = (
            {series: [name for stem in stems for name in marked[stem]]} if are_takes else {s: marked[s] for s in stems}
        )
        for group, members in together.items():
            if len(members) > 1:
                groups.update(dict.fromkeys(members, group))
    return groups


def _without(pattern: re.Pattern[str], name: str) -> str:
    """Returns a name in lower case without its ending and what the pattern finds; unchanged where nothing is left."""
    path = PurePosixPath(name)
    stem = path.stem if "." in path.name else path.name
    rest = re.sub(r"[\s_\-.()\[\]]+", " ", pattern.sub("", stem)).strip(_EDGES)
    return (path.parent / (rest.lower() or stem.lower())).as_posix()
