"""SynthAX's expanded Voice: the Voice, and a carrier that a third oscillator modulates in frequency.

    keyboard ─┬─> 9 envelopes ──> 3 LFOs ──┐
              │        └──────────────────> modulation matrix ─┬─> vco_1 (sine), vco_2 (square-saw), noise ──> mixer
              │                                                └─> vco_3 (sine) ──> vco_4 (FM sine) ────────────┘
              └─> pitch of all

The order of the 130 parameters is that in which SynthAX 0.2.2 registers them in `VoiceExpanded`. Its random sounds are
uniform over physical ranges: those of the nebula `voice-fm/uniform`.
"""

from nebula.modules import Adsr, FmSine, Keyboard, Lfo, Matrix, Mixer, Noise, Sine, SquareSaw
from nebula.synths.wiring import Wiring

_NUMBERS = (1, 2, 3)


def _wiring(name: str, description: str, carrier_level: str | None) -> Wiring:
    carrier_levels = () if carrier_level is None else (carrier_level,)
    modulated = tuple(f"vco_{number}_{what}" for number in _NUMBERS for what in ("pitch", "amp"))
    return Wiring(
        name,
        description,
        (
            Keyboard(),
            *(Adsr(f"adsr_{number}") for number in _NUMBERS),
            *(Lfo(f"lfo_{number}", f"lfo_{number}_rate_adsr", f"lfo_{number}_amp_adsr") for number in _NUMBERS),
            *(Adsr(f"lfo_{number}_{what}_adsr") for what in ("amp", "rate") for number in _NUMBERS),
            Matrix(
                "mod_matrix",
                tuple(f"{kind}_{number}" for kind in ("adsr", "lfo") for number in _NUMBERS),
                (*modulated, *carrier_levels, "noise_amp"),
            ),
            Sine("vco_1", pitch="vco_1_pitch", level="vco_1_amp"),
            SquareSaw("vco_2", pitch="vco_2_pitch", level="vco_2_amp"),
            Sine("vco_3", pitch="vco_3_pitch", level="vco_3_amp"),
            FmSine("vco_4", modulator="vco_3", level=carrier_level),
            Noise("noise", level="noise_amp"),
            Mixer("mixer", ("vco_1", "vco_2", "vco_4", "noise")),
        ),
    )


VOICE_FM = _wiring("voice-fm", "SynthAX's expanded Voice: the Voice and a carrier modulated in frequency", None)

#: The same with an amplifier for the carrier, which otherwise never decays: percussion is hardly within reach then.
VOICE_FM_AMP = _wiring("voice-fm-amp", "voice-fm with an amplifier for its carrier, which can so decay", "vco_4_amp")
