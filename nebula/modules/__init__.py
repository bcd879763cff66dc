"""What synthesizers are made of: each module brings its parameters, a readable reference, and steps of compiled loops.

    keyboard ──> adsr ──> lfo ──> matrix ──(control rate | audio rate)──> sine, square_saw, fm, noise ──> mixer

- `module`: what a module is
- `keyboard`: the key that is played, and for how long
- `adsr`, `lfo`, `strike`: what moves; `matrix`: what is moved by how much
- `sine`, `square_saw`, `fm`, `noise`, `modes`, `click`: what sounds; `pitch`: their frequency and phase
- `mixer`: how loud each is
- `filter`, `drive`, `amplifier`: what becomes of it
- `loops`: the compiled form
- `timeline`: rates and length
"""

from nebula.modules.adsr import Adsr
from nebula.modules.amplifier import Amplifier
from nebula.modules.click import Click
from nebula.modules.drive import Drive
from nebula.modules.filter import Filter
from nebula.modules.fm import FmSine
from nebula.modules.keyboard import Keyboard
from nebula.modules.lfo import Lfo
from nebula.modules.matrix import Matrix
from nebula.modules.mixer import Mixer
from nebula.modules.modes import Modes
from nebula.modules.module import Module
from nebula.modules.noise import NOISE_ROWS, Noise
from nebula.modules.sine import Sine
from nebula.modules.square_saw import SquareSaw
from nebula.modules.strike import Fade, Strike
from nebula.modules.timeline import Timeline

__all__ = [
    "NOISE_ROWS",
    "Adsr",
    "Amplifier",
    "Click",
    "Drive",
    "Fade",
    "Filter",
    "FmSine",
    "Keyboard",
    "Lfo",
    "Matrix",
    "Mixer",
    "Modes",
    "Module",
    "Noise",
    "Sine",
    "SquareSaw",
    "Strike",
    "Timeline",
]
