"""The keyboard."""

from nebula.modules import Keyboard


def test_a_keyboard_is_two_parameters_and_no_signal():
    keyboard = Keyboard()
    assert [parameter.path for parameter in keyboard.parameters] == ["keyboard.midi_f0", "keyboard.duration"]
    assert keyboard.outputs == ()
