"""Distances by name: our own, variants of them, and those that other packages bring."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import entry_points
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from nebula.errors import ArgumentError, DistanceError

if TYPE_CHECKING:
    from nebula.distances.base import Distance

#: The entry-point group in which other packages register distances: the name users choose, and what makes the distance
#: when called without arguments, or with the text behind a colon in the name if there is one.
ENTRY_POINTS = "nebula.distances"


def _found(place: str) -> Any:
    """Returns what is at MODULE:NAME, which is loaded now."""
    module, name = place.split(":")
    return attrgetter(name)(import_module(module))


def _at(place: str) -> Callable[..., Distance]:
    """Returns what makes a distance, MODULE:NAME, which is loaded when it is called."""

    def make(*arguments: str) -> Distance:
        made: Distance = _found(place)(*arguments)
        return made

    return make


_OWN = {
    "log-mel": "nebula.distances.log_mel:LogMel",
    "multi-scale-spectrogram": "nebula.distances.multi_scale_spectrogram:MultiScaleSpectrogram",
    "openl3": "nebula.distances.openl3:OpenL3",
    "doppelganger": "nebula.distances.doppelganger:Doppelganger",
}

#: What makes the distance of each name with its default settings.
REGISTRY: dict[str, Callable[[], Distance]] = {name: _at(place) for name, place in _OWN.items()}

#: What makes a distance of a name that goes on behind a colon, by what is in front of it.
FAMILIES: dict[str, Callable[[str], Distance]] = {
    "openl3": _at("nebula.distances.openl3:OpenL3.named"),
    "resnet": _at("nebula.distances.resnet:ResNet.named"),
    "hear": _at("nebula.distances.hear:Hear.named"),
    "hear-timestamps": _at("nebula.distances.hear:Hear.named"),
}


def names() -> tuple[str, ...]:
    """The names that `get` knows without a colon, in alphabetical order: our own and those of installed packages."""
    return tuple(sorted({*REGISTRY, *(entry.name for entry in entry_points(group=ENTRY_POINTS))}))


def quick_names() -> tuple[str, ...]:
    """The names of our own distances that somebody can wait for, in the order of `REGISTRY`: see `Distance`."""
    return tuple(name for name, place in _OWN.items() if _found(place).is_quick)


def get(name: str) -> Distance:
    """The distance of that name, with its default settings.

    Args:
        name: One of `names()`, a variant such as `openl3:env-mel128-6144`, or `hear:MODULE[:WEIGHTS][?NAME=VALUE&...]`.

    Raises:
        ArgumentError: If there is no such distance.
        WeightsError: If it needs weights that are not there.
        DistanceError: If it comes from another package and cannot be used.
    """
    if name in REGISTRY:
        return REGISTRY[name]()
    family, colon, rest = name.partition(":")
    if colon and family in FAMILIES:
        return FAMILIES[family](name)
    for entry in entry_points(group=ENTRY_POINTS):
        if entry.name == family:
            return _made(entry, (rest,) if colon else ())
    known = ", ".join((*names(), "openl3:VARIANT", "hear:MODULE"))
    raise ArgumentError(f"distance: got {name!r}, expected one of {known}")


def _made(entry: Any, arguments: tuple[str, ...]) -> Distance:
    """The distance that an entry point makes."""
    # Any: where the backport `importlib_metadata` is imported, it answers for the standard module, in its own classes.
    from nebula.distances.base import Distance

    label = f"distance {entry.name!r} of {entry.dist.name if entry.dist else 'an installed package'}"
    try:
        distance = entry.load()(*arguments)
    except Exception as error:
        words = " ".join(f"{type(error).__name__}: {error}".split())
        raise DistanceError(f"{label}: cannot be made: {words}") from error
    if not isinstance(distance, Distance):
        raise DistanceError(f"{label}: got {type(distance).__name__}, expected a nebula.distances.Distance")
    return distance
