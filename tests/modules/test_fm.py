"""Frequency modulation against closed forms."""

import math

import torch

from nebula.draws import Panel
from nebula.modules import FmSine, Keyboard, Timeline
from nebula.modules.fm import modulated_hz
from nebula.modules.module import Scene


def test_frequency_follows_the_modulator_between_0_and_nyquist():
    modulator = torch.tensor([[0.0, 0.5, 1.0, -1.0, 100.0]], dtype=torch.float64)
    found = modulated_hz(torch.tensor([100.0]).double(), torch.tensor([2.0]).double(), modulator, 8000.0)
    torch.testing.assert_close(found, torch.tensor([[100.0, 200.0, 300.0, 0.0, 4000.0]]).double())


def test_a_constant_modulator_shifts_the_pitch():
    fm = FmSine("fm", modulator="m")
    panel = Panel((*Keyboard().parameters, *fm.parameters))
    # An octave below MIDI 69, doubled by the modulation: 440 Hz again.
    settings = torch.tensor([[69.0, 1.0, -12.0, 2.0, math.pi / 2]], dtype=torch.float64)
    timeline = Timeline(8000, 0.5)
    signals = {"m": torch.full((1, timeline.samples), 0.5, dtype=torch.float64)}
    [wave] = fm.evaluate(Scene(panel, settings, torch.zeros(1, dtype=torch.int64), timeline, signals))
    time = torch.arange(1, timeline.samples + 1, dtype=torch.float64) / 8000
    torch.testing.assert_close(wave[0], torch.cos(2 * torch.pi * 440 * time + torch.pi / 2), rtol=0, atol=1e-8)
