"""synth1B1: one billion four-second sounds, each known by its number."""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from nebula.draws import Seeds
from nebula.errors import ArgumentError
from nebula.nebulae import Nebula
from nebula.synths import Voice
from nebula.synths.voice import VOICE

# Nine blocks of this many sounds are for training, the tenth for testing.
_SPLIT_BLOCK_SOUNDS = 1024


def sample(seeds: Seeds, device: str | torch.device = "cpu") -> Float[Tensor, "batch parameter"]:
    """Returns unit parameters of the Voice; seed s gives those of sound s of synth1B1, on every device, in every batch.

    Args:
        seeds: One integer in [0, 2**32) for each sound.
        device: Where the result lies.

    Raises:
        ArgumentError: A seed is not an integer or lies outside that range.

    Example:
        >>> import nebula
        >>> nebula.sample([7, 8]).shape
        torch.Size([2, 78])
        >>> bool((nebula.sample([7, 8])[1] == nebula.sample([8])[0]).all())
        True
    """
    return VOICE.sample(seeds, device)


class Batch(NamedTuple):
    """A batch of synth1B1."""

    audio: Float[Tensor, "batch time"]
    unit_parameters: Float[Tensor, "batch parameter"]
    is_train: Bool[Tensor, " batch"]


def synth1b1(
    batch_index: int,
    batch_size: int = 128,
    nebula: str | Nebula = "default",
    device: str | torch.device = "cpu",
) -> Batch:
    """Returns batch `batch_index` of synth1B1: audio at 44.1 kHz, its unit parameters and the train/test flag.

    Parameters are torchsynth 1.0.2's exactly; audio is its audio up to rounding. A sound does not depend on the batch
    size, provided that torchsynth's would not either: at batch sizes that are multiples of 32.

    Args:
        batch_index: 0 or more.
        batch_size: 1 or more.
        nebula: Name or path of a nebula, or the nebula itself.
        device: Where sounds are rendered.

    Raises:
        ArgumentError: An argument is outside its range.
        NebulaFileError: There is no such nebula.

    Example:
        >>> import nebula
        >>> audio, unit_parameters, is_train = nebula.synth1b1(9, batch_size=2)
        >>> audio.shape, unit_parameters.shape, is_train.tolist()
        (torch.Size([2, 176400]), torch.Size([2, 78]), [True, True])
    """
    for name, value, least in (("batch_index", batch_index, 0), ("batch_size", batch_size, 1)):
        if value < least:
            raise ArgumentError(f"{name}: got {value}, expected {least} or more")
    numbers = torch.arange(batch_index * batch_size, (batch_index + 1) * batch_size)
    unit_parameters = sample(numbers, device)
    chosen = Nebula.load(nebula) if isinstance(nebula, str) else nebula
    is_train = (numbers // _SPLIT_BLOCK_SOUNDS) % 10 != 9
    return Batch(Voice(device).play(numbers, chosen), unit_parameters, is_train.to(device))
