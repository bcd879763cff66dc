"""A resonant filter whose cutoff may be swept as fast as one likes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nebula.draws import Parameter
from nebula.modules.module import Assembly, Module, Operation, Scene
from nebula.tensors import Float, Tensor, torch

#: What it lets pass, in the order of the choice's numbers.
TYPES = ("low-pass", "band-pass", "high-pass", "notch")

#: What the cutoff is held within; where the sampling rate is too low for that, within HIGHEST_TURNS of it.
LOWEST_HZ, HIGHEST_HZ = 10.0, 20_000.0

#: Highest cutoff in turns a sample. At half a turn, the Nyquist frequency, g is infinite.
HIGHEST_TURNS = 0.49


@dataclass(frozen=True)
class Filter(Module):
    """A state variable filter of two poles, with a cutoff that a control signal moves in octaves.

    The topology-preserving transform of the state variable filter, Zavalishin, "The Art of VA Filter Design", chapter
    4, in the arrangement of Simper's technical paper on trapezoidal integration (Cytomic). With g = tan(pi f / rate),
    k = 1 / Q, input x and states s1, s2:

        a1 = 1 / (1 + g (g + k)),  a2 = g a1,  a3 = g a2
        v1 = a1 s1 + a2 (x - s2),  v2 = s2 + a2 s1 + a3 (x - s2)
        s1 <- 2 v1 - s1,           s2 <- 2 v2 - s2

    v2 is the low-pass, v1 the band-pass, x - k v1 - v2 the high-pass and x - k v1 the notch. At a cutoff that stands
    still it is the analogue filter's bilinear transform, exact at the cutoff. At one that moves it stays stable: the
    matrix that takes states to states is the Cayley transform of g [[-k, -1], [1, 0]], whose symmetric part is nowhere
    positive, so that no change of g or k makes states grow. A biquad's states promise no such thing.

    g is worked out at control rate, and moves in straight lines between control samples.

    Attributes:
        name: Its own.
        source: The audio signal that goes in.
        cutoff: The control signal that moves the cutoff.
    """

    name: str
    source: str
    cutoff: str
    rate: Literal["control", "audio"] = "audio"

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Cutoff, its modulation, resonance, and what passes."""
        return (
            Parameter(self.name, "cutoff", LOWEST_HZ, HIGHEST_HZ, "Hz", "cutoff before modulation"),
            Parameter(self.name, "mod_depth", -10.0, 10.0, "octaves", "cutoff added where the modulation signal is 1"),
            Parameter(self.name, "q", 0.5, 4.0, "", "resonance: gain at the cutoff of all but the notch"),
            Parameter.switch(self.name, "type", TYPES, "what passes: below, around, above, or all but the cutoff"),
        )

    @property
    def inputs(self) -> tuple[str, ...]:
        """What goes in, and what moves its cutoff."""
        return self.source, self.cutoff

    def evaluate(self, scene: Scene) -> Sequence[Tensor]:
        """Returns what passes."""
        cutoff, depth, q, kind = scene.values(self.name).unbind(1)
        octaves = depth.unsqueeze(1) * scene.signals[self.cutoff]
        gain = scene.interpolated(cutoff_gain(cutoff, octaves, scene.timeline.sample_rate_hz))
        return (state_variable(scene.signals[self.source], gain, 1.0 / q, kind),)

    def assemble(self, assembly: Assembly) -> None:
        """Appends one step."""
        buffer, weight = assembly.target(self.name)
        own, source = assembly.column(self.name), assembly.buffers[self.source]
        step = [Operation.FILTER, buffer, weight, assembly.signal(self.cutoff), source, own]
        assembly.audio.append([int(number) for number in step])


def cutoff_gain(
    cutoff_hz: Float[Tensor, " batch"], octaves: Float[Tensor, "batch any_time"], rate_hz: float
) -> Float[Tensor, "batch any_time"]:
    """Returns g = tan(pi f / rate), with f held within 10 Hz and 20,000 Hz or 0.49 of the rate.

    Args:
        cutoff_hz: f where `octaves` is 0.
        octaves: How far it is moved.
        rate_hz: Sampling rate.
    """
    highest_hz = min(HIGHEST_HZ, HIGHEST_TURNS * rate_hz)
    frequency_hz = (cutoff_hz.unsqueeze(1) * torch.exp2(octaves)).clamp(min(LOWEST_HZ, highest_hz), highest_hz)
    return torch.tan(math.pi * frequency_hz / rate_hz)


def state_variable(
    signal: Float[Tensor, "batch time"],
    gain: Float[Tensor, "batch time"],
    damping: Float[Tensor, " batch"],
    kind: Float[Tensor, " batch"],
) -> Float[Tensor, "batch time"]:
    """Returns what passes the filter, whose states begin at 0. See `Filter` for the equations.

    Args:
        signal: What goes in.
        gain: g, above 0.
        damping: k, above 0.
        kind: Number of the type in `TYPES`.
    """
    k = damping.unsqueeze(1)
    a1 = 1.0 / (1.0 + gain * (gain + k))
    a2 = gain * a1
    a3 = gain * a2
    step = torch.stack([torch.stack([2 * a1 - 1, -2 * a2], -1), torch.stack([2 * a2, 1 - 2 * a3], -1)], -2)
    s1, s2 = _states(step, 2.0 * torch.stack([a2, a3], -1) * signal.unsqueeze(-1)).unbind(-1)
    band = a1 * s1 + a2 * (signal - s2)
    low = s2 + a2 * s1 + a3 * (signal - s2)
    passed = (low, band, signal - k * band - low, signal - k * band)
    kinds = kind.unsqueeze(1)
    return sum((torch.where(kinds == number, one, 0.0) for number, one in enumerate(passed)), torch.zeros_like(low))


def _states(
    step: Float[Tensor, "batch time 2 2"], drive: Float[Tensor, "batch time 2"]
) -> Float[Tensor, "batch time 2"]:
    """The states before each sample, s <- step s + drive, beginning at 0.

    Steps are affine maps, and compose. A sound is cut into as many stretches as each has samples; all stretches are
    composed side by side, states go from stretch to stretch, and then to every sample at once: 2 sqrt(N) operations one
    after the other instead of N.
    """
    batch, samples = drive.shape[:2]
    length = math.isqrt(samples - 1) + 1
    stretches = -(-samples // length)
    missing = stretches * length - samples
    step = torch.cat([step, step.new_zeros((batch, missing, 2, 2))], 1).unflatten(1, (stretches, length))
    drive = torch.cat([drive, drive.new_zeros((batch, missing, 2))], 1).unflatten(1, (stretches, length)).unsqueeze(-1)
    # Maps from a stretch's first state to the one before each of its samples.
    turn = torch.eye(2, dtype=step.dtype, device=step.device).expand(batch, stretches, 2, 2)
    shift = drive.new_zeros((batch, stretches, 2, 1))
    turns, shifts = [turn], [shift]
    for here, added in zip(step.unbind(2), drive.unbind(2), strict=True):
        turn, shift = here @ turn, here @ shift + added
        turns.append(turn)
        shifts.append(shift)
    state = drive.new_zeros((batch, 2, 1))
    first = []
    for over, added in zip(turn.unbind(1), shift.unbind(1), strict=True):
        first.append(state)
        state = over @ state + added
    states = torch.stack(turns[:-1], 2) @ torch.stack(first, 1).unsqueeze(2) + torch.stack(shifts[:-1], 2)
    return states.squeeze(-1).flatten(1, 2)[:, :samples]
