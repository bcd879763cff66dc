"""SynthAX's expanded Voice, and the one whose carrier has an amplifier."""

import torch

from nebula import Nebula, synths


def test_the_amplified_one_has_six_more_parameters_which_move_the_carrier():
    plain, amplified = synths.get("voice-fm").panel, synths.get("voice-fm-amp").panel
    assert (len(plain), len(amplified)) == (130, 136)
    sources = [f"{kind}_{number}" for kind in ("adsr", "lfo") for number in (1, 2, 3)]
    more = [path for path in amplified.paths if path not in plain.paths]
    assert more == [f"mod_matrix.{source}->vco_4_amp" for source in sources]
    assert [path for path in amplified.paths if path in plain.paths] == list(plain.paths)


def carrier_alone(name):
    """One sound of the carrier alone, whose envelopes all end after 0.15 s."""
    synth = synths.get(name)
    unit = synth.sample([5])
    for column, parameter in enumerate(synth.parameters):
        if parameter.name in ("release", "duration"):
            unit[:, column] = 0.02
        if parameter.module == "mixer":
            unit[:, column] = float(parameter.name == "vco_4")
    return synth.player(sample_rate_hz=8000, duration_seconds=0.4).render(unit, Nebula.uniform(name))[0]


def test_only_an_amplified_carrier_decays():
    # A duration of 0.09 s and a release of 0.1 s, and one control sample of each rounding.
    ended = int((0.09 + 0.1 + 2 / 441) * 8000)
    plain, amplified = carrier_alone("voice-fm"), carrier_alone("voice-fm-amp")
    assert float(plain[ended:].abs().max()) > 0.9
    assert torch.equal(amplified[ended:], torch.zeros_like(amplified[ended:]))
    assert float(amplified.abs().max()) > 0
