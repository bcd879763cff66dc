"""The DX7: our panel against dexed-py's presets, its sounds against what they have to be, and its banks."""

import sys
from concurrent.futures import ThreadPoolExecutor

import dexed
import numpy as np
import pytest
import torch

from nebula import Nebula, synths
from nebula.draws import to_unit
from nebula.errors import ArgumentError, SynthError
from nebula.synths import Timeline
from nebula.synths.dx7_bank import INIT_VOICE, write_bank

DX7 = synths.get("dx7")
UNIFORM = Nebula.load("dx7/uniform")
SHORT = Timeline(44100, 0.5)

#: What dexed-py calls the parameters of each module.
FIELDS = {
    "global.algorithm": "algorithm",
    "global.feedback": "feedback",
    "global.oscillator_key_sync": "osc_key_sync",
    "global.transpose": "transpose",
    "lfo.speed": "lfo_speed",
    "lfo.delay": "lfo_delay",
    "lfo.pitch_mod_depth": "lfo_pitch_mod_depth",
    "lfo.amp_mod_depth": "lfo_amp_mod_depth",
    "lfo.key_sync": "lfo_sync",
    "lfo.wave": "lfo_wave",
    "lfo.pitch_mod_sensitivity": "pitch_mod_sensitivity",
}
OPERATOR_FIELDS = {
    "break_point": "op_breakpoint",
    "left_depth": "op_left_depth",
    "right_depth": "op_right_depth",
    "left_curve": "op_left_curve",
    "right_curve": "op_right_curve",
    "rate_scaling": "op_rate_scaling",
    "amp_mod_sensitivity": "op_amp_mod_sensitivity",
    "velocity_sensitivity": "op_velocity_sensitivity",
    "output_level": "op_output_level",
    "mode": "op_frequency_mode",
    "frequency_coarse": "op_frequency_coarse",
    "frequency_fine": "op_frequency_fine",
    "detune": "op_detune",
}


def physical_of(seeds):
    return DX7.player().physical(DX7.sample(seeds), UNIFORM)


def patches_of(physical):
    return [dexed.Patch.from_sysex(voice.numpy().tobytes() + b" " * 10) for voice in DX7.voices(physical)]


def set_to(**values):
    """INIT VOICE, struck at velocity 127 and held, with other values."""
    _, physical = DX7.read_bank(write_bank([INIT_VOICE], [""]))
    row = physical[:1].clone()
    row[0, DX7.panel.columns["keyboard", "velocity"]] = 127
    row[0, DX7.panel.columns["keyboard", "duration"]] = 4
    for path, value in values.items():
        row[0, DX7.panel.columns[tuple(path.split("__"))]] = value
    return row


def render(physical, timeline=SHORT, dtype=None):
    return DX7.render(physical, torch.zeros(len(physical), dtype=torch.int64), timeline, dtype)


def in_dexed(preset, parameter):
    """One value of a dexed-py preset, found by name."""
    module, name = parameter.module, parameter.name
    stage = int(name[-1]) - 1 if name[-1].isdigit() else None
    kind = "rates" if "rate_" in name else "levels"
    if module == "pitch_envelope":
        return getattr(preset, f"pitch_env_{kind}")[stage]
    if module.startswith("operator_"):
        operator = int(module[-1]) - 1
        if stage is not None:
            return getattr(preset, f"op_env_{kind}")[operator, stage]
        return getattr(preset, OPERATOR_FIELDS[name])[operator]
    return getattr(preset, FIELDS[parameter.path])


def test_each_parameter_is_one_value_of_dexed_and_no_other():
    voice = [parameter for parameter in DX7.panel if parameter.module != "keyboard"]
    assert len(voice) == dexed.Preset().to_array().size == 145
    base = set_to()
    before = patches_of(base)[0].to_preset().to_array()
    places = set()
    for parameter in voice:
        column = DX7.panel.columns[parameter.module, parameter.name]
        highest = parameter.maximum - bool(parameter.choices)
        for value in (parameter.minimum, highest, round((parameter.minimum + 2 * highest) / 3)):
            changed = base.clone()
            changed[0, column] = value
            preset = patches_of(changed)[0].to_preset()
            # dexed-py has knobs from 0 to 1, and numbers of choices as they are.
            scale = 1 if parameter.choices else parameter.maximum - parameter.minimum
            assert in_dexed(preset, parameter) == pytest.approx((value - parameter.minimum) / scale, abs=1e-6)
            different = np.flatnonzero(preset.to_array() != before)
            assert len(different) == (value != base[0, column]), parameter.path
            places.update(different)
    assert len(places) == 145


def test_ranges_are_those_of_dexed():
    for extreme in ("minimum", "maximum"):
        physical = torch.tensor([[getattr(parameter, extreme) for parameter in DX7.panel]])
        voice = DX7.voices(physical)
        patch = patches_of(physical)[0]
        # It clamps what is out of range: nothing is, and nothing may be larger.
        assert patch.to_sysex()[:145] == voice.numpy().tobytes()
        assert patch.to_preset().to_patch().to_sysex()[:145] == voice.numpy().tobytes()
        if extreme == "maximum":
            most = voice[0].tolist()
            more = dexed.Patch.from_sysex(bytes(value + 1 for value in most) + bytes(10)).to_sysex()[:145]
            assert all(value <= limit for value, limit in zip(more, most, strict=True))


def test_a_value_stands_for_the_nearest_whole_one_and_a_duration_for_itself():
    physical = physical_of(range(20))
    whole = DX7.whole(physical)
    column = DX7.panel.columns["keyboard", "duration"]
    assert torch.equal(whole[:, column], physical[:, column])
    others = torch.arange(len(DX7.panel)) != column
    assert torch.equal(whole[:, others], physical[:, others].round())
    assert torch.equal(DX7.whole(whole), whole)
    assert torch.equal(render(physical), render(whole))


def test_unit_values_come_back_from_physical_ones():
    unit = DX7.sample(range(20)).double()
    curve, symmetric = torch.ones(len(DX7.panel)).double(), torch.tensor(UNIFORM.symmetric)
    whole = DX7.whole(DX7.player().physical(unit, UNIFORM))
    again = DX7.player().physical(to_unit(DX7.panel, whole, curve, symmetric), UNIFORM)
    torch.testing.assert_close(DX7.whole(again), whole)


@pytest.mark.parametrize("rate", [22050, 44100])
def test_a_key_has_its_frequency_at_every_rate(rate):
    audio = render(set_to(keyboard__midi_f0=69), Timeline(rate, 1.0))[0]
    assert len(audio) == rate
    spectrum = torch.fft.rfft(audio * torch.hann_window(rate)).abs()
    assert int(spectrum.argmax()) == 440
    # A single operator at its full level is a sine of amplitude 1, to the engine's 12 bits.
    assert audio.abs().max().item() == pytest.approx(1.0, abs=1e-3)


def test_values_mean_what_the_instrument_says():
    def peak_hz(**values):
        audio = render(set_to(keyboard__midi_f0=57, **values), Timeline(44100, 1.0))[0]
        return int(torch.fft.rfft(audio * torch.hann_window(44100)).abs().argmax())

    assert peak_hz() == 220
    assert peak_hz(global__transpose=12) == 440
    assert peak_hz(operator_1__frequency_coarse=3) == 660
    assert peak_hz(operator_1__frequency_coarse=0) == 110
    assert peak_hz(operator_1__frequency_coarse=2, operator_1__frequency_fine=50) == 660
    # A fixed frequency is 10 to the power of coarse and hundredths of fine.
    assert peak_hz(operator_1__mode=1, operator_1__frequency_coarse=3) == 1000
    quiet, loud = (render(set_to(keyboard__velocity=v, operator_1__velocity_sensitivity=7)) for v in (10, 127))
    assert quiet.abs().max() < loud.abs().max() / 10
    released = render(set_to(keyboard__duration=0.1))[0]
    assert released[:4410].abs().max() > 0.9
    assert released[22050 // 2 :].abs().max() < 1e-3


def test_sounds_are_the_same_bits_in_any_order_batch_and_number_of_threads():
    physical = physical_of(range(24))
    threads = torch.get_num_threads()
    order = torch.randperm(24, generator=torch.Generator().manual_seed(0))
    try:
        torch.set_num_threads(1)
        first = render(physical)
        torch.set_num_threads(4)
        mixed = render(physical[order])
    finally:
        torch.set_num_threads(threads)
    assert torch.equal(mixed, first[order])
    assert torch.equal(render(physical[7:8]), first[7:8])
    # A rate between makes the engine's tables anew.
    render(physical[:1], Timeline(22050, 0.5))
    assert torch.equal(render(physical[:2]), first[:2])
    assert len(first.unique(dim=0)) > 12


def test_two_rates_can_be_asked_for_at_once():
    physical = physical_of(range(6))
    timelines = (SHORT, Timeline(22050, 0.5))
    apart = [render(physical, timeline) for timeline in timelines]
    with ThreadPoolExecutor(4) as pool:
        at_once = list(pool.map(lambda turn: render(physical, timelines[turn % 2]), range(8)))
    assert all(torch.equal(audio, apart[turn % 2]) for turn, audio in enumerate(at_once))


def test_a_longer_sound_begins_as_the_shorter_one():
    physical = physical_of(range(4))
    longer = render(physical, Timeline(44100, 0.8))
    assert longer.shape == (4, 35280)
    peaks = longer.abs().amax(dim=1)
    assert (peaks < 1).all()
    assert torch.equal(longer[:, :22050], render(physical))


def test_a_sound_above_1_is_divided_by_its_peak_and_others_are_left_alone():
    carriers = {f"operator_{number}__output_level": 99 for number in range(1, 7)}
    loud = set_to(global__algorithm=31, **carriers)
    engine = dexed.DexedSynth(44100)
    engine.load_patch(patches_of(loud)[0])
    raw = torch.from_numpy(engine.render(60, 127, 4.0, 0.5))
    assert raw.abs().max() > 5
    audio = render(loud)[0]
    assert audio.abs().max() == 1
    torch.testing.assert_close(audio, raw / raw.abs().max())
    engine.load_patch(patches_of(set_to())[0])
    assert torch.equal(render(set_to())[0], torch.from_numpy(engine.render(60, 127, 4.0, 0.5)))


def test_audio_has_the_dtype_that_is_asked_for():
    physical = physical_of([3])
    audio = render(physical)
    assert audio.dtype == torch.float32
    assert torch.equal(render(physical, dtype=torch.float16), audio.half())
    assert torch.equal(render(physical.double()), audio.double())
    assert render(physical[:0]).shape == (0, 22050)


def test_sounds_of_its_default_nebula_can_be_heard_where_uniform_ones_often_cannot():
    player = DX7.player(duration_seconds=1.0)
    # Where 1 % and 18 % of all sounds are silent, fewer than 1 in 10,000 sets of seeds break one of these bounds.
    seeds = range(128)
    silent = [
        int((player.play(seeds, nebula).abs().amax(1) < 1e-3).sum())
        for nebula in (Nebula.load(str(DX7.default)), UNIFORM)
    ]
    assert silent[0] <= 7
    assert silent[1] >= 9


def test_what_it_cannot_do_is_one_clear_line():
    physical = physical_of([0])
    with pytest.raises(ArgumentError, match=r"^physical: got values that need a gradient, expected none"):
        render(physical.requires_grad_())
    with torch.no_grad():
        assert render(physical).shape == (1, 22050)
    with pytest.raises(ArgumentError, match=r"^device: got 'meta', expected 'cpu', where alone dx7 plays$"):
        render(physical.detach().to("meta"))
    with pytest.raises(ArgumentError, match=r"^sample_rate_hz: got 16000, expected above 16384, "):
        render(physical.detach(), Timeline(16000, 0.5))


def test_without_its_package_the_panel_is_known_and_nothing_plays(monkeypatch):
    monkeypatch.setitem(sys.modules, "dexed", None)
    assert DX7.missing == "dx7"
    assert "dx7" in synths.names()
    assert Nebula.from_json(UNIFORM.to_json()) == UNIFORM
    with pytest.raises(SynthError, match=r"^synth: 'dx7' cannot play .*: pip install 'nebula\[dx7\]'$"):
        DX7.player().play([0], UNIFORM)
    monkeypatch.undo()
    assert DX7.missing is None


def test_a_bank_is_what_dexed_writes_of_the_same_voices(tmp_path):
    physical = physical_of(range(32))
    names = [f"voice {number}" for number in range(32)]
    bank = DX7.presets(physical, names, "syx")
    assert len(bank) == 4104
    patches = patches_of(physical)
    for patch, name in zip(patches, names, strict=True):
        patch.name = name
    dexed.Patch.save_to_bank(str(tmp_path / "theirs.syx"), patches)
    assert bank == (tmp_path / "theirs.syx").read_bytes()
    read, values = DX7.read_bank(bank)
    assert read == names
    assert torch.equal(values[:, 3:], DX7.whole(physical)[:, 3:])


def test_voices_of_a_bank_give_the_sounds_of_the_nebula(tmp_path):
    nebula = Nebula(tuple(0.5 + column % 7 / 4 for column in range(148)), UNIFORM.symmetric, "bent", None, "dx7")
    player = DX7.player(duration_seconds=0.5)
    physical = player.physical(DX7.sample(range(8)), nebula)
    path = tmp_path / "bent.syx"
    path.write_bytes(DX7.presets(physical, [str(seed) for seed in range(8)], "syx"))
    engine = dexed.DexedSynth(44100)
    for patch, row, sound in zip(
        dexed.Patch.load_bank(str(path)), physical, player.play(range(8), nebula), strict=False
    ):
        engine.load_patch(patch)
        key, velocity, duration = row[:3].tolist()
        raw = torch.from_numpy(engine.render(round(key), round(velocity), duration, 0.5))
        torch.testing.assert_close(sound, raw / raw.abs().max().clamp(min=1), atol=1e-4, rtol=0)


def test_settings_hold_the_values_that_are_played():
    physical = physical_of([5])
    text = DX7.presets(physical, ["five"], "csv").decode()
    header, row = (line.split(",") for line in text.splitlines())
    assert header[1:4] == ["keyboard.midi_f0 [MIDI pitch]", "keyboard.velocity", "keyboard.duration [s]"]
    values = dict(zip(header, row, strict=True))
    whole = DX7.whole(physical)[0]
    column = DX7.panel.columns["operator_3", "frequency_fine"]
    assert float(values["operator_3.frequency_fine"]) == whole[column].item()
    assert values["global.algorithm"] == str(int(whole[DX7.panel.columns["global", "algorithm"]]) + 1)
    assert DX7.left_out("csv") == ()
    assert DX7.left_out("syx") == ("keyboard.midi_f0", "keyboard.velocity", "keyboard.duration")
