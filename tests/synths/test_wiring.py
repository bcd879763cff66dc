"""Wirings: panel and renderers follow from the modules, and what cannot be wired is refused."""

import re

import numpy as np
import pytest
import torch

from nebula.draws import to_physical
from nebula.errors import ArgumentError
from nebula.modules import Adsr, FmSine, Keyboard, Lfo, Matrix, Mixer, Noise, Sine, SquareSaw, Timeline
from nebula.modules.loops.grid import grid
from nebula.modules.loops.render import render, trio_first
from nebula.modules.noise import noise_table
from nebula.synths import Wiring
from nebula.synths.fused_cpu import table_of
from nebula.synths.voice import VOICE

TIMELINE = Timeline(16_000, 0.4, 200)
ROWS = torch.arange(12) % 32

# Of `nebula.synths.fused_cpu`: below ROUNDING no error means anything, and the others are its bounds.
ROUNDING, STATED, STATED_OF_FM = 1e-6, 2e-5, 2e-2

ENVELOPE = (Keyboard(), Adsr("adsr"))


def every_module(name="all"):
    """A synth with every module, a mixer in a mixer, and a sine that is heard and modulates another."""
    return Wiring(
        name,
        "every module",
        (
            *ENVELOPE,
            Lfo("plain"),
            Lfo("moved", speed="adsr", level="plain"),
            Matrix("matrix", ("adsr", "plain", "moved"), ("pitch", "level")),
            Sine("sine", pitch="pitch", level="level"),
            SquareSaw("saw", pitch="moved", level="adsr"),
            Noise("hiss", level="level"),
            FmSine("bare", modulator="sine"),
            FmSine("fm", modulator="bare", level="adsr"),
            Mixer("inner", ("hiss", "saw")),
            Mixer("mixer", ("sine", "inner", "fm")),
        ),
    )


def settings(synth, count=12, index=1.0):
    unit = synth.sample(range(count))
    flags = torch.zeros(len(synth.panel), dtype=torch.bool)
    physical = to_physical(synth.panel, unit, torch.ones(len(synth.panel)), flags)
    for (module, name), column in synth.panel.columns.items():
        if module in ("bare", "fm") and name == "mod_depth":
            physical[:, column] = index
    return physical


def check(synth, physical):
    exact = synth.reference(physical.double(), ROWS, TIMELINE)
    ours, theirs = (
        (render(physical, ROWS, TIMELINE).double() - exact).square().mean(dim=1).sqrt()
        for render in (synth.fused, synth.reference)
    )
    # None is silent.
    assert bool((exact.abs().amax(dim=1) > 0).all())
    modulated = any(isinstance(module, FmSine) for module in synth.modules)
    assert float(ours.max()) < (STATED_OF_FM if modulated else STATED)
    assert float(ours.median()) < (1e-3 if modulated else STATED)
    assert bool((ours <= theirs.clamp(min=ROUNDING)).all())


def test_the_panel_is_that_of_the_modules_in_order():
    synth = every_module()
    assert list(synth.panel.modules) == [module.name for module in synth.modules if module.parameters]
    assert synth.parameters == tuple(parameter for module in synth.modules for parameter in module.parameters)


def test_both_renderers_of_every_module_agree():
    check(every_module(), settings(every_module()))


@pytest.mark.parametrize(
    "sounding",
    [
        (Sine("x", pitch="adsr", level="adsr"),),
        (SquareSaw("x", pitch="adsr", level="adsr"),),
        (Noise("x", level="adsr"),),
        (Sine("m", pitch="adsr", level="adsr"), FmSine("x", modulator="m", level="adsr")),
        (Lfo("wobble"), Sine("x", pitch="wobble", level="wobble")),
        (Noise("a", level="adsr"), Mixer("x", ("a",))),
        (Noise("a", level="adsr"), Mixer("b", ("a",)), Mixer("c", ("b",)), Mixer("x", ("c", "b"))),
    ],
    ids=["sine", "square-saw", "noise", "fm", "lfo", "mixer", "mixers"],
)
def test_each_module_alone_is_alike_in_both_renderers(sounding):
    synth = Wiring("alone", "one module", (*ENVELOPE, *sounding))
    check(synth, settings(synth))


def test_a_sound_has_the_same_bits_in_any_batch():
    synth = every_module()
    physical = settings(synth)
    together = synth.fused(physical, ROWS, TIMELINE)
    alone = [synth.fused(physical[i : i + 1], ROWS[i : i + 1], TIMELINE) for i in range(len(physical))]
    assert torch.equal(torch.cat(alone), together)


def test_a_loop_of_three_gives_the_bits_of_three_loops():
    physical = settings(VOICE, 32)
    silent = [VOICE.panel.columns["mixer", name] for name in ("vco_1", "vco_2", "noise")]
    for i, column in enumerate(silent):
        physical[i, column] = 0.0
    cut, steps = grid(TIMELINE), table_of(VOICE.assembly.audio)
    trio_steps, trio = trio_first(steps)
    assert trio
    audio = {}
    for form, ordered in ((True, trio_steps), (False, trio_steps)):
        audio[form] = np.empty((32, TIMELINE.samples), np.float32)
        render(
            audio[form],
            physical.numpy(),
            np.arange(32),
            noise_table(TIMELINE.samples, torch.float32, "cpu").numpy(),
            table_of(VOICE.assembly.control),
            ordered,
            form,
            len(VOICE.assembly.signals),
            1,
            cut.start,
            cut.index,
            cut.offset,
            cut.block,
            TIMELINE.control_samples,
            float(TIMELINE.sample_rate_hz),
            float(TIMELINE.control_rate_hz),
        )
    np.testing.assert_array_equal(audio[True], audio[False])
    assert np.abs(audio[True]).max() > 0.5


SINE = Sine("sine", pitch="adsr", level="adsr")


@pytest.mark.parametrize(
    ("modules", "message"),
    [
        (
            (*ENVELOPE, Matrix("one", ("adsr",), ("x",)), Matrix("two", ("adsr",), ("x",)), SINE),
            "odd: got two modules that make 'x', expected one",
        ),
        ((Keyboard(), SINE), "odd: sine takes 'adsr', which no module makes"),
        ((Adsr("adsr"), SINE), "odd: adsr reads 'keyboard', which is no module of the synth"),
        (
            (*ENVELOPE, FmSine("a", modulator="b"), FmSine("b", modulator="a")),
            "odd: signals depend on themselves",
        ),
        ((*ENVELOPE, SINE, SINE), "parameters: got sine.tuning twice, expected each once"),
    ],
)
def test_what_cannot_be_wired_is_named(modules, message):
    with pytest.raises(ArgumentError, match=f"^{re.escape(message)}$"):
        Wiring("odd", "cannot be", modules)
