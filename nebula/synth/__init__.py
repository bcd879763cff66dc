"""From a seed to a sound.

    seeds ──sampling──> unit parameters ──correlation, curves──> physical parameters ──renderer──> audio

- `parameters`: the 78 parameters and their ranges
- `sampling`: seeded uniform draws
- `correlation`: which draws go together
- `curves`: how a nebula bends them
- `voice`: the Voice, which puts the steps together
- `renderer`: the seam behind which renderers are exchanged
- `reference`: the readable renderer, made of `envelopes`, `oscillators` and `mixers`
- `fused_cpu`: the fast renderer for processors, made of `control_kernels` and `audio_kernels`, which are compiled as
  `nebula.compilation` says and compute with `polynomials`
- `fused_cuda`: the fast renderer for GPUs, made of `cuda_kernels`
- `grid`: how both cut a sound
- `choice`: which renderer a call gets
"""

from nebula.synth.correlation import Correlation
from nebula.synth.curves import to_physical, to_unit
from nebula.synth.parameters import COLUMNS, PARAMETERS, Parameter
from nebula.synth.renderer import Renderer, Timeline
from nebula.synth.sampling import SEED_LIMIT, Seeds, sample
from nebula.synth.voice import Voice, usable_device

__all__ = [
    "COLUMNS",
    "PARAMETERS",
    "SEED_LIMIT",
    "Correlation",
    "Parameter",
    "Renderer",
    "Seeds",
    "Timeline",
    "Voice",
    "sample",
    "to_physical",
    "to_unit",
    "usable_device",
]
