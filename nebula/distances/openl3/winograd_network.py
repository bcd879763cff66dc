"""OpenL3's convolutions on the CPU, by `winograd`, to be called from several threads at once.

They take less than half the processor time of torch's own: `benchmarks/openl3_convolution.md`.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from nebula.distances.openl3 import winograd
from nebula.distances.openl3.checkpoint import HALVED, Checkpoint

#: Layers that are taken window by window, so that their planes stay in cache.
WIDE = (2, 3, 4)


class WinogradNetwork:
    """All eight convolutions with what follows each of them.

    Args:
        checkpoint: The weights.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._kernel = checkpoint.kernels[0]
        self._biases = checkpoint.biases
        self._filters = [winograd.transform_filters(kernel) for kernel in checkpoint.kernels[1:]]

    def memory(self) -> winograd.Memory:
        """What a thread needs to call this."""
        return winograd.Memory()

    def __call__(
        self, pictures: Float[Tensor, "window frequency frame"], memory: winograd.Memory
    ) -> Float[Tensor, "window row column 512"]:
        """What the last convolution gives, to be used before the memory is used again.

        Args:
            pictures: At least one, normalized, without gradient.
            memory: The calling thread's.
        """
        with torch.inference_mode():
            halvings = sum(number in HALVED for number in WIDE)
            height, width = (length >> halvings for length in pictures.shape[1:])
            plane = winograd.Plane.within(memory, "deep", len(pictures), height, width, len(self._biases[WIDE[-1] - 1]))
            for window, picture in enumerate(pictures):
                wide: winograd.TileSource = _FirstLayer(picture, self._kernel, self._biases[0], memory)
                for number in WIDE:
                    wide = last = self._convolve(wide, number, memory)
                plane.inside[window] = last.inside[0]
            for number in range(WIDE[-1] + 1, len(self._biases) + 1):
                plane = self._convolve(plane, number, memory)
            return plane.inside

    def _convolve(self, source: winograd.TileSource, number: int, memory: winograd.Memory) -> winograd.Plane:
        return winograd.convolve(
            source,
            self._filters[number - 2],
            self._biases[number - 1],
            memory,
            ("even", "odd")[number % 2],
            rectify=number < len(self._biases),
            halve=number in HALVED,
        )


class _FirstLayer:
    """The first convolution, whose rows are computed as the second asks for them, so that they never leave the cache.

    It has one channel in, so it is one matrix product over the nine neighbours of each point and a one for the bias.
    """

    batch = 1

    def __init__(self, picture: Tensor, kernel: Tensor, bias: Tensor, memory: winograd.Memory) -> None:
        self.height, self.width = picture.shape
        self._matrix = torch.cat([kernel.reshape(len(bias), 9), bias[:, None]], dim=1).t().contiguous()
        self._memory = memory
        rows, self._columns = (winograd.TILE * winograd.tiles(length) + 2 for length in picture.shape)
        self._padded = torch.nn.functional.pad(picture, (2, self._columns - self.width, 2, rows - self.height))

    def rows(self, window: int, windows: int, first: int, count: int) -> tuple[Tensor, int]:
        columns, channels = self._columns, self._matrix.shape[1]
        stride = self._padded.stride(0)
        # Row r and column c of the plane need rows r - 2 to r and columns c - 2 to c of the picture.
        neighbours = self._padded.as_strided((3, 3, count, columns), (stride, 1, stride, 1), first * stride)
        points = self._memory.shaped("points", 10, count * columns)
        points[:9].view(neighbours.shape).copy_(neighbours)
        points[9] = 1
        rows = self._memory.shaped("first layer", 1, count, columns, channels)
        torch.mm(points.t(), self._matrix, out=rows.view(-1, channels)).relu_()
        winograd.clear_frame(rows, first, self.height, self.width)
        return rows, 0
