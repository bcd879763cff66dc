"""Agreement with SynthAX 0.2.2; data/make_synthax_values.py made the stored values and holds their versions."""

from pathlib import Path

import numpy as np
import pytest
import torch

from nebula import synths
from nebula.modules import Matrix, Mixer
from nebula.synths import Timeline

STRIDE = 7
TIMELINE = Timeline(16000, 0.5, 480)

both = pytest.mark.parametrize("name", ["voice-fm", "parametric-2-2-1-1"])


@pytest.fixture(scope="module")
def stored():
    with np.load(Path(__file__).with_name("data") / "synthax_values.npz") as values:
        yield dict(values)


def columns_of(module, values):
    """SynthAX's values of a module, a column for each of our parameters."""
    if isinstance(module, Matrix):
        # Targets are rows there.
        return values["mod_matrix.mod"].swapaxes(1, 2).reshape(len(values["mod_matrix.mod"]), -1)
    if isinstance(module, Mixer):
        return values["mixer.level"]
    return np.stack([values[parameter.path] for parameter in module.parameters], axis=1)


@pytest.fixture
def sounds(stored, name):
    """A synth, SynthAX's physical values in the order of its panel, and SynthAX's sounds of them."""
    synth = synths.get(name)
    values = {key.removeprefix(f"{name} "): value for key, value in stored.items()}
    physical = np.concatenate([columns_of(module, values) for module in synth.modules if module.parameters], axis=1)
    return synth, torch.from_numpy(physical), values["audio"]


@both
def test_parameters_and_ranges_are_synthaxs(stored, name):
    ranges = dict(zip(stored[f"{name} names"].tolist(), stored[f"{name} ranges"].tolist(), strict=True))
    ours = {}
    for parameter in synths.get(name).parameters:
        path = {"mod_matrix": "mod_matrix.mod", "mixer": "mixer.level"}.get(parameter.module, parameter.path)
        ours.setdefault(path, (parameter.minimum, parameter.maximum))
        assert ours[path] == (parameter.minimum, parameter.maximum)
    assert ours.keys() == ranges.keys()
    # SynthAX's pi is a float32, ours is not.
    np.testing.assert_allclose([ours[path] for path in ranges], [ranges[path] for path in ranges], rtol=0, atol=1e-6)


@both
def test_the_reference_renders_synthaxs_sounds(sounds):
    synth, physical, expected = sounds
    rows = torch.zeros(len(physical), dtype=torch.int64)
    audio = synth.reference(physical.double(), rows, TIMELINE).numpy()[:, ::STRIDE]
    error = np.abs(audio - expected).mean(axis=1)
    # Stored audio is rounded to 6e-8. Beyond that both are exact, but for the last digits of the LFOs' exponent.
    assert error.max() < 1e-4
    assert np.median(error) < 1e-5


@both
def test_the_fused_renderer_renders_synthaxs_sounds(sounds):
    synth, physical, expected = sounds
    rows = torch.zeros(len(physical), dtype=torch.int64)
    audio = synth.fused(physical, rows, TIMELINE).numpy()[:, ::STRIDE]
    error = np.abs(audio - expected).mean(axis=1)
    # A carrier sums what its modulator, rounded to float32, makes of its frequency: errors of its phase grow.
    assert error.max() < 2e-3
    assert np.median(error) < 1e-3
