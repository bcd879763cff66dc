"""Blocks: as many chains as fit in memory, rendered, seen, and with what is known of them."""

from dataclasses import dataclass, fields

import torch
from jaxtyping import Bool, Float, Float16, Int
from torch import Tensor

from nebula.distances import level
from nebula.distances.doppelganger.pictures import pictures
from nebula.modules import NOISE_ROWS
from nebula.synths import Voice
from nebula.training.chains import LINKS, draw_chains
from nebula.training.families import FAMILIES, draw_family
from nebula.training.truth import pitch_truth
from nebula.watching import Watcher

#: Chains that share a nebula.
GROUP_CHAINS = 8

#: A block's chains are a multiple of this, so that it holds as many of each family.
CHAIN_STEP = GROUP_CHAINS * len(FAMILIES)

_SAMPLE_RATE_HZ = 44_100

# Sounds seen together: the pictures of one at a time stay in a CPU's cache.
_SEEN_TOGETHER = {"cpu": 1}


@dataclass(frozen=True)
class Block:
    """Chains that are ready to be learned from. What takes much room is in half precision.

    Attributes:
        fine: Fine pictures.
        coarse: Coarse pictures.
        share: Share of the energy of each frame at each pitch.
        energy: Of each frame.
        transposed: Which chains are transpositions.
        family: Place of each chain's family.
    """

    fine: Float16[Tensor, "chain link fine_frame fine_band"]
    coarse: Float16[Tensor, "chain link frame band"]
    share: Float16[Tensor, "chain link fine_frame pitch"]
    energy: Float[Tensor, "chain link fine_frame"]
    transposed: Bool[Tensor, " chain"]
    family: Int[Tensor, " chain"]

    def __len__(self) -> int:
        """Number of chains."""
        return len(self.family)

    def take(self, chains: Int[Tensor, " chosen"]) -> "Block":
        """Returns some of the chains.

        Args:
            chains: Their places.
        """
        return Block(*(getattr(self, field.name)[chains] for field in fields(self)))


def render_block(seed: int, chains: int, device: str = "cpu", watcher: Watcher | None = None) -> Block:
    """Returns a block; every family has as many chains in it.

    Args:
        seed: Decides all of it.
        chains: How many, a multiple of `CHAIN_STEP`.
        device: Where sounds are rendered and lie.
        watcher: Told the number of chains done and in all.
    """
    voice = Voice(device, sample_rate_hz=_SAMPLE_RATE_HZ)
    groups = []
    for number in range(chains // GROUP_CHAINS):
        generator = torch.Generator().manual_seed((seed << 20) + number)
        groups.append(_render_group(number % len(FAMILIES), voice, generator))
        if watcher:
            watcher((number + 1) * GROUP_CHAINS, chains)
    return Block(*(torch.cat([getattr(group, field.name) for group in groups]) for field in fields(Block)))


def _render_group(family: int, voice: Voice, generator: torch.Generator) -> Block:
    nebula = draw_family(family, generator)
    drawn = draw_chains(GROUP_CHAINS, nebula, generator)
    unit = drawn.unit_parameters.flatten(0, 1)
    # Links share their noise: what is to be learned is not which of the 32 it is.
    rows = torch.randint(NOISE_ROWS, (GROUP_CHAINS,), generator=generator).repeat_interleave(LINKS)
    with torch.no_grad():
        audio = level.align(voice.render(unit, nebula, rows))
        size = _SEEN_TOGETHER.get(voice.device.type, len(audio))
        seen = [pictures(sounds, _SAMPLE_RATE_HZ) for sounds in audio.split(size)]
        fine, coarse = (torch.cat([picture[kind] for picture in seen]).half() for kind in (0, 1))
        physical = voice.physical(unit, nebula).to(voice.device)
        share, energy = pitch_truth(physical, voice.timeline, fine.shape[1])
    chained = (picture.unflatten(0, (GROUP_CHAINS, LINKS)) for picture in (fine, coarse, share.half(), energy))
    labels = (drawn.transposed, torch.full((GROUP_CHAINS,), family))
    return Block(*chained, *(label.to(voice.device) for label in labels))
