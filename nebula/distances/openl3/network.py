"""OpenL3's audio network: pictures to embeddings.

Four blocks of two 3 x 3 convolutions with 64, 128, 256 and 512 channels; each is rectified except the last, and the
first three blocks end with the maxima of 2 x 2 values. The embedding is the maxima of large blocks of what comes out.
"""

from concurrent.futures import ThreadPoolExecutor

import torch
from jaxtyping import Float
from torch import Tensor

from nebula.distances.openl3 import winograd
from nebula.distances.openl3.checkpoint import Checkpoint

#: Blocks over which the last maxima are taken, by the rows of the last plane and the size of the embedding.
POOLING = {(32, 512): (32, 24), (32, 6144): (8, 8), (16, 512): (16, 24), (16, 6144): (4, 8)}

#: Convolutions after which planes are halved.
HALVED = (2, 4, 6)

#: Windows that a CPU thread takes through the deep layers together: enough that reading the filters, 70 MB for the last
#: two layers, does not count.
WINDOWS_PER_THREAD = 12

#: Windows that a GPU takes at once: 0.8 GB of float32 behind the first convolution.
WINDOWS_PER_CALL = 64


class Network:
    """The network with its weights on one device and in one precision.

    In single precision on the CPU and without gradients it computes its convolutions by `winograd`, each thread for
    windows of its own; in every other case by the device's own library.

    Args:
        checkpoint: The weights.
        embedding_size: 512 or 6144.
        device: Where the network is.
        dtype: Precision of the convolutions.
    """

    def __init__(self, checkpoint: Checkpoint, embedding_size: int, device: torch.device, dtype: torch.dtype) -> None:
        self.checkpoint = checkpoint
        self.embedding_size = embedding_size
        self.device = device
        self.dtype = dtype
        # Used by later calls, with or without gradients, so no inference tensors.
        with torch.inference_mode(False):
            self.kernels = [
                kernel.to(device, dtype, memory_format=torch.channels_last) for kernel in checkpoint.kernels
            ]
            self.biases = [bias.to(device, dtype) for bias in checkpoint.biases]
            self.filters: list[Tensor] = []
            if device.type == "cpu" and dtype == torch.float32:
                self.filters = [winograd.transform_filters(kernel) for kernel in checkpoint.kernels[1:]]

    def __call__(self, pictures: Float[Tensor, "window frequency frame"]) -> Float[Tensor, "window dimension"]:
        """The embeddings of pictures, float32.

        Args:
            pictures: In decibels, float32, at least one, on the network's device.
        """
        normalized = pictures * self.checkpoint.scale + self.checkpoint.shift
        if self.filters and not (torch.is_grad_enabled() and pictures.requires_grad):
            return self._by_winograd(normalized.detach())
        return torch.cat([self._by_library(part) for part in normalized.split(WINDOWS_PER_CALL)])

    def _by_library(self, pictures: Tensor) -> Tensor:
        planes = pictures[:, None].to(self.dtype, memory_format=torch.channels_last)
        for number, (kernel, bias) in enumerate(zip(self.kernels, self.biases, strict=True), start=1):
            planes = torch.nn.functional.conv2d(planes, kernel, bias, padding=1)
            if number < len(self.kernels):
                planes = planes.relu()
            if number in HALVED:
                planes = torch.nn.functional.max_pool2d(planes, 2)
        return self._embedding(planes.permute(0, 2, 3, 1)).float()

    def _by_winograd(self, pictures: Tensor) -> Tensor:
        threads = torch.get_num_threads()
        size = max(1, min(WINDOWS_PER_THREAD, -(-len(pictures) // threads)))
        parts = pictures.split(size)
        if threads == 1 or len(parts) == 1:
            return torch.cat([self._part_by_winograd(part) for part in parts])
        # A thread to itself per group of windows: threads that share each of many small sums wait for one another.
        try:
            with ThreadPoolExecutor(min(threads, len(parts)), initializer=torch.set_num_threads, initargs=(1,)) as pool:
                return torch.cat(list(pool.map(self._part_by_winograd, parts)))
        finally:
            # The number is also the default of threads that begin later.
            torch.set_num_threads(threads)

    def _part_by_winograd(self, pictures: Tensor) -> Tensor:
        with torch.inference_mode():
            memory = winograd.Memory()
            # The wide layers window by window, so that they stay in cache; the deep ones together.
            plane = winograd.Plane.within(memory, "deep", len(pictures), *_halved(pictures.shape[1:], 2), 128)
            for number, picture in enumerate(pictures):
                first = _FirstLayer(picture, self.kernels[0], self.biases[0], memory)
                wide = self._convolve(first, 2, memory, "even")
                wide = self._convolve(wide, 3, memory, "odd")
                plane.values[number] = self._convolve(wide, 4, memory, "even").values[0]
            for number in range(5, len(self.kernels) + 1):
                plane = self._convolve(plane, number, memory, ("even", "odd")[number % 2])
            return self._embedding(plane.columns()).clone()

    def _convolve(self, source: winograd.Source, number: int, memory: winograd.Memory, place: str) -> winograd.Plane:
        last = number == len(self.kernels)
        filters, bias = self.filters[number - 2], self.biases[number - 1]
        return winograd.convolve(source, filters, bias, memory, place, rectify=not last, halve=number in HALVED)

    def _embedding(self, planes: Float[Tensor, "window row column channel"]) -> Tensor:
        blocks = POOLING[planes.shape[1], self.embedding_size]
        maxima = torch.nn.functional.max_pool2d(planes.permute(0, 3, 1, 2), blocks)
        return maxima.permute(0, 2, 3, 1).flatten(1)


class _FirstLayer:
    """The first convolution, whose rows are computed as the second asks for them, so that they never leave the cache.

    It has one channel in, so it is one matrix product over the nine neighbours of each point.
    """

    batch = 1

    def __init__(self, picture: Tensor, kernel: Tensor, bias: Tensor, memory: winograd.Memory) -> None:
        self.height, self.width = picture.shape
        self._matrix = kernel.reshape(len(bias), 9).t()
        self._bias = bias
        self._memory = memory
        self._tiles = -(-self.width // winograd.TILE) + 1
        # Row r and column c of the plane need rows r - 2 to r and columns c - 2 to c of the picture.
        below = winograd.TILE * -(-self.height // winograd.TILE) + 2 - self.height
        beside = winograd.TILE * self._tiles - self.width
        self._padded = torch.nn.functional.pad(picture, (2, beside, 2, below))

    def rows(self, window: int, windows: int, first: int, count: int) -> Tensor:
        phases, tiles, channels = winograd.TILE, self._tiles, len(self._bias)
        stride = self._padded.stride(0)
        shape = (count, phases, tiles, 3, 3)
        neighbours = self._padded.as_strided(shape, (stride, 1, phases, stride, 1), first * stride)
        points = self._memory.shaped("points", count * phases * tiles, 9)
        points.view(shape).copy_(neighbours)
        rows = self._memory.shaped("first layer", 1, count, phases, tiles, channels)
        torch.addmm(self._bias, points, self._matrix, out=rows.view(-1, channels)).relu_()
        winograd.clear_frame(rows, first, self.height, self.width)
        return rows


def _halved(shape: torch.Size, times: int) -> tuple[int, int]:
    height, width = shape
    return height >> times, width >> times
