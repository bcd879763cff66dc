"""OpenL3's audio network: windows of sound, as pictures, to embeddings.

Four blocks of two 3 x 3 convolutions with 64, 128, 256 and 512 channels; each is rectified except the last, and the
first three blocks end with the maxima of 2 x 2 values. The embedding is the maxima of large blocks of what comes out.
"""

from __future__ import annotations

import math
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from nebula.distances.openl3.checkpoint import HALVED, Checkpoint
from nebula.distances.openl3.frontend import Picture
from nebula.tensors import Float, Tensor, torch

#: Blocks over which the last maxima are taken, by the rows of the last plane and the size of the embedding.
POOLING = {(32, 512): (32, 24), (32, 6144): (8, 8), (16, 512): (16, 24), (16, 6144): (4, 8)}

#: Windows that a thread takes at once on the CPU: so many that reading the filters, 70 MB for the last two layers, does
#: not count, and so few that they need less.
WINDOWS_PER_THREAD = 6

#: Windows that a GPU takes at once: 0.8 GB of float32 behind the first convolution.
WINDOWS_PER_CALL = 64


class Network:
    """The network with its weights on one device and in one precision.

    In single precision on the CPU and without gradients its convolutions are those of `winograd_network`, and each
    thread has windows of its own; in every other case the device's own library computes them.

    Args:
        checkpoint: The weights.
        picture: How windows become pictures.
        embedding_size: 512 or 6144.
        device: Where the network is.
        dtype: Precision of the convolutions.
    """

    def __init__(
        self, checkpoint: Checkpoint, picture: Picture, embedding_size: int, device: torch.device, dtype: torch.dtype
    ) -> None:
        self._checkpoint = checkpoint
        self._picture = picture
        self._embedding_size = embedding_size
        self._dtype = dtype
        # Used by later calls, with or without gradients, so no inference tensors.
        with torch.inference_mode(False):
            self._kernels = [
                kernel.to(device, dtype, memory_format=torch.channels_last) for kernel in checkpoint.kernels
            ]
            self._biases = [bias.to(device, dtype) for bias in checkpoint.biases]
        # Any: the name of its class is known only once the compiler is loaded.
        self._on_cpu: Any = None
        if device.type == "cpu" and dtype == torch.float32:
            # Imported here, since it loads a compiler.
            from nebula.distances.openl3.winograd_network import WinogradNetwork

            self._on_cpu = WinogradNetwork(checkpoint)

    def __call__(self, windows: Float[Tensor, "window 48000"]) -> Float[Tensor, "window dimension"]:
        """The embeddings of windows, float32.

        Args:
            windows: At 48 kHz, float32, at least one, on the network's device.
        """
        if self._on_cpu is None or (torch.is_grad_enabled() and windows.requires_grad):
            parts = windows.split(WINDOWS_PER_CALL)
            return torch.cat([self._embedding(self._by_library(self._pictures(part))) for part in parts])
        return self._in_threads(windows.detach(), self._on_cpu)

    def _in_threads(self, windows: Tensor, convolutions: Any) -> Tensor:
        of_thread = threading.local()

        def embedded(part: Tensor) -> Tensor:
            if not hasattr(of_thread, "memory"):
                of_thread.memory = convolutions.memory()
            with torch.no_grad():
                return self._embedding(convolutions(self._pictures(part), of_thread.memory))

        threads = torch.get_num_threads()
        rounds = math.ceil(len(windows) / (threads * WINDOWS_PER_THREAD))
        parts = windows.split(math.ceil(len(windows) / (threads * rounds)))
        if threads == 1 or len(parts) == 1:
            return torch.cat([embedded(part) for part in parts])
        # A thread to itself per group of windows: threads that share each of many small sums wait for one another.
        try:
            with ThreadPoolExecutor(min(threads, len(parts)), initializer=torch.set_num_threads, initargs=(1,)) as pool:
                return torch.cat(list(pool.map(embedded, parts)))
        finally:
            # The number is also the default of threads that begin later.
            torch.set_num_threads(threads)

    def _pictures(self, windows: Tensor) -> Tensor:
        return self._picture.of(windows) * self._checkpoint.scale + self._checkpoint.shift

    def _by_library(self, pictures: Tensor) -> Tensor:
        planes = pictures[:, None].to(self._dtype, memory_format=torch.channels_last)
        for number, (kernel, bias) in enumerate(zip(self._kernels, self._biases, strict=True), start=1):
            planes = torch.nn.functional.conv2d(planes, kernel, bias, padding=1)
            if number < len(self._kernels):
                planes = planes.relu()
            if number in HALVED:
                planes = torch.nn.functional.max_pool2d(planes, 2)
        return planes.permute(0, 2, 3, 1).float()

    def _embedding(self, planes: Float[Tensor, "window row column channel"]) -> Tensor:
        blocks = POOLING[planes.shape[1], self._embedding_size]
        maxima = torch.nn.functional.max_pool2d(planes.permute(0, 3, 1, 2), blocks)
        return maxima.permute(0, 2, 3, 1).flatten(1)
