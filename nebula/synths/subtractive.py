"""A subtractive voice: oscillators rich in overtones and noise, of which a filter leaves what is wanted.

    keyboard ─┬─> adsr_1, adsr_2 ──> lfo_1, lfo_2 ──┬─> pitch_matrix ──> vco_1, vco_2 (square-saws) ─┐   noise
              │                                     │                                              mixer <─┘
              ├─> filter_adsr ──────────────────────┼─> cutoff_matrix ──────────────────────────────> filter
              │                                     │                                                  drive
              └─> pitch                             └─> amp_matrix ──────────────────────────────> amplifier

Each LFO is as loud as one envelope and as fast as the other has it. So nothing but envelopes reaches the amplifier
without an end, and every sound decays once its key is up.
"""

from nebula.modules import Adsr, Amplifier, Drive, Filter, Keyboard, Lfo, Matrix, Mixer, Noise, SquareSaw
from nebula.synths.wiring import Wiring

_MOVING = ("adsr_1", "adsr_2", "lfo_1", "lfo_2")

SUBTRACTIVE = Wiring(
    "subtractive",
    "a subtractive voice: two square-saws and noise through a resonant filter, a drive and an amplifier",
    (
        Keyboard(),
        Adsr("adsr_1"),
        Adsr("adsr_2"),
        Adsr("filter_adsr"),
        Lfo("lfo_1", speed="adsr_2", level="adsr_1"),
        Lfo("lfo_2", speed="adsr_1", level="adsr_2"),
        Matrix("pitch_matrix", _MOVING, ("vco_1_pitch", "vco_2_pitch")),
        Matrix("cutoff_matrix", ("filter_adsr", "lfo_1", "lfo_2"), ("cutoff",)),
        Matrix("amp_matrix", _MOVING, ("amp",)),
        SquareSaw("vco_1", pitch="vco_1_pitch"),
        SquareSaw("vco_2", pitch="vco_2_pitch"),
        Noise("noise"),
        Mixer("mixer", ("vco_1", "vco_2", "noise")),
        Filter("filter", source="mixer", cutoff="cutoff"),
        Drive("drive", source="filter"),
        Amplifier("amplifier", source="drive", level="amp"),
    ),
)
