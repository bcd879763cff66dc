"""The doppelgänger distance: a small network of our own, trained on nothing but sounds of the Voice."""

from __future__ import annotations

from dataclasses import dataclass

from nebula.distances.base import Distance, Settings, require
from nebula.distances.doppelganger.answers import PARTS, PITCHES, NetworkAnswers
from nebula.distances.doppelganger.pictures import pictures
from nebula.distances.level import LEVEL_RMS
from nebula.tensors import Float, Tensor, torch

# Exponent of the energy by which a frame counts: at 1 the loudest alone, at 0 all alike.
_ENERGY_EXPONENT = 0.4


@dataclass(frozen=True, kw_only=True)
class DoppelgangerSettings(Settings):
    """Settings of the doppelgänger distance.

    Args:
        parts: What is compared, some of `answers.PARTS` without repetition; all of them count the same.

    Raises:
        ArgumentError: If a setting is outside what is allowed.
    """

    parts: tuple[str, ...] = PARTS

    def __post_init__(self) -> None:
        super().__post_init__()
        known = 0 < len(self.parts) == len(set(self.parts) & set(PARTS))
        require(known, "parts", self.parts, f"some of {', '.join(PARTS)}, each once")


class Doppelganger(Distance):
    """The mean of five distances that a small network hears, each in units of its mean between random renders.

    - `pitch`: how many semitones the pitches of two sounds are apart: the earth mover's distance between how their
      energy is shared out over 112 semitones. Noise has all pitches alike.
    - `semitone`: how much of that lies on different semitones, however far apart.
    - `steps`: 16 traits every 0.16 s, time-aligned.
    - `whole`: 128 traits of the whole sound.
    - `family`: how likely it is from each of eight kinds of nebulae.

    What the network was asked for, on renders of the Voice alone, see `nebula.training`: the pitch of each oscillator
    at every moment, which is known; traits that are alike for two sounds of nearly the same parameters or of another
    key, and unlike for others (alignment and uniformity in l1, after the audio doppelgängers of Cherep and Singh); that
    of three sounds on a line of parameters, or of brightness and hiss, the middle one lies between the others, in l1,
    so that distances add up along it; and the nebula's kind. Each render is heard many times through other filters,
    with brightness fading otherwise and with other hiss. No recording was used in training. The design, unlike the
    weights, was chosen with an eye on recordings: `benchmarks/embedding.py` says what was tried, and measures it.

    It has known weaknesses: hits of one drum at several velocities it orders no better than a spectrogram does, and of
    when something happens within a step of 0.16 s it hears little.

    Args:
        settings: The defaults give 776 numbers for 4 s.

    Example:
        >>> Doppelganger().embed(torch.zeros(2, 44100), 44100).shape
        torch.Size([2, 776])

    Source:
        Cherep and Singh, "Contrastive learning from synthetic audio doppelgängers", 2024, for the pairs.
    """

    name = "doppelganger"
    is_quick = True
    version = 2

    def __init__(self, settings: DoppelgangerSettings | None = None) -> None:
        self.settings: DoppelgangerSettings = DoppelgangerSettings() if settings is None else settings

    def analyse(self, audio: Float[Tensor, "batch time"], sample_rate_hz: float) -> Float[Tensor, "batch dimension"]:
        """Vectors of a few sounds that are already level and of the right length.

        Args:
            audio: Sounds.
            sample_rate_hz: Any rate that `embed` allows.
        """
        # Modules of torch's, which is not to be loaded before there is a sound.
        from nebula.distances.doppelganger.network import shipped_network

        seen = pictures(audio * (LEVEL_RMS / self.settings.level_rms), sample_rate_hz)
        network = shipped_network(audio.device, audio.dtype)
        heard = vector_parts(network(seen), seen.fine.square().sum(2))
        chosen = self.settings.parts
        return torch.cat([heard[part] / (network.spread[part] * len(chosen)) for part in chosen], dim=1)


def vector_parts(answers: NetworkAnswers, energy: Float[Tensor, "batch fine_frame"]) -> dict[str, Tensor]:
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
