"""torchsynth's Voice: two oscillators and noise, moved by envelopes and low-frequency oscillators.

    keyboard ─┬─> 6 envelopes ──> 2 LFOs ──┐
              │        └──────────────────> modulation matrix ──> audio rate ─┬─> pitch of vco_1, vco_2
              └───────────────────────────────────────────────────────────────┴─> level of vco_1, vco_2, noise ──> mix

The order of its 78 parameters is torchsynth 1.0.2's registration order, which synth1B1 is published in. Ranges are
torchsynth's too; curves and symmetry are not here, since they are what a nebula chooses.
"""

from __future__ import annotations

from nebula.modules import Adsr, Keyboard, Lfo, Matrix, Mixer, Noise, Sine, SquareSaw
from nebula.synths.choice import cuda_or_reference
from nebula.synths.synth import Renderer
from nebula.synths.wiring import Wiring
from nebula.tensors import Float, Tensor, torch

#: Rows and columns of the modulation matrix.
SOURCES = ("adsr_1", "adsr_2", "lfo_1", "lfo_2")
TARGETS = ("vco_1_pitch", "vco_1_amp", "vco_2_pitch", "vco_2_amp", "noise_amp")


class VoiceSynth(Wiring):
    """The Voice, which has a fused renderer for GPUs as well."""

    def __init__(self) -> None:
        super().__init__(
            "voice",
            "torchsynth's Voice: two oscillators and noise, moved by envelopes and low-frequency oscillators",
            (
                Keyboard(),
                Adsr("adsr_1"),
                Adsr("adsr_2"),
                Lfo("lfo_1", speed="lfo_1_rate_adsr", level="lfo_1_amp_adsr"),
                Lfo("lfo_2", speed="lfo_2_rate_adsr", level="lfo_2_amp_adsr"),
                Adsr("lfo_1_amp_adsr"),
                Adsr("lfo_2_amp_adsr"),
                Adsr("lfo_1_rate_adsr"),
                Adsr("lfo_2_rate_adsr"),
                Matrix("mod_matrix", SOURCES, TARGETS),
                Sine("vco_1", pitch="vco_1_pitch", level="vco_1_amp"),
                SquareSaw("vco_2", pitch="vco_2_pitch", level="vco_2_amp"),
                Noise("noise", level="noise_amp"),
                Mixer("mixer", ("vco_1", "vco_2", "noise")),
            ),
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

#: Column of each parameter, by (module, name).
COLUMNS = VOICE.panel.columns
