"""An iterable torch dataset of sounds and the parameters that made them."""

from collections.abc import Sequence
from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor

from nebula.data.batches import Batches


class Sample(NamedTuple):
    """A batch of sounds."""

    audio: Float[Tensor, "batch time"]
    unit_parameters: Float[Tensor, "batch parameter"]


class Sounds(Batches[Sample]):
    """Batches of a nebula's sounds with their unit parameters; each sound is made by its seed alone.

    Arguments and errors are those of `Batches`.

    Example:
        >>> from nebula.data import Sounds
        >>> from torch.utils.data import DataLoader
        >>> loader = DataLoader(Sounds("drum", count=6, batch_size=4, duration_seconds=0.5), batch_size=None)
        >>> [tuple(audio.shape) for audio, unit_parameters in loader]
        [(4, 22050), (2, 22050)]
    """

    def made(self, seeds: Sequence[int]) -> Sample:
        """Returns the sounds of these seeds."""
        return Sample(self.player.play(seeds, self.nebula), self.player.synth.sample(seeds, self.player.device))
