"""Writes openl3_reference.npz: what the original OpenL3 computes with the weights of `openl3_weights`.

Each front end is that of its own release: 0.4.2 with kapre 0.4.1, 0.3.1 with kapre 0.1.4. Both need the sources of
marl/openl3 (tags v0.4.2 and v0.3.1), since neither can be installed any more, and an environment of their own:

    pip install tensorflow-cpu==2.21.0 h5py resampy==0.2.2 librosa==0.11.0 scikit-learn scikit-image moviepy
    pip install --no-deps tf_keras==2.21.0 kapre==0.4.1
    pip install --no-deps --target OLD kapre==0.1.4
    python tests/distances/openl3/openl3_reference.py 0.4.2 SOURCE_OF_0.4.2
    python tests/distances/openl3/openl3_reference.py 0.3.1 SOURCE_OF_0.3.1 OLD

Two things are bridged for 0.3.1, which ran on Keras 2.2 and librosa 0.6: the module `keras` is `tf_keras`, the same
code line continued, and the filters that librosa called `norm=1` are called `norm="slaney"` today.
"""

import os
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

os.environ["TF_USE_LEGACY_KERAS"] = "1"
sys.path.insert(0, str(Path(__file__).parents[2] / "support"))

import numpy as np
import openl3_weights

#: Picture, size of the embedding, sample rate, number of the sound.
CASES = (
    ("mel256", 512, 48_000, 0),
    ("mel256", 512, 48_000, 1),
    ("mel256", 512, 44_100, 0),
    ("mel256", 6144, 48_000, 1),
    ("mel128", 512, 48_000, 1),
    ("mel128", 6144, 48_000, 0),
    ("linear", 512, 48_000, 0),
    ("linear", 512, 48_000, 1),
)
SEEDS = {"mel256": 1, "mel128": 2, "linear": 3}
STORED = Path(__file__).with_name("openl3_reference.npz")


def bridge_to_keras_2_2():
    """Lets code of 2019 import `keras` and librosa's filters under their names of then."""
    import types

    import librosa
    import tf_keras

    engine = types.ModuleType("keras.engine")
    engine.Layer, engine.InputSpec = tf_keras.layers.Layer, tf_keras.layers.InputSpec
    sys.modules.update({"keras": tf_keras, "keras.engine": engine})
    for name in ("backend", "layers", "models", "regularizers", "utils"):
        sys.modules[f"keras.{name}"] = getattr(tf_keras, name)
    from tf_keras.src.utils import conv_utils

    sys.modules["keras.utils.conv_utils"] = conv_utils
    filters = librosa.filters.mel
    librosa.filters.mel = lambda norm=1, **settings: filters(norm={1: "slaney"}[norm], **settings)


def main():
    frontend, source, *old = sys.argv[1:]
    sys.path.insert(0, source)
    if frontend == "0.3.1":
        sys.path.insert(0, old[0])
        bridge_to_keras_2_2()
    import kapre
    import openl3
    from openl3 import models

    stored = dict(np.load(STORED)) if STORED.exists() else {}
    values = {key: value for key, value in stored.items() if not key.startswith(f"{frontend}/")}
    for representation, size, rate_hz, number in CASES:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"drawn_{representation}_music.h5"
            layers = openl3_weights.draw(SEEDS[representation])
            openl3_weights.write(path, layers)
            if frontend == "0.4.2":
                model = models.load_audio_embedding_model_from_path(str(path), representation, size)
            else:
                # The files of 0.3.1 hold the front end's constants as well; here the other layers are set in order.
                original = models.AUDIO_MODELS[representation]
                models.AUDIO_MODELS[representation] = constructed(original, layers)
                model = models.load_audio_embedding_model(representation, "music", size)
                models.AUDIO_MODELS[representation] = original
        sound = openl3_weights.sounds(rate_hz)[number]
        # Double precision, as its command line reads files: resampling keeps it.
        embedding, _ = openl3.get_audio_embedding(sound.astype(np.float64), rate_hz, model=model, verbose=0)
        # Of the long embeddings two windows say as much as all.
        embedding = embedding if size == 512 else embedding[-2:]
        values[f"{frontend}/{representation}/{size}/{rate_hz}/{number}"] = embedding.astype(np.float32)
    packages = ("tensorflow-cpu", "tf_keras", "numpy", "librosa", "resampy")
    used = [f"openl3 {openl3.__version__}", f"kapre {kapre.__version__}", *(f"{p} {version(p)}" for p in packages)]
    values[f"{frontend}/versions"] = np.array(", ".join(used))
    np.savez_compressed(STORED, **values)
    for key, value in values.items():
        print(key, value if value.dtype.kind == "U" else (value.shape, float(np.abs(value).max()), float(value.std())))


def constructed(construct, layers):
    """A model whose layers after the front end hold the given weights, and which then declines to read a file."""
    model = construct()
    weighted = [layer for layer in model.layers if layer.weights and "spectrogram" not in layer.name]
    for layer, (_, weights) in zip(weighted, (entry for entry in layers if entry[1]), strict=True):
        layer.set_weights(list(weights.values()))
    model.load_weights = lambda path: None
    return lambda: model


if __name__ == "__main__":
    main()
