"""Writes synthax_values.npz: what SynthAX 0.2.2 renders in float64, for tests/synths/test_synthax.py.

Run in an environment of its own:

    pip install synthax==0.2.2 jax==0.10.2
    python make_synthax_values.py

A few sounds of half a second at 16 kHz, of which every seventh sample is kept: enough to estimate each sound's mean
absolute error. Noise is silent, since it is another one there. Each sound is rendered alone, because a batch is scaled
by the peak of its first sound.
"""

import importlib.metadata
import os
import platform
from pathlib import Path

os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["JAX_ENABLE_X64"] = "1"

import jax
import numpy as np
from synthax.config import SynthConfig
from synthax.parameter import from_0to1, to_0to1
from synthax.synth import ParametricSynth, VoiceExpanded

SOUNDS = 6
STRIDE = 7

config = SynthConfig(batch_size=1, sample_rate=16000, buffer_size_seconds=0.5, control_rate=480)
synths = {"voice-fm": VoiceExpanded(config=config), "parametric-2-2-1-1": ParametricSynth(config, 2, 2, 1, 1)}
arrays = {}
for synth, voice in synths.items():
    draw, play = jax.jit(voice.init), jax.jit(voice.apply)
    audio, rows = [], []
    for number in range(SOUNDS):
        params = draw(jax.random.PRNGKey(number))["params"]
        modules = voice.bind({"params": params}).modules
        row, limits = {}, {}
        for module, drawn in params.items():
            owner = module.removeprefix("modules_")
            for name, value in drawn.items():
                spread = getattr(modules[owner], name)
                # Rounded to float32, so that every precision renders the same sound.
                physical = np.asarray(from_0to1(value, spread), np.float32)
                if (owner, name) == ("mixer", "level"):
                    physical[:, -1] = 0.0
                drawn[name] = to_0to1(physical.astype(np.float64), spread)
                row[f"{owner}.{name}"] = physical[0]
                limits[f"{owner}.{name}"] = (float(spread.minimum), float(spread.maximum))
        rows.append(row)
        audio.append(np.asarray(play({"params": params}), np.float32)[0, ::STRIDE])
    arrays[f"{synth} audio"] = np.stack(audio)
    arrays |= {f"{synth} {name}": np.stack([row[name] for row in rows]) for name in rows[0]}
    arrays[f"{synth} names"] = np.array(list(limits))
    arrays[f"{synth} ranges"] = np.array(list(limits.values()))
versions = [f"{name} {importlib.metadata.version(name)}" for name in ("synthax", "jax", "numpy")]
arrays["made_with"] = np.array([f"python {platform.python_version()}", *versions])
np.savez_compressed(Path(__file__).with_name("synthax_values.npz"), **arrays)
