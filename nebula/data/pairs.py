"""An iterable torch dataset of doppelgängers: pairs of sounds whose parameters are near each other."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from nebula.data.batches import Batches
from nebula.draws import sample_pairs
from nebula.nebulae import Nebula


class Pair(NamedTuple):
    """A batch of pairs of sounds."""

    audio: Float[Tensor, "batch 2 time"]
    unit_parameters: Float[Tensor, "batch 2 parameter"]


class Pairs(Batches[Pair]):
    """Batches of doppelgängers: two sounds a seed, each with parameters of its own near the seed's draw.

    A network that brings the two of a pair together and pushes pairs apart learns what sounds are like without a label
    or a recording. Both have the same noise, and of a mixture the same component, which `Player.play_pairs` says.
    Seeds count pairs; further arguments and errors are those of `Batches`.

    Args:
        nebula: A nebula, the name of a shipped one, or the path of a JSON file.
        delta: How far both move away from the draw, as a share of each parameter's range: the standard deviation, 0 or
            more. Cherep and Singh found 0.25 to be the best of 0.01 to 0.5 over their tasks.

    Raises:
        ArgumentError: `delta` is negative or not finite, too.

    Example:
        >>> from nebula.data import Pairs
        >>> audio, unit_parameters = next(iter(Pairs("drum", 0.25, batch_size=3, duration_seconds=0.5)))
        >>> audio.shape, unit_parameters.shape
        (torch.Size([3, 2, 22050]), torch.Size([3, 2, 78]))

    Source:
        Cherep and Singh, "Contrastive learning from synthetic audio doppelgängers", 2024, section 3.1.
    """

    def __init__(
        self,
        nebula: str | Nebula = "default",
        delta: float = 0.25,
        *,
        first_seed: int = 0,
        count: int | None = None,
        batch_size: int = 128,
        device: str | torch.device = "cpu",
        dtype: torch.dtype = torch.float32,
        sample_rate_hz: float = 44100,
        duration_seconds: float = 4.0,
    ) -> None:
        super().__init__(
            nebula,
            first_seed=first_seed,
            count=count,
            batch_size=batch_size,
            device=device,
            dtype=dtype,
            sample_rate_hz=sample_rate_hz,
            duration_seconds=duration_seconds,
        )
        sample_pairs(self.player.synth.panel, [], delta)  # says at once what a delta may be
        self.delta = delta

    def made(self, seeds: Sequence[int]) -> Pair:
        """Returns the pairs of these seeds."""
        panel, device = self.player.synth.panel, self.player.device
        return Pair(
            self.player.play_pairs(seeds, self.nebula, self.delta), sample_pairs(panel, seeds, self.delta, device)
        )
