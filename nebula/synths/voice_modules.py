"""The modules of torchsynth's Voice, and the columns of their parameters."""

from nebula.draws import Panel
from nebula.modules import Adsr, Keyboard, Lfo, Matrix, Mixer, Noise, Sine, SquareSaw

#: Rows and columns of the modulation matrix.
SOURCES = ("adsr_1", "adsr_2", "lfo_1", "lfo_2")
TARGETS = ("vco_1_pitch", "vco_1_amp", "vco_2_pitch", "vco_2_amp", "noise_amp")

#: In the order of the panel.
MODULES = (
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
)

#: Column of each parameter, by (module, name).
COLUMNS = Panel(tuple(parameter for module in MODULES for parameter in module.parameters)).columns
