"""OpenL3's weights from the official files, and what is none of these."""

import gzip

import h5py
import numpy as np
import openl3_weights
import pytest

from nebula.distances.openl3 import checkpoint
from nebula.errors import WeightsError


def test_names_of_layers_do_not_count_and_a_front_end_is_left_out(drawn, tmp_path):
    layers = openl3_weights.draw(1)
    shifted = [(f"{name}_{number + 17}", weights) for number, (name, weights) in enumerate(layers)]
    spectrogram = ("melspectrogram_1", {"real_kernels": np.ones((4, 4)), "freq2mel": np.ones((2, 2))})
    path = tmp_path / "shifted.h5"
    openl3_weights.write(path, [*shifted[:1], spectrogram, *shifted[1:]])
    assert checkpoint.read(path).fingerprint == checkpoint.read(drawn("mel256")).fingerprint


def test_what_is_not_an_audio_network_of_openl3_is_refused(tmp_path):
    layers = openl3_weights.draw(1)
    cases = {
        "is missing": None,
        "in weighted layer 3, expected beta": [*layers[:3], *layers[4:]],
        "got 15 layers with weights, expected 16": layers[:-1],
        "layer 'lstm' holds recurrent": [*layers, ("lstm", {"recurrent": np.ones(3)})],
    }
    for number, (words, chosen) in enumerate(cases.items()):
        path = tmp_path / f"{number}.h5"
        if chosen is None:
            with pytest.raises(WeightsError, match="No such file"):
                checkpoint.read(path)
            continue
        openl3_weights.write(path, chosen)
        with pytest.raises(WeightsError, match=words):
            checkpoint.read(path)


def test_damaged_files_are_refused(tmp_path, drawn):
    whole = drawn("mel256").read_bytes()
    packed = gzip.compress(whole, 1)
    for number, content in enumerate(
        [b"", b"not weights", whole[: len(whole) // 2], packed[: len(packed) // 2], gzip.compress(b"no")]
    ):
        path = tmp_path / f"{number}.h5"
        path.write_bytes(content)
        with pytest.raises(WeightsError, match="not a complete HDF5 weights file"):
            checkpoint.read(path)
    with h5py.File(tmp_path / "empty.h5", "w"):
        pass
    with pytest.raises(WeightsError, match="not a complete HDF5 weights file"):
        checkpoint.read(tmp_path / "empty.h5")


def test_weights_that_are_not_finite_are_refused(tmp_path):
    layers = openl3_weights.draw(1)
    layers[2][1]["bias"][3] = np.nan
    openl3_weights.write(tmp_path / "nan.h5", layers)
    with pytest.raises(WeightsError, match="bias of a layer holds values that are not finite"):
        checkpoint.read(tmp_path / "nan.h5")
