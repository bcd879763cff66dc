"""What iterable torch datasets of rendered sounds have in common: seeds in batches, shared out over workers."""

import itertools
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import TypeVar

import torch
from torch.utils.data import IterableDataset, get_worker_info

from nebula import synths
from nebula.draws import SEED_LIMIT
from nebula.errors import ArgumentError
from nebula.nebulae import Nebula

_Made = TypeVar("_Made", covariant=True)


class Batches(IterableDataset[_Made]):
    """Batches of what seeds decide, rendered as they are asked for.

    Batch i is of seeds `first_seed + i * batch_size` and following. The workers of a `torch.utils.data.DataLoader`
    share the batches out, so that the loader gives the same batches in the same order whatever their number; tell it
    `batch_size=None`, since these are batches already. On a GPU leave `num_workers` at 0: batches are made there and
    stay there.

    Args:
        nebula: A nebula, the name of a shipped one, or the path of a JSON file.
        first_seed: The first, in [0, 2**32).
        count: How many seeds; the last batch may be smaller. None is endless: after the last seed comes seed 0.
        batch_size: Seeds in a batch, at least 1.
        device: Where sounds are rendered and lie.
        dtype: Of the audio; float32 sounds are rounded to it.
        sample_rate_hz: Audio rate.
        duration_seconds: Length of every sound.

    Raises:
        ArgumentError: A number is outside its range, the device does not exist, or audio cannot be of the dtype.
        NebulaFileError: There is no such nebula.
    """

    def __init__(
        self,
        nebula: str | Nebula = "default",
        *,
        first_seed: int = 0,
        count: int | None = None,
        batch_size: int = 128,
        device: str | torch.device = "cpu",
        dtype: torch.dtype = torch.float32,
        sample_rate_hz: float = 44100,
        duration_seconds: float = 4.0,
    ) -> None:
        if not 0 <= first_seed < SEED_LIMIT:
            raise ArgumentError(f"first_seed: got {first_seed}, expected an integer from 0 to {SEED_LIMIT - 1}")
        if batch_size < 1:
            raise ArgumentError(f"batch_size: got {batch_size}, expected 1 or more")
        if count is not None and not 0 <= count <= SEED_LIMIT - first_seed:
            raise ArgumentError(f"count: got {count}, expected 0 to {SEED_LIMIT - first_seed} from seed {first_seed}")
        self.nebula = Nebula.load(nebula) if isinstance(nebula, str) else nebula
        self.first_seed, self.count, self.batch_size = first_seed, count, batch_size
        self.player = synths.get(self.nebula.synth).player(
            device, sample_rate_hz=sample_rate_hz, duration_seconds=duration_seconds, dtype=dtype
        )

    def __len__(self) -> int:
        """Number of batches.

        Raises:
            TypeError: They never end.
        """
        if self.count is None:
            raise TypeError("these sounds never end; give a count")
        return -(-self.count // self.batch_size)

    def __iter__(self) -> Iterator[_Made]:
        worker = get_worker_info()
        first, step = (worker.id, worker.num_workers) if worker else (0, 1)
        batches = itertools.count(first, step) if self.count is None else range(first, len(self), step)
        for batch in batches:
            start = batch * self.batch_size
            stop = start + self.batch_size if self.count is None else min(start + self.batch_size, self.count)
            seeds = [(self.first_seed + position) % SEED_LIMIT for position in range(start, stop)]
            with torch.no_grad():
                made = self.made(seeds)
            # Outside: whoever learns from a batch wants gradients while this waits.
            yield made

    @abstractmethod
    def made(self, seeds: Sequence[int]) -> _Made:
        """Returns the batch of these seeds.

        Args:
            seeds: In [0, 2**32), at least one.
        """
