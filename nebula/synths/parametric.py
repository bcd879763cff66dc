"""SynthAX's parametric synths: as many oscillators of each kind as a name says, each with its own key and modulators.

    keyboard_i ─┬─> adsr_i, lfo_i (moved by two envelopes of its own) ──> modulation matrix of all ─┐
                └─> pitch of vco_i, whose pitch and level the matrix moves <────────────────────────┘

    sines, square-saws ──────────────────────────> mixer <── noise
    sines, square-saws ──> one FM sine for each ─────┘

`parametric-s-q-f-g` has s sines, q square-saws, and f sines and g square-saws that each modulate the frequency of a
sine of its own; that carrier is played by its modulator's key. The architecture is that of `ParametricSynth` in SynthAX
0.2.2, whose random sounds are uniform over physical ranges: those of the nebula `uniform`.
"""

import re

from nebula.draws.curves import LONGEST_ROW
from nebula.errors import SynthError
from nebula.modules import Adsr, FmSine, Keyboard, Lfo, Matrix, Mixer, Module, Noise, Sine, SquareSaw
from nebula.synths.wiring import Wiring

_NAME = re.compile(r"parametric-(\d)-(\d)-(\d)-(\d)")

#: Most oscillators that have a key of their own: nine have 577 parameters and more, see `LONGEST_ROW`.
MOST_OSCILLATORS = 8


def parametric(name: str) -> Wiring:
    """Returns the synth of that name.

    Args:
        name: `parametric-s-q-f-g`: the numbers of sines, of square-saws, of sines that modulate a carrier and of
            square-saws that do; together 1 to 8, and few enough that a row of parameters fits, see
            `nebula.draws.curves.LONGEST_ROW`: any seven do.

    Raises:
        SynthError: The name is not of that form, or the synth would be too large.

    Example:
        >>> len(parametric("parametric-2-2-1-1").panel)
        340
    """
    form = "expected parametric-s-q-f-g, the numbers of sines, square-saws, FM sines and FM square-saws"
    match = _NAME.fullmatch(name)
    counts = tuple(int(number) for number in match.groups()) if match else ()
    if not 1 <= sum(counts) <= MOST_OSCILLATORS:
        raise SynthError(f"synth: got {name!r}, {form}, together 1 to {MOST_OSCILLATORS}")
    sines, square_saws, fm_sines, fm_square_saws = counts
    mixed = sines + square_saws
    numbers = range(1, sum(counts) + 1)
    kinds = [Sine] * sines + [SquareSaw] * square_saws + [Sine] * fm_sines + [SquareSaw] * fm_square_saws
    carriers = {modulator: modulator + fm_sines + fm_square_saws for modulator in numbers[mixed:]}
    modules: list[Module] = []
    for number in numbers:
        key = f"keyboard_{number}"
        modules += [
            Keyboard(key),
            Adsr(f"adsr_{number}", key),
            Lfo(f"lfo_{number}", f"lfo_{number}_rate_adsr", f"lfo_{number}_amp_adsr"),
            Adsr(f"lfo_{number}_amp_adsr", key),
            Adsr(f"lfo_{number}_rate_adsr", key),
        ]
    heard = (*numbers[:mixed], *carriers.values())
    sources = tuple(f"{kind}_{number}" for kind in ("adsr", "lfo") for number in numbers)
    targets = tuple(f"vco_{number}_{what}" for number in numbers for what in ("pitch", "amp"))
    modules += [
        *(
            kind(f"vco_{number}", f"vco_{number}_pitch", f"vco_{number}_amp", f"keyboard_{number}")
            for number, kind in zip(numbers, kinds, strict=True)
        ),
        *(
            FmSine(f"vco_{carrier}", f"vco_{modulator}", keyboard=f"keyboard_{modulator}")
            for modulator, carrier in carriers.items()
        ),
        Matrix("mod_matrix", sources, (*targets, "noise_amp")),
        Noise("noise", level="noise_amp"),
        Mixer("mixer", (*(f"vco_{number}" for number in heard), "noise")),
    ]
    synth = Wiring(name, "SynthAX's parametric synth: oscillators and FM pairs, each with a key of its own", modules)
    if len(synth.panel) > LONGEST_ROW:
        raise SynthError(
            f"synth: got {name!r}, which has {len(synth.panel)} parameters, expected at most {LONGEST_ROW}"
        )
    return synth


#: The configuration that "doppelgänger" inverse synthesis was published with.
PARAMETRIC_2_2_1_1 = parametric("parametric-2-2-1-1")
