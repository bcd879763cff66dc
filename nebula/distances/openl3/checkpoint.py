"""Weights files of OpenL3: HDF5 as Keras wrote it, plain or compressed with gzip."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy.typing as npt

from nebula.errors import WeightsError
from nebula.tensors import Float, Tensor, np, torch

#: Channels in and out of the eight convolutions.
CHANNELS = ((1, 64), (64, 64), (64, 128), (128, 128), (128, 256), (256, 256), (256, 512), (512, 512))

#: Which of them, counted from 1, the maxima of 2 x 2 values follow.
HALVED = (2, 4, 6)

#: Added to a variance before the root, as Keras does.
EPSILON = 1e-3

# No official file is a tenth of this when unpacked; what is larger is not one.
_LARGEST_BYTES = 2**28

_CONVOLUTION = frozenset({"kernel", "bias"})
_NORMALIZATION = frozenset({"gamma", "beta", "moving_mean", "moving_variance"})
# Files of release 0.3.1 also hold the constants of the front end.
_FRONTEND = frozenset({"real_kernels", "imag_kernels", "Variable", "freq2mel"})

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Checkpoint:
    """The trained numbers, with each batch normalization folded into the convolution before it.

    Attributes:
        scale: Factor of the input's normalization.
        shift: What it adds.
        kernels: Filters of the eight convolutions, each of shape (out, in, 3, 3), to be applied as correlations.
        biases: What each convolution adds.
        fingerprint: SHA-256 of the numbers as they are in the file, in hexadecimal, however it is packed.
    """

    scale: float
    shift: float
    kernels: tuple[Float[Tensor, "_ _ 3 3"], ...]
    biases: tuple[Float[Tensor, " _"], ...]
    fingerprint: str


def read(path: Path) -> Checkpoint:
    """The weights in a file of the official layout; layers count by their order, since their names vary.

    Args:
        path: The file, HDF5 or HDF5 compressed with gzip.

    Raises:
        WeightsError: There is no such file, or it does not hold the weights of OpenL3's audio network.
    """
    try:
        with h5py.File(io.BytesIO(_unpacked(path)), "r") as file:
            layers = _layers(file, path)
    except (OSError, KeyError, zlib.error, EOFError, AttributeError, TypeError, ValueError) as error:
        if isinstance(error, WeightsError):
            raise
        words = error.strerror if isinstance(error, OSError) and error.strerror else "not a complete HDF5 weights file"
        raise WeightsError(f"{path}: {words}") from error
    return _folded(layers, path)


def _unpacked(path: Path) -> bytes:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    with gzip.open(path) if packed else path.open("rb") as file:
        content = file.read(_LARGEST_BYTES + 1)
    if len(content) > _LARGEST_BYTES:
        raise WeightsError(f"{path}: more than {_LARGEST_BYTES >> 20} MB, not a weights file of OpenL3")
    return content


def _layers(file: h5py.File, path: Path) -> list[dict[str, Array]]:
    """The weights of each layer that has any, in order, those of a front end left out."""
    layers = []
    for name in (_text(name) for name in file.attrs["layer_names"]):
        stored = [_text(weight) for weight in file[name].attrs["weight_names"]]
        weights = {weight.rsplit("/", 1)[-1].split(":")[0]: np.asarray(file[name][weight]) for weight in stored}
        kinds = frozenset(weights)
        if not kinds or {kind.split("_1")[0] for kind in kinds} <= _FRONTEND:
            continue
        if kinds not in (_CONVOLUTION, _NORMALIZATION):
            raise WeightsError(
                f"{path}: layer {name!r} holds {', '.join(sorted(kinds))}, not in OpenL3's audio network"
            )
        layers.append(weights)
    return layers


def _folded(layers: list[dict[str, Array]], path: Path) -> Checkpoint:
    shapes = [{"kernel": (3, 3, *pair), "bias": pair[1:]} for pair in CHANNELS]
    expected: list[dict[str, tuple[int, ...]]] = [dict.fromkeys(_NORMALIZATION, (1,))]
    for shape, (_, channels) in zip(shapes, CHANNELS, strict=True):
        expected += [shape, dict.fromkeys(_NORMALIZATION, (channels,))]
    expected.pop()  # the embedding layer is not normalized
    found = [{kind: value.shape for kind, value in layer.items()} for layer in layers]
    if found != expected:
        place = next((k for k, pair in enumerate(zip(found, expected, strict=False)) if pair[0] != pair[1]), None)
        what = f"got {len(found)} layers with weights, expected {len(expected)}"
        if place is not None:
            what = (
                f"got shapes {_shapes(found[place])} in weighted layer {place + 1}, expected {_shapes(expected[place])}"
            )
        raise WeightsError(f"{path}: {what}; not the weights of OpenL3's audio network")
    digest = hashlib.sha256()
    for layer in layers:
        for kind in sorted(layer):
            digest.update(np.ascontiguousarray(layer[kind], "<f4").tobytes())
            if not np.isfinite(layer[kind]).all():
                raise WeightsError(f"{path}: {kind} of a layer holds values that are not finite")
    scales, shifts = zip(*(_normalization(layer) for layer in layers[0::2]), strict=True)
    kernels, biases = [], []
    for number, layer in enumerate(layers[1::2], start=1):
        # Keras keeps filters as (row, column, in, out).
        kernel, bias = layer["kernel"].astype(np.float64).transpose(3, 2, 0, 1), layer["bias"].astype(np.float64)
        if number < len(scales):
            kernel, bias = kernel * scales[number][:, None, None, None], bias * scales[number] + shifts[number]
        kernels.append(torch.from_numpy(np.ascontiguousarray(kernel, np.float32)))
        biases.append(torch.from_numpy(bias.astype(np.float32)))
    return Checkpoint(float(scales[0][0]), float(shifts[0][0]), tuple(kernels), tuple(biases), digest.hexdigest())


def _normalization(layer: dict[str, Array]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Factor and summand of gamma (x - mean) / sqrt(variance + epsilon) + beta."""
    gamma, beta, mean, variance = (
        layer[kind].astype(np.float64) for kind in ("gamma", "beta", "moving_mean", "moving_variance")
    )
    scale = gamma / np.sqrt(variance + EPSILON)
    return scale, beta - mean * scale


def _shapes(layer: dict[str, tuple[int, ...]]) -> str:
    return ", ".join(f"{kind} {layer[kind]}" for kind in sorted(layer))


def _text(name: str | bytes) -> str:
    return name.decode() if isinstance(name, bytes) else name
