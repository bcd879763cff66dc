"""Families of nebulae: where the sounds that are learned from come from.

Half of them are the shipped ones and random ones, the rest are made for a purpose: `tonal` and `bright` hold their
pitch, `plucked` and `struck` fade at once.
"""

from collections.abc import Mapping
from dataclasses import replace

import torch

from nebula.nebulae import Nebula
from nebula.synths.voice import PARAMETERS

#: Names of the families; their places are what the network answers with.
FAMILIES = ("default", "drum", "uniform", "random", "tonal", "bright", "plucked", "struck")

# Both oscillators near the key, and hardly modulated in pitch.
_STEADY = {"vco_1.mod_depth": 0.05, "vco_2.mod_depth": 0.05, "vco_1.tuning": 0.05, "vco_2.tuning": 0.05}


def draw_family(number: int, generator: torch.Generator) -> Nebula:
    """Returns a nebula of a family.

    Args:
        number: Place in `FAMILIES`.
        generator: Decides the curves of the random family; others do not use it.
    """
    match FAMILIES[number]:
        case "random":
            curves = 10 ** (2 * torch.rand(len(PARAMETERS), generator=generator) - 1)
            symmetric = torch.rand(len(PARAMETERS), generator=generator) < 0.3
            return Nebula(tuple(curves.tolist()), tuple(symmetric.tolist()), "random")
        case "tonal":
            return _changed("tonal", "default", symmetric=_STEADY)
        case "bright":
            return _changed("bright", "default", {"mixer.vco_1": 0.05}, _STEADY)
        case "plucked":
            plain = {"mixer.vco_2": 1.0, "keyboard.midi_f0": 1.0, "mixer.noise": 0.1, "keyboard.duration": 0.2}
            return _changed("plucked", "drum", plain, _STEADY)
        case "struck":
            gliding = {"vco_1.mod_depth": 0.3, "vco_2.mod_depth": 0.3}
            return _changed("struck", "drum", {"mixer.vco_2": 0.2, "mixer.noise": 0.5}, gliding)
        case shipped:
            return Nebula.load(shipped)


def _changed(
    name: str, start: str, plain: Mapping[str, float] | None = None, symmetric: Mapping[str, float] | None = None
) -> Nebula:
    """A shipped nebula with other curves, by paths of parameters."""
    old, plain, symmetric = Nebula.load(start), plain or {}, symmetric or {}
    paths = [parameter.path for parameter in PARAMETERS]
    return replace(
        old,
        name=name,
        curves=tuple({**plain, **symmetric}.get(path, curve) for path, curve in zip(paths, old.curves, strict=True)),
        symmetric=tuple(
            path in symmetric or (bent and path not in plain) for path, bent in zip(paths, old.symmetric, strict=True)
        ),
    )
