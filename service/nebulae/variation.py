"""A nebula varied by chance: one near it, in which whatever is locked stays as it is.

With two standard normal numbers g and h and a uniform number u for each parameter, and the width w in decades,

    curve      becomes  curve * 10 ** (w g)
    fall       becomes  fall * 10 ** (w h)     where it is not 1
    symmetric  turns    if u < w / 10          where the fall is 1

A fall of 1 stays, so that what torchsynth can read it can read afterwards; where there is another fall the values rest
around a place, and which side of the centre that is on is left alone. Curves stay from 0.01 to 100, which is what hands
shape; one that is beyond goes no further. Falls stay within `FALLS`.

Every parameter has its numbers whether it is locked or not: a lock changes nothing about the others.
"""

import math
import random
from collections.abc import Iterable
from dataclasses import replace
from statistics import NormalDist

from nebula import Nebula
from nebula.draws import Panel
from nebula.nebulae import FALLS
from service.errors import Unprocessable

#: Largest width, in decades: a fifth of all flags turn.
MOST_WIDTH = 2.0

#: Smallest and largest curve that a step leads to.
CURVES = (0.01, 100.0)

_TURNS_PER_DECADE = 0.1

_NORMAL = NormalDist()


def varied(nebula: Nebula, width: float, seed: int, locked: Iterable[str] = ()) -> Nebula:
    """Returns a nebula near another, the same one for the same seed.

    Args:
        nebula: A plain nebula; its correlation stays.
        width: Standard deviation of a step, in decades of curve and fall; from 0, which changes nothing, to 2.
        seed: 0 or more, below 2**32.
        locked: What stays as it is: names of modules, or `module.parameter`.

    Raises:
        Unprocessable: The nebula is a mixture, or its synth has nothing of a locked name.
    """
    if nebula.others:
        raise Unprocessable("nebula: got a mixture, expected a plain nebula")
    stays = _columns(nebula, locked)
    # Of `random`, this alone is promised to be the same in every version of Python.
    uniform = random.Random(seed).random
    curves, falls, symmetric = list(nebula.curves), list(nebula.falls), list(nebula.symmetric)
    for column in range(len(nebula.panel)):
        curve_step, fall_step, turns = _normal(uniform()), _normal(uniform()), uniform() < _TURNS_PER_DECADE * width
        if column in stays:
            continue
        curves[column] = _stepped(curves[column], width * curve_step, *CURVES)
        if falls[column] != 1.0:
            falls[column] = _stepped(falls[column], width * fall_step, *FALLS)
        elif turns:
            symmetric[column] = not symmetric[column]
    return replace(nebula, curves=tuple(curves), falls=tuple(falls), symmetric=tuple(symmetric))


def _columns(nebula: Nebula, locked: Iterable[str]) -> set[int]:
    panel = nebula.panel
    columns: set[int] = set()
    for name in locked:
        columns.update(_named(panel, name, nebula.synth))
    return columns


def _named(panel: Panel, name: str, synth: str) -> range:
    if name in panel.modules:
        module = panel.modules[name]
        return range(module.start, module.stop)
    if name in panel.paths:
        column = panel.paths.index(name)
        return range(column, column + 1)
    raise Unprocessable(f"locked: got {name[:80]!r}, expected modules or module.parameter of the synth {synth!r}")


def _normal(uniform: float) -> float:
    # Uniform numbers are multiples of 2 ** -53, 0 among them, which no normal number belongs to.
    return _NORMAL.inv_cdf(max(uniform, 2.0**-54))


def _stepped(value: float, decades: float, least: float, most: float) -> float:
    return min(max(value * math.pow(10.0, decades), min(value, least)), max(value, most))
