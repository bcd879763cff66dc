"""Chains: a sound, a near relative of it, and a far one on the same line.

Half of all chains are transpositions: the key moves by up to two octaves, everything else stays. The others are
doppelgängers: all parameters move in a random direction, by 0.05 to 0.5 of their range. The links of both differ a
little in everything, as two notes of one instrument do.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from nebula.draws import falls_tensor, to_physical, to_unit
from nebula.nebulae import Nebula
from nebula.synths.voice import PARAMETERS, VOICE
from nebula.synths.voice_modules import COLUMNS

#: Sounds in a chain.
LINKS = 3

#: Smallest and largest standard deviation of a doppelgänger's parameters around the first sound's.
_REACH = (0.05, 0.5)

#: Standard deviation of what makes links differ beside the line they are on.
_JITTER = 0.01

# Keys of transposed chains, in MIDI pitch, and how far they move at most, in semitones.
_LOWEST_KEY, _HIGHEST_KEY, _INTERVAL = 16.0, 108.0, 24.0


class Chains(NamedTuple):
    """Chains of one nebula.

    Attributes:
        unit_parameters: Of each sound.
        transposed: Which chains are transpositions.
    """

    unit_parameters: Float[Tensor, "chain link parameter"]
    transposed: Bool[Tensor, " chain"]


def draw_chains(count: int, nebula: Nebula, generator: torch.Generator) -> Chains:
    """Returns random chains.

    Args:
        count: How many.
        nebula: Where their sounds are drawn from.
        generator: Decides them.
    """
    size = (count, len(PARAMETERS))
    first = torch.rand(size, generator=generator)
    transposed = torch.rand(count, generator=generator) < 0.5
    low, high = _REACH
    reach = low * (high / low) ** torch.rand(count, 1, generator=generator)
    direction = torch.randn(size, generator=generator) * reach * ~transposed[:, None]
    middle = 0.25 + 0.5 * torch.rand(count, generator=generator)
    places = torch.stack([torch.zeros(count), middle, torch.ones(count)], dim=1)
    key = _LOWEST_KEY + (_HIGHEST_KEY - _LOWEST_KEY) * torch.rand(count, generator=generator)
    # From the upper half of the keys down, from the lower half up: every key stays on the keyboard.
    centre = (_LOWEST_KEY + _HIGHEST_KEY) / 2
    interval = _INTERVAL * torch.rand(count, generator=generator) * torch.where(key > centre, -1.0, 1.0)
    jitter = _JITTER * torch.randn((count, LINKS, len(PARAMETERS)), generator=generator)
    unit = ((first[:, None] + places[..., None] * direction[:, None]).clamp(0, 1) + jitter).clamp(0, 1)
    curve, symmetric, fall = torch.tensor(nebula.curves), torch.tensor(nebula.symmetric), falls_tensor(nebula.falls)
    physical = to_physical(VOICE.panel, unit, curve, symmetric, fall)
    column = COLUMNS["keyboard", "midi_f0"]
    physical[..., column] = key[:, None] + places * interval[:, None]
    keys = to_unit(VOICE.panel, physical, curve, symmetric, fall)[..., column]
    unit[..., column] = torch.where(transposed[:, None], keys, unit[..., column])
    return Chains(unit, transposed)
