"""The 78 parameters of the Voice, as data.

The order is torchsynth 1.0.2's registration order: it is the column order of every parameter tensor in this project and
of the parameters that synth1B1 is published with. Ranges are torchsynth's too; curves and symmetry are not here, since
they are what a nebula chooses.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

#: LFO shapes, in the order of their selection parameters.
LFO_SHAPES = ("sin", "tri", "saw", "rsaw", "sqr")

#: Rows and columns of the modulation matrix.
MODULATION_SOURCES = ("adsr_1", "adsr_2", "lfo_1", "lfo_2")
MODULATION_TARGETS = ("vco_1_pitch", "vco_1_amp", "vco_2_pitch", "vco_2_amp", "noise_amp")

#: The six envelopes in registration order: two for the modulation matrix, then amplitude and rate of each LFO.
ENVELOPES = ("adsr_1", "adsr_2", "lfo_1_amp_adsr", "lfo_2_amp_adsr", "lfo_1_rate_adsr", "lfo_2_rate_adsr")


@dataclass(frozen=True)
class Parameter:
    """One knob of the Voice.

    Attributes:
        module: Name of the module that owns it, such as `vco_1`.
        name: Its name within the module, such as `tuning`.
        minimum: Smallest physical value, in `unit`.
        maximum: Largest physical value, in `unit`.
        unit: Unit of the physical value; empty for a plain ratio.
        description: What turning it does.
    """

    module: str
    name: str
    minimum: float
    maximum: float
    unit: str
    description: str

    @property
    def path(self) -> str:
        """`module.name`, the form that globs in study specs match, such as `vco_1.tuning`."""
        return f"{self.module}.{self.name}"


def _envelope(module: str) -> Iterator[Parameter]:
    yield Parameter(module, "attack", 0.0, 2.0, "s", "time to rise from 0 to 1")
    yield Parameter(module, "decay", 0.0, 2.0, "s", "time to fall from 1 to the sustain level")
    yield Parameter(module, "sustain", 0.0, 1.0, "", "level held while the key is down")
    yield Parameter(module, "release", 0.0, 5.0, "s", "time to fall to 0 once the key is up")
    yield Parameter(module, "alpha", 0.1, 6.0, "", "exponent of every ramp: 1 is linear, above 1 bends down")


def _lfo(module: str) -> Iterator[Parameter]:
    yield Parameter(module, "frequency", 0.0, 20.0, "Hz", "rate before modulation")
    yield Parameter(module, "mod_depth", -10.0, 20.0, "Hz", "rate added at the rate envelope's peak")
    yield Parameter(module, "initial_phase", -math.pi, math.pi, "rad", "phase at the start")
    for shape in LFO_SHAPES:
        yield Parameter(module, shape, 0.0, 1.0, "", f"weight of the {shape} shape before they are made to sum to 1")


def _oscillator(module: str) -> Iterator[Parameter]:
    yield Parameter(module, "tuning", -24.0, 24.0, "semitones", "pitch offset from the key")
    yield Parameter(module, "mod_depth", -96.0, 96.0, "semitones", "pitch added where the modulation signal is 1")
    yield Parameter(module, "initial_phase", -math.pi, math.pi, "rad", "phase at the start")


def _all() -> Iterator[Parameter]:
    yield Parameter("keyboard", "midi_f0", 0.0, 127.0, "MIDI pitch", "the key that is played; 69 is 440 Hz")
    yield Parameter("keyboard", "duration", 0.01, 4.0, "s", "how long the key stays down")
    yield from _envelope("adsr_1")
    yield from _envelope("adsr_2")
    yield from _lfo("lfo_1")
    yield from _lfo("lfo_2")
    for module in ENVELOPES[2:]:
        yield from _envelope(module)
    for source in MODULATION_SOURCES:
        for target in MODULATION_TARGETS:
            yield Parameter("mod_matrix", f"{source}->{target}", 0.0, 1.0, "", f"how much {source} moves {target}")
    yield from _oscillator("vco_1")
    yield from _oscillator("vco_2")
    yield Parameter("vco_2", "shape", 0.0, 1.0, "", "waveform: 0 is square, 1 is saw")
    for source in ("vco_1", "vco_2", "noise"):
        yield Parameter("mixer", source, 0.0, 1.0, "", f"level of {source} in the mix")


#: All parameters of the Voice; position in this tuple is column in a parameter tensor.
PARAMETERS: tuple[Parameter, ...] = tuple(_all())

#: Column of each parameter, by (module, name).
COLUMNS: dict[tuple[str, str], int] = {(p.module, p.name): i for i, p in enumerate(PARAMETERS)}


def module_columns(module: str) -> slice:
    """Returns the columns of one module, which are always contiguous.

    Args:
        module: A module's name, such as `lfo_1`.

    Raises:
        KeyError: No parameter belongs to that module.
    """
    columns = [i for i, p in enumerate(PARAMETERS) if p.module == module]
    if not columns:
        raise KeyError(module)
    return slice(columns[0], columns[-1] + 1)
