"""Writes torchsynth_values.npz: what torchsynth 1.0.2 draws and renders, for tests/synths/test_torchsynth.py.

Run in an environment of its own, since torchsynth needs old companions:

    pip install torch==2.13.0 "setuptools<82" pytorch-lightning==1.8.6 torchmetrics==0.11.4 torchsynth==1.0.2
    python make_torchsynth_values.py

Every 97th audio sample is kept: enough to estimate each sound's mean absolute error, at a hundredth of the size. 97 is
prime, so that no oscillator is met in step.
"""

import importlib.metadata
import platform
from pathlib import Path

import numpy as np
import torch
from torchsynth.config import SynthConfig
from torchsynth.synth import Voice

BATCH_SIZE = 32
#: The first batch, and the first one of the test split.
BATCHES = (0, 288)
STRIDE = 97

torch.set_num_threads(1)
arrays = {}
for nebula in ("default", "drum"):
    voice = Voice(SynthConfig(batch_size=BATCH_SIZE), nebula=nebula)
    for batch in BATCHES:
        audio, parameters, is_train = voice(batch)
        arrays[f"{nebula}_{batch}_audio"] = audio.as_subclass(torch.Tensor)[:, ::STRIDE].numpy()
        arrays[f"{nebula}_{batch}_parameters"] = parameters.numpy()
        arrays[f"{nebula}_{batch}_is_train"] = is_train.numpy()
arrays["names"] = np.array([name.replace(".torchparameters.", ".") for name, _ in voice.named_parameters()])
arrays["ranges"] = np.array([(p.parameter_range.minimum, p.parameter_range.maximum) for p in voice.parameters()])
versions = [
    f"{name} {importlib.metadata.version(name)}" for name in ("torchsynth", "torch", "numpy", "pytorch-lightning")
]
arrays["made_with"] = np.array([f"python {platform.python_version()}", *versions])
np.savez_compressed(Path(__file__).with_name("torchsynth_values.npz"), **arrays)
