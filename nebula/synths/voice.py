"""torchsynth's Voice: two oscillators and noise, moved by envelopes and low-frequency oscillators.

    keyboard ─┬─> 6 envelopes ──> 2 LFOs ──┐
              │        └──────────────────> modulation matrix ──> audio rate ─┬─> pitch of vco_1, vco_2
              └───────────────────────────────────────────────────────────────┴─> level of vco_1, vco_2, noise ──> mix

The order of its 78 parameters is torchsynth 1.0.2's registration order, which synth1B1 is published in. Ranges are
torchsynth's too; curves and symmetry are not here, since they are what a nebula chooses.
"""

from __future__ import annotations

from nebula.synths.choice import cuda_or_reference
from nebula.synths.player import Player
from nebula.synths.renderer import Renderer
from nebula.synths.voice_modules import MODULES
from nebula.synths.wiring import Wiring
from nebula.tensors import Float, Tensor, torch


class VoiceSynth(Wiring):
    """The Voice, which has a fused renderer for GPUs as well."""

    def __init__(self) -> None:
        super().__init__(
            "voice",
            "torchsynth's Voice: two oscillators and noise, moved by envelopes and low-frequency oscillators",
            MODULES,
            default="default",
        )

    def renderer(self, physical: Float[Tensor, "batch parameter"]) -> Renderer:
        """Returns the fastest renderer for these parameters: on CUDA devices the fused one for those."""
        chosen = super().renderer(physical)
        plain = physical.dtype == torch.float32 and not (physical.requires_grad and torch.is_grad_enabled())
        return cuda_or_reference(self.reference) if plain and physical.device.type == "cuda" else chosen


VOICE = VoiceSynth()

#: All parameters of the Voice; position in this tuple is column in a parameter tensor.
PARAMETERS = VOICE.parameters


class Voice(Player):
    """torchsynth's Voice, ready to play: `nebula.synths.get("voice").player(...)`.

    Args:
        device: As of `Player`, and so are the others.
        sample_rate_hz: Audio rate.
        duration_seconds: Length of every sound.
        control_rate_hz: Rate of envelopes and LFOs.
        dtype: Of the audio.
        renderer: What turns physical parameters into audio.

    Example:
        >>> import nebula
        >>> voice = nebula.Voice(duration_seconds=0.5)
        >>> voice.render(nebula.sample([0, 1, 2]), nebula.Nebula.load("drum")).shape
        torch.Size([3, 22050])
    """

    def __init__(
        self,
        device: str | torch.device = "cpu",
        *,
        sample_rate_hz: float = 44100,
        duration_seconds: float = 4.0,
        control_rate_hz: float = 441,
        dtype: torch.dtype | None = None,
        renderer: Renderer | None = None,
    ) -> None:
        super().__init__(
            VOICE,
            device,
            sample_rate_hz=sample_rate_hz,
            duration_seconds=duration_seconds,
            control_rate_hz=control_rate_hz,
            dtype=dtype,
            renderer=renderer,
        )
