"""The doppelgänger distance: a small network of our own, trained on nothing but sounds of the Voice."""

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import torch
from jaxtyping import Float
from safetensors.torch import load
from torch import Tensor

from nebula.distances.base import Distance, Settings
from nebula.distances.doppelganger.network import PITCHES, Answers, Network
from nebula.distances.doppelganger.pictures import pictures
from nebula.distances.level import LEVEL_RMS

#: What share of the mean distance of two random renders each part of the vector has.
SHARES = {"pitch": 0.25, "semitone": 0.15, "steps": 0.25, "whole": 0.15, "family": 0.2}

# Exponent of the energy by which a frame counts: at 1 the loudest alone, at 0 all alike.
_ENERGY_EXPONENT = 0.4


@dataclass(frozen=True, kw_only=True)
class DoppelgangerSettings(Settings):
    """Settings of the doppelgänger distance: those that every distance has."""


class Doppelganger(Distance):
    """The doppelgänger distance."""

    name = "doppelganger"
    version = 1

    def __init__(self, settings: DoppelgangerSettings | None = None) -> None:
        self.settings: DoppelgangerSettings = DoppelgangerSettings() if settings is None else settings

    def analyse(self, audio: Float[Tensor, "batch time"], sample_rate_hz: float) -> Float[Tensor, "batch dimension"]:
        """Vectors of a few sounds that are already level and of the right length.

        Args:
            audio: Sounds.
            sample_rate_hz: Any rate that `embed` allows.
        """
        seen = pictures(audio * (LEVEL_RMS / self.settings.level_rms), sample_rate_hz)
        network = shipped_network(audio.device, audio.dtype)
        parts = vector_parts(network(seen), seen.fine.square().sum(2))
        return torch.cat([parts[name] * (share / network.spread[name]) for name, share in SHARES.items()], dim=1)


def vector_parts(answers: Answers, energy: Float[Tensor, "batch fine_frame"]) -> dict[str, Tensor]:
    """Returns the parts of vectors, before they are given their shares.

    Of all that has a pitch, `semitone` is what lies on each semitone, and `pitch` what lies at or below it. In l1 the
    first tells whether two sounds have the same pitches, and the second how far apart they are: it is the earth mover's
    distance of the first.

    Args:
        answers: What the network says of the sounds.
        energy: Of each fine frame.
    """
    loudest = energy.amax(1, keepdim=True)
    weight = (energy / torch.where(loudest > 0, loudest, 1.0) + 1e-9) ** _ENERGY_EXPONENT
    weight = weight / weight.sum(1, keepdim=True)
    semitone = (answers.pitch_logits.softmax(2) * weight[..., None]).sum(1)
    return {
        "pitch": semitone.cumsum(1) / PITCHES,
        "semitone": semitone,
        "steps": answers.step_traits.flatten(1) / answers.step_traits[0].numel(),
        "whole": answers.whole_traits / answers.whole_traits.shape[1],
        "family": answers.family_logits.softmax(1),
    }


@lru_cache(maxsize=4)
def shipped_network(device: torch.device, dtype: torch.dtype) -> Network:
    """Returns the network with the weights that come with the package.

    Args:
        device: Where it is to be used.
        dtype: What it computes in, float32 or float64.
    """
    stored = (resources.files("nebula.distances.doppelganger") / "weights.safetensors").read_bytes()
    # The network is kept for later calls, so its weights must not be inference tensors.
    with torch.inference_mode(False):
        network = Network()
        network.load_state_dict(load(stored))
        return network.requires_grad_(False).eval().to(device, dtype)
