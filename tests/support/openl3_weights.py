"""OpenL3 weights drawn from a seed, in the layout of the official files, so that no real ones need be stored."""

import h5py
import numpy as np

#: Channels in and out of the eight convolutions.
CHANNELS = ((1, 64), (64, 64), (64, 128), (128, 128), (128, 256), (256, 256), (256, 512), (512, 512))


def draw(seed):
    """Layers in their order, as (name, weights by name), with activations of order one as in the trained network."""
    generator = np.random.default_rng(seed)

    def normalization(number, channels, mean, variance):
        return f"batch_normalization_{number}", {
            "gamma": generator.uniform(0.8, 1.2, channels),
            "beta": generator.normal(0, 0.2, channels),
            "moving_mean": mean + generator.normal(0, 0.2, channels),
            "moving_variance": variance * generator.uniform(0.8, 1.2, channels),
        }

    # The input is in decibels below the loudest point of its window.
    layers = [("input_1", {}), normalization(1, 1, -45.0, 400.0)]
    for number, (before, after) in enumerate(CHANNELS, start=1):
        spread = np.sqrt(2 / (9 * before))
        name = f"conv2d_{number}" if number < len(CHANNELS) else "audio_embedding_layer"
        kernel = generator.normal(0, spread, (3, 3, before, after))
        layers.append((name, {"kernel": kernel, "bias": generator.normal(0, 0.2, after)}))
        if number < len(CHANNELS):
            layers.append(normalization(number + 1, after, 0.0, 1.5))
            layers.append((f"activation_{number}", {}))
        if number in (2, 4, 6):
            layers.append((f"max_pooling2d_{number // 2}", {}))
    return [(name, {key: value.astype(np.float32) for key, value in weights.items()}) for name, weights in layers]


def write(file, layers):
    """Writes layers as Keras 2 does: `/L/L/<name>:0`, their order in the attribute `layer_names`."""
    with h5py.File(file, "w") as content:
        content.attrs["layer_names"] = [name.encode() for name, _ in layers]
        content.attrs["backend"] = b"tensorflow"
        for name, weights in layers:
            group = content.create_group(name)
            group.attrs["weight_names"] = [f"{name}/{key}:0".encode() for key in weights]
            for key, value in weights.items():
                group.create_dataset(f"{name}/{key}:0", data=value)


def sounds(rate_hz=48_000):
    """Two sounds of 0.75 s in 16 bits: a falling chirp with noise, and a click in silence before a tone."""
    time = np.arange(round(0.75 * rate_hz)) / rate_hz
    generator = np.random.default_rng(7)
    chirp = 0.5 * np.sin(2 * np.pi * (6000 * time - 3500 * time**2)) + generator.normal(0, 0.01, time.size)
    # Noise as of any converter: without it the valleys of a tone's spectrum hold what a transform's rounding leaves.
    tone = np.where(time > 0.5, 0.3 * np.sin(2 * np.pi * 440 * time), 0.0) + generator.normal(0, 3e-5, time.size)
    tone[time.size // 5] = 0.9
    return (np.round(np.stack([chirp, tone]) * 32767) / 32768).astype(np.float32)
