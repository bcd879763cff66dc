"""A body that rings in decaying modes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nebula.draws import Parameter
from nebula.modules.module import Assembly, Module, Operation, Scene
from nebula.modules.pitch import midi_to_hz
from nebula.modules.strike import SILENCE
from nebula.tensors import Float, Tensor, torch

#: How many modes a body has.
MODES = 16

#: Modes above this many turns a sample are left out.
HIGHEST_TURNS = 0.45

# Solutions of cos x cosh x = 1, behind which (n + 1/2) pi holds to nine digits.
_BAR = (4.730040744862704, 7.853204624095838, 10.995607838001671, 14.137165491257464, 17.278759657399480)

# Zeros of the Bessel functions J0 to J11, the smallest first: a circular membrane's frequencies go with them.
_MEMBRANE = (
    2.404825557695773,
    3.831705970207512,
    5.135622301840683,
    5.520078110286311,
    6.380161895923984,
    7.015586669815619,
    7.588342434503804,
    8.417244140399864,
    8.653727912911013,
    8.771483815959954,
    9.761023129981667,
    9.936109524217684,
    10.173468135062722,
    11.064709488501185,
    11.086370019245084,
    11.619841172149059,
)

# How far a stiff string's modes are stretched, Fletcher's B.
_STIFFNESS = 0.01


def _ratios() -> dict[str, tuple[float, ...]]:
    numbers = range(1, MODES + 1)
    bar = [*_BAR, *((n + 0.5) * math.pi for n in numbers if n > len(_BAR))]
    plate = sorted(m * m + n * n for m in numbers for n in numbers)[:MODES]
    stiff = [n * math.sqrt(1.0 + _STIFFNESS * n * n) for n in numbers]
    return {
        "bar": tuple((x / bar[0]) ** 2 for x in bar),
        "membrane": tuple(x / _MEMBRANE[0] for x in _MEMBRANE),
        "plate": tuple(x / plate[0] for x in plate),
        "harmonic": tuple(float(n) for n in numbers),
        "stretched": tuple(x / stiff[0] for x in stiff),
    }


#: By the name of a body, its frequencies over the lowest: of a bar with free ends (Euler and Bernoulli), an ideal
#: circular membrane, a square plate with supported edges, a string, and a stiff string. Fletcher and Rossing, "The
#: Physics of Musical Instruments", chapters 2 and 3.
RATIOS = _ratios()


@dataclass(frozen=True)
class Modes(Module):
    """Sixteen sines that begin together and decay exponentially, those of high frequency faster.

    With ratios r_k and the fundamental f, mode k has the frequency r_k f, the amplitude

        a_k = sin(pi k position) r_k^-tilt / sum of all |a|

    and falls by 60 dB in decay r_k^-damping seconds. Where a string or bar is struck decides which modes are weak: in
    the middle (position 1/2) the even ones do not sound. Losses to the air and within the material grow with frequency,
    which the exponent `damping` sums up (Chaigne and Askenfelt 1994, section I.A).

    Attributes:
        name: Its own.
        keyboard: The keyboard that it is played by.
    """

    name: str
    keyboard: str = "keyboard"
    rate: Literal["control", "audio"] = "audio"

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What the body is, its tuning, how it decays, and where it is struck."""
        return (
            Parameter.switch(self.name, "body", tuple(RATIOS), "whose frequencies the modes have"),
            Parameter(self.name, "tuning", -36.0, 36.0, "semitones", "pitch offset of the lowest mode from the key"),
            Parameter(self.name, "decay", 0.01, 4.0, "s", "time in which the lowest mode falls by 60 dB"),
            Parameter(self.name, "damping", 0.0, 3.0, "", "how much faster high modes decay: exponent of their ratio"),
            Parameter(self.name, "tilt", -1.0, 3.0, "", "how much weaker high modes are: exponent of their ratio"),
            Parameter(self.name, "position", 0.02, 0.5, "", "where it is struck, in its lengths from an end"),
        )

    @property
    def keys(self) -> tuple[str, ...]:
        """The keyboard."""
        return (self.keyboard,)

    def evaluate(self, scene: Scene) -> Sequence[Tensor]:
        """Returns what rings."""
        midi_f0, timeline = scene.value(self.keyboard, "midi_f0"), scene.timeline
        return (modes(scene.values(self.name), midi_f0, timeline.samples, timeline.sample_rate_hz),)

    def assemble(self, assembly: Assembly) -> None:
        """Appends one step."""
        buffer, weight = assembly.target(self.name)
        own, key = assembly.column(self.name), assembly.column(self.keyboard, "midi_f0")
        assembly.audio.append([int(Operation.MODES), buffer, weight, assembly.signal(None), own, key])


def modes(
    settings: Float[Tensor, "batch 6"], midi_f0: Float[Tensor, " batch"], samples: int, rate_hz: float
) -> Float[Tensor, "batch time"]:
    """Returns the sum of the modes, within [-1, 1]; see `Modes` for the equations.

    A mode is 0 where its envelope is below `SILENCE`. Phases are worked out in float64.

    Args:
        settings: Number of the body in `RATIOS`, tuning (semitones), decay (s), damping, tilt and position.
        midi_f0: Pitch of the key.
        samples: Length of the result.
        rate_hz: Sampling rate.
    """
    kind, tuning, decay, damping, tilt, position = settings.unbind(-1)
    table = torch.tensor(list(RATIOS.values()), dtype=settings.dtype, device=settings.device)
    ratio = table[kind.long()]
    turns = midi_to_hz(midi_f0 + tuning).unsqueeze(1) * ratio / rate_hz
    number = torch.arange(1, MODES + 1, dtype=settings.dtype, device=settings.device)
    height = torch.sin(torch.pi * number * position.unsqueeze(1)) * ratio ** -tilt.unsqueeze(1)
    height = height / height.abs().sum(dim=1, keepdim=True)
    height = torch.where(turns < HIGHEST_TURNS, height, 0.0)
    fall = -3.0 * math.log(10.0) / (decay.unsqueeze(1) * ratio ** -damping.unsqueeze(1) * rate_hz)
    time = torch.arange(samples, dtype=torch.float64, device=settings.device)
    sound = torch.zeros((len(settings), samples), dtype=settings.dtype, device=settings.device)
    for mode in range(MODES):
        phase = turns[:, mode, None].double() * time
        wave = torch.sin(2.0 * torch.pi * (phase - torch.floor(phase)).to(settings.dtype))
        envelope = torch.exp(fall[:, mode, None] * time.to(settings.dtype))
        sound = sound + torch.where(envelope > SILENCE, height[:, mode, None] * envelope * wave, 0.0)
    return sound
