"""Yamaha's DX7, played by Dexed's engine, which the package dexed-py brings along.

Its panel is the 145 values of a voice, in the instrument's own terms and ranges, behind the key that is played. Values
are whole numbers: a physical value stands for the nearest one. The package is under the GPL and comes with the extra
`nebula[dx7]`; without it the panel is known, nebulae are read and voices are written, but nothing plays.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from importlib.util import find_spec
from threading import Lock
from typing import Any

from nebula.draws import Panel, Parameter
from nebula.errors import ArgumentError, SynthError
from nebula.modules.timeline import Timeline
from nebula.synths.dx7_bank import VALUES, read_bank, write_bank
from nebula.synths.presets import settings
from nebula.synths.renderer import check_audio_dtype
from nebula.synths.synth import Synth
from nebula.tensors import Float, Int, Tensor, UInt8, np, torch

OPERATORS = range(1, 7)
CURVES = ("-lin", "-exp", "+exp", "+lin")
WAVES = ("triangle", "saw down", "saw up", "square", "sine", "sample & hold")

#: The engine's table of frequencies overflows at this rate and below it: high pitches come out flat, then silent.
TOO_LOW_RATE_HZ = 16384

# What a voice read from a bank is played with, since a bank does not say: middle C, for a second.
_KEY = (60.0, 100.0, 1.0)


def _knob(module: str, name: str, minimum: int, maximum: int, description: str, unit: str = "") -> Parameter:
    return Parameter(module, name, float(minimum), float(maximum), unit, description)


def _keyboard() -> tuple[Parameter, ...]:
    return (
        _knob("keyboard", "midi_f0", 0, 127, "the key that is played, a whole number; 69 is 440 Hz", "MIDI pitch"),
        _knob("keyboard", "velocity", 1, 127, "how hard the key is struck, a whole number"),
        Parameter("keyboard", "duration", 0.01, 4.0, "s", "how long the key stays down"),
    )


def _operator(module: str) -> tuple[Parameter, ...]:
    """The values of an operator, in the order of the voice's bytes; those of others below, too."""
    knob, switch = partial(_knob, module), partial(Parameter.switch, module)
    return (
        *(knob(f"eg_rate_{n}", 0, 99, f"how fast the envelope goes to its level {n}") for n in range(1, 5)),
        *(knob(f"eg_level_{n}", 0, 99, f"level {n} of the envelope; 4 is that of a released key") for n in range(1, 5)),
        knob("break_point", 0, 99, "key where level scaling begins; 0 is A-1, 39 is C3", "keys"),
        knob("left_depth", 0, 99, "how much keys below the break point change the level"),
        knob("right_depth", 0, 99, "how much keys above the break point change the level"),
        switch("left_curve", CURVES, "how the level changes below the break point"),
        switch("right_curve", CURVES, "how the level changes above the break point"),
        knob("rate_scaling", 0, 7, "how much faster the envelope of a higher key is"),
        knob("amp_mod_sensitivity", 0, 3, "how much the LFO changes the level"),
        knob("velocity_sensitivity", 0, 7, "how much velocity changes the level"),
        knob("output_level", 0, 99, "loudness of a carrier, brightness by a modulator"),
        switch("mode", ("ratio", "fixed"), "whether frequency follows the key"),
        knob("frequency_coarse", 0, 31, "multiple of the key's, 0 being a half; if fixed, power of ten, modulo 4"),
        knob("frequency_fine", 0, 99, "hundredths above that; if fixed, of the power of ten"),
        knob("detune", -7, 7, "how much sharper, about a cent a step"),
    )


def _pitch_envelope() -> tuple[Parameter, ...]:
    return (
        *(_knob("pitch_envelope", f"rate_{n}", 0, 99, f"how fast pitch goes to its level {n}") for n in range(1, 5)),
        *(
            _knob("pitch_envelope", f"level_{n}", 0, 99, f"level {n} of the pitch; 50 is the key's")
            for n in range(1, 5)
        ),
    )


def _global() -> tuple[Parameter, ...]:
    algorithms = tuple(str(number) for number in range(1, 33))
    return (
        Parameter.switch("global", "algorithm", algorithms, "which operators modulate which"),
        _knob("global", "feedback", 0, 7, "how much one operator modulates itself"),
        Parameter.switch(
            "global", "oscillator_key_sync", ("off", "on"), "whether oscillators begin anew with each key"
        ),
        _knob("global", "transpose", -24, 24, "how far above the key that is played", "semitones"),
    )


def _lfo() -> tuple[Parameter, ...]:
    knob, switch = partial(_knob, "lfo"), partial(Parameter.switch, "lfo")
    return (
        knob("speed", 0, 99, "how fast it swings, from 0.06 to 24 Hz"),
        knob("delay", 0, 99, "how long until it sets in"),
        knob("pitch_mod_depth", 0, 99, "how much it changes pitch, by the pitch sensitivity"),
        knob("amp_mod_depth", 0, 99, "how much it changes levels, by each operator's sensitivity"),
        switch("key_sync", ("off", "on"), "whether it begins anew with each key"),
        switch("wave", WAVES, "its form"),
        knob("pitch_mod_sensitivity", 0, 7, "how much pitch takes of its depth"),
    )


_KEYBOARD = _keyboard()

# The parameters of a voice, and the place of each among its bytes, where operator 6 is the first.
_VOICE = (
    *(
        pair
        for number in OPERATORS
        for pair in zip(_operator(f"operator_{number}"), range(21 * (6 - number), 21 * (7 - number)), strict=True)
    ),
    *zip(_pitch_envelope(), range(126, 134), strict=True),
    *zip(_global(), (134, 135, 136, 144), strict=True),
    *zip(_lfo(), range(137, 144), strict=True),
)

# The engine's tables are the whole process's, and made for one rate: sounds of two rates are never rendered at once.
_ONE_RATE = Lock()


class Dx7(Synth):
    """Yamaha's DX7: six sines that modulate each other."""

    name = "dx7"
    description = "Yamaha's DX7: six operators that modulate each other's frequency, by Dexed's engine"
    default = "dx7-default"
    panel = Panel((*_KEYBOARD, *(parameter for parameter, _ in _VOICE)))

    @property
    def missing(self) -> str | None:
        """`dx7` where dexed-py is not installed."""
        return None if find_spec("dexed") else "dx7"

    def check(self, device: str | torch.device) -> None:
        """Raises what keeps it from playing on a device, see `Synth.check`."""
        if torch.device(device).type != "cpu":
            raise ArgumentError(f"device: got {str(device)!r}, expected 'cpu', where alone dx7 plays")
        _engine()

    def render(
        self,
        physical: Float[Tensor, "batch parameter"],
        noise_rows: Int[Tensor, " batch"],
        timeline: Timeline,
        dtype: torch.dtype | None = None,
    ) -> Float[Tensor, "batch time"]:
        """Returns audio in [-1, 1], computed in float32; the same bits for the same values, see `Synth.render`.

        Raises:
            ArgumentError: The values need a gradient or lie on another device than the CPU, the audio rate is too low
                for the engine, or audio cannot be of that dtype.
            SynthError: The engine is not installed, or cannot play.
        """
        wanted = check_audio_dtype(dtype or physical.dtype)
        if physical.requires_grad and torch.is_grad_enabled():
            raise ArgumentError("physical: got values that need a gradient, expected none, since dx7 cannot give one")
        self.check(physical.device)
        if timeline.sample_rate_hz <= TOO_LOW_RATE_HZ:
            raise ArgumentError(
                f"sample_rate_hz: got {timeline.sample_rate_hz:g}, expected above {TOO_LOW_RATE_HZ}, "
                "below which dx7's engine plays wrong pitches"
            )
        dexed = _engine()
        voices = self.voices(physical)
        keys = self.whole(physical)[:, : len(_KEYBOARD)].tolist()
        # The engine rounds lengths to single precision: a block more than is wanted, so that no sample can be missing.
        seconds = (timeline.samples + 64) / timeline.sample_rate_hz
        audio = np.empty((len(physical), timeline.samples), np.float32)

        def work(part: slice) -> None:
            synth = dexed.DexedSynth(float(timeline.sample_rate_hz))
            for row in range(part.start, min(part.stop, len(physical))):
                key, velocity, duration = keys[row]
                synth.load_patch(dexed.Patch.from_sysex(voices[row].numpy().tobytes() + bytes(10)))
                try:
                    sound = synth.render(int(key), int(velocity), duration, seconds)
                except RuntimeError as error:
                    # Somebody else in this process plays at another rate.
                    raise SynthError(f"dx7: {error}") from error
                sound = sound[: timeline.samples]
                # As `peak_limited`, while the sound is in the core's cache.
                np.divide(sound, max(1.0, sound.max(), -sound.min()), out=audio[row])

        with _ONE_RATE:
            # Imported here, because Numba comes with it, which takes a second to load.
            from nebula.compilation import on_every_core

            on_every_core(work, len(physical))
        return torch.from_numpy(audio).to(wanted)

    def whole(self, physical: Float[Tensor, "batch parameter"]) -> Float[Tensor, "batch parameter"]:
        """Returns the values that are played: whole numbers, but for the key's duration."""
        given = physical.detach().cpu()
        minimum, maximum = self.panel.ranges(given)
        # The numbers of choices end one below their count.
        switches = torch.tensor([bool(parameter.choices) for parameter in self.panel])
        last = torch.where(switches, maximum - 1.0, maximum)
        counted = torch.tensor([parameter.path != "keyboard.duration" for parameter in self.panel])
        return torch.where(counted, given.round().clamp(minimum, last), given)

    def voices(self, physical: Float[Tensor, "batch parameter"]) -> UInt8[Tensor, "batch value"]:
        """Returns the 145 values of each voice as the instrument has them: from 0, and operator 6 first."""
        whole = self.whole(physical)
        counts = whole - self.panel.ranges(whole)[0]
        voices = torch.empty((len(whole), VALUES), dtype=torch.uint8)
        voices[:, [place for _, place in _VOICE]] = counts[:, len(_KEYBOARD) :].to(torch.uint8)
        return voices

    @property
    def preset_formats(self) -> tuple[str, ...]:
        """A bank of the instrument's, and settings to be read."""
        return ("syx", *super().preset_formats)

    def left_out(self, format_: str) -> tuple[str, ...]:
        """Returns the paths of what is played on a voice, for which a bank has no place."""
        return tuple(parameter.path for parameter in _KEYBOARD) if format_ == "syx" else ()

    def presets(self, physical: Float[Tensor, "sound parameter"], names: Sequence[str], format_: str) -> bytes:
        """Returns sounds as a bank of 32 voices, without their keys, or as settings; see `Synth.presets`."""
        if format_ == "syx":
            return write_bank([voice.numpy().tobytes() for voice in self.voices(physical)], names)
        return settings(self.name, self.panel, self.whole(physical), names, format_)

    def read_bank(self, content: bytes) -> tuple[list[str], Float[Tensor, "sound parameter"]]:
        """Returns the names of a bank's 32 voices and their physical values.

        A bank does not say which key is played: it is middle C, at velocity 100 and for a second. A value above its
        range, as damaged cartridges have, is taken for the largest.

        Args:
            content: Of a `.syx` file.

        Raises:
            ArgumentError: The content is no bank, or is damaged.
        """
        names, voices = zip(*read_bank(content), strict=True)
        rows = [[*_KEY, *(voice[place] + parameter.minimum for parameter, place in _VOICE)] for voice in voices]
        return list(names), self.whole(torch.tensor(rows))


def _engine() -> Any:
    """The package dexed, imported where a sound is made and nowhere else, since it is optional."""
    try:
        import dexed
    except ImportError as error:
        raise SynthError(f"synth: 'dx7' cannot play ({error}): pip install 'nebula[dx7]'") from error
    return dexed


DX7 = Dx7()
