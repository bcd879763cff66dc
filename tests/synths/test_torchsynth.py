"""Agreement with torchsynth 1.0.2; data/make_torchsynth_values.py made the stored values and holds their versions."""

from pathlib import Path

import numpy as np
import pytest

import nebula
from nebula import PARAMETERS

BATCH_SIZE = 32
STRIDE = 97


@pytest.fixture(scope="module")
def stored():
    with np.load(Path(__file__).with_name("data") / "torchsynth_values.npz") as values:
        yield dict(values)


def test_parameters_and_ranges_are_torchsynths(stored):
    assert [parameter.path for parameter in PARAMETERS] == stored["names"].tolist()
    # torchsynth's pi is a float32, ours is not.
    ours = [(parameter.minimum, parameter.maximum) for parameter in PARAMETERS]
    np.testing.assert_allclose(ours, stored["ranges"], rtol=0, atol=1e-7)


@pytest.mark.parametrize("batch", [0, 288])
@pytest.mark.parametrize("name", ["default", "drum"])
def test_synth1b1_is_torchsynths(stored, name, batch):
    audio, parameters, is_train = nebula.synth1b1(batch, BATCH_SIZE, name)
    np.testing.assert_array_equal(parameters.numpy(), stored[f"{name}_{batch}_parameters"])
    np.testing.assert_array_equal(is_train.numpy(), stored[f"{name}_{batch}_is_train"])
    error = np.abs(audio.numpy()[:, ::STRIDE] - stored[f"{name}_{batch}_audio"]).mean(axis=1)
    # The bound of 1e-2 is torchsynth's own promise between devices; most sounds must be far closer.
    assert error.max() < 1e-2
    assert np.median(error) < 1e-4


def test_train_and_test_alternate_by_blocks_of_1024():
    first_of_test_block = 9 * 1024
    before = nebula.synth1b1(first_of_test_block - 1, 1).is_train.tolist()
    first = nebula.synth1b1(first_of_test_block, 1).is_train.tolist()
    last = nebula.synth1b1(first_of_test_block + 1023, 1).is_train.tolist()
    after = nebula.synth1b1(first_of_test_block + 1024, 1).is_train.tolist()
    assert (before, first, last, after) == ([True], [False], [False], [True])


def test_arguments_out_of_range_are_named():
    with pytest.raises(nebula.errors.ArgumentError, match=r"^batch_index: got -1, expected 0 or more$"):
        nebula.synth1b1(-1)
    with pytest.raises(nebula.errors.ArgumentError, match=r"^batch_size: got 0, expected 1 or more$"):
        nebula.synth1b1(0, 0)
