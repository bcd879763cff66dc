"""The network: which pitches a sound has, and what else it is like.

Every answer is a number between 0 and 1 that means more or less of something, because sounds are compared by the sum of
differences: along a line of sounds such numbers rise or fall, and distances add up.
"""

import math
from functools import lru_cache
from importlib import resources

import torch
from jaxtyping import Float
from safetensors.torch import load
from torch import Tensor, nn
from torch.nn import functional

from nebula.distances.doppelganger.answers import PARTS, NetworkAnswers
from nebula.distances.doppelganger.pictures import BANDS, BANDS_PER_SEMITONE, COARSE_BANDS, Pictures

#: Where else a pitch is looked for, as multiples of its frequency: its partials, and the pitches it is a partial of.
MULTIPLES = (1 / 3, 1 / 2, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12)

#: Numbers that describe each time step, and the whole sound.
STEP_TRAITS, WHOLE_TRAITS = 16, 128

#: Families of nebulae that a sound may be from, see `nebula.training.families`.
FAMILIES = 8

# What is this much below a sound's loudest band is silent to the pitch network.
_FINE_FLOOR = 1e-3

# Floors of the logarithms that the trait network sees: one for what is prominent, one for what is faint.
_COARSE_FLOORS = (1e-1, 1e-3)


class DoppelgangerNetwork(nn.Module):
    """A pitch network and a trait network side by side.

    Attributes:
        spread: Mean distance of two random renders in each part of the vector, measured after training.
    """

    def __init__(self) -> None:
        super().__init__()
        self.pitch = PitchNetwork()
        self.traits = TraitNetwork()
        self.spread = nn.ParameterDict({part: nn.Parameter(torch.ones(()), requires_grad=False) for part in PARTS})

    def forward(self, seen: Pictures) -> NetworkAnswers:
        """Returns its answers.

        Args:
            seen: Pictures of sounds at the level `nebula.distances.level.LEVEL_RMS`.
        """
        return NetworkAnswers(self.pitch(relative(seen.fine)), *self.traits(seen.coarse))


class PitchNetwork(nn.Module):
    """The pitches of each frame, found in the same way at every pitch: transposed sounds have transposed answers.

    Args:
        channels: Width of its layers.
    """

    def __init__(self, channels: int = 24) -> None:
        super().__init__()
        self.gather = nn.Conv2d(len(MULTIPLES), channels, (1, 7), stride=(1, BANDS_PER_SEMITONE), padding=(0, 2))
        self.gather_norm = nn.BatchNorm2d(channels)
        self.compare = nn.Conv2d(channels, channels, (1, 5), padding=(0, 2))
        self.compare_norm = nn.BatchNorm2d(channels)
        self.follow = nn.Conv2d(channels, channels, (3, 3), padding=(1, 1))
        self.follow_norm = nn.BatchNorm2d(channels)
        self.answer = nn.Conv2d(channels, 1, 1)

    def forward(self, fine: Float[Tensor, "batch fine_frame fine_band"]) -> Float[Tensor, "batch fine_frame pitch"]:
        """Returns logits of the pitches.

        Args:
            fine: Magnitudes relative to the loudest of the sound.
        """
        level = 1 - (fine + _FINE_FLOOR).log() / math.log(_FINE_FLOOR)
        shifts = [round(12 * BANDS_PER_SEMITONE * math.log2(multiple)) for multiple in MULTIPLES]
        below = -min(shifts)
        padded = functional.pad(level, (below, max(shifts)))
        partials = torch.stack([padded[..., below + shift : below + shift + BANDS] for shift in shifts], dim=1)
        hidden = functional.relu(self.gather_norm(self.gather(partials)))
        hidden = hidden + functional.relu(self.compare_norm(self.compare(hidden)))
        hidden = hidden + functional.relu(self.follow_norm(self.follow(hidden)))
        logits: Tensor = self.answer(hidden)
        return logits.squeeze(1)


class TraitNetwork(nn.Module):
    """What a sound is like beside its pitch, at each step of 0.16 s and as a whole.

    Args:
        widths: Of its four layers.
    """

    def __init__(self, widths: tuple[int, int, int, int] = (24, 48, 96, 128)) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, width, stride in zip(
            (len(_COARSE_FLOORS), *widths), widths, ((2, 2), (2, 2), (1, 2), (1, 2)), strict=False
        ):
            layers += [nn.Conv2d(before, width, 3, stride=stride, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
        self.body = nn.Sequential(*layers)
        features = widths[-1] * (COARSE_BANDS // 16)
        self.steps = nn.Linear(features, STEP_TRAITS)
        self.whole = nn.Linear(2 * features, WHOLE_TRAITS)
        self.family = nn.Linear(2 * features, FAMILIES)

    def forward(
        self, coarse: Float[Tensor, "batch frame band"]
    ) -> tuple[
        Float[Tensor, "batch step step_trait"], Float[Tensor, "batch whole_trait"], Float[Tensor, "batch family"]
    ]:
        """Returns traits of the steps, traits of the whole, and logits of the families.

        Args:
            coarse: Magnitudes in mel bands.
        """
        levels = [((coarse + floor) / floor).log() / 4 - 1 for floor in _COARSE_FLOORS]
        hidden = self.body(torch.stack(levels, dim=1)).transpose(1, 2).flatten(2)
        pooled = torch.cat([hidden.mean(1), hidden.amax(1)], dim=1)
        return self.steps(hidden).sigmoid(), self.whole(pooled).sigmoid(), self.family(pooled)


def relative(fine: Float[Tensor, "batch fine_frame fine_band"]) -> Float[Tensor, "batch fine_frame fine_band"]:
    """Returns magnitudes relative to the loudest of each sound; silence stays silence.

    Args:
        fine: Magnitudes, at least 0.
    """
    loudest = fine.amax((1, 2), keepdim=True)
    return fine / torch.where(loudest > 0, loudest, 1.0)


@lru_cache(maxsize=4)
def shipped_network(device: torch.device, dtype: torch.dtype) -> DoppelgangerNetwork:
    """Returns the network with the weights that come with the package.

    Args:
        device: Where it is to be used.
        dtype: What it computes in, float32 or float64.
    """
    stored = (resources.files("nebula.distances.doppelganger") / "weights.safetensors").read_bytes()
    # The network is kept for later calls, so its weights must not be inference tensors.
    with torch.inference_mode(False):
        network = DoppelgangerNetwork()
        network.load_state_dict(load(stored))
        return network.requires_grad_(False).eval().to(device, dtype)
