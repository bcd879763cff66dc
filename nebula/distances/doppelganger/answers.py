"""What the network says of sounds, and what becomes of it in their vectors; known without torch."""

from __future__ import annotations

from typing import NamedTuple

from nebula.distances.doppelganger.pictures import BANDS, BANDS_PER_SEMITONE
from nebula.tensors import Float, Tensor

#: Pitches that are told apart, a semitone each, from `pictures.LOWEST_PITCH` on.
PITCHES = BANDS // BANDS_PER_SEMITONE

#: Parts of a sound's vector.
PARTS = ("pitch", "semitone", "steps", "whole", "family")


class NetworkAnswers(NamedTuple):
    """What the network says of some sounds.

    Attributes:
        pitch_logits: Of each pitch in each fine frame; a frame of noise has all pitches alike.
        step_traits: Between 0 and 1, by time.
        whole_traits: Between 0 and 1, of the whole sound.
        family_logits: Of each family of nebulae.
    """

    pitch_logits: Float[Tensor, "batch fine_frame pitch"]
    step_traits: Float[Tensor, "batch step step_trait"]
    whole_traits: Float[Tensor, "batch whole_trait"]
    family_logits: Float[Tensor, "batch family"]
