"""3 x 3 convolutions on the CPU with a quarter of the multiplications, by Winograd's minimal filtering F(4 x 4, 3 x 3).

Four outputs of a three-tap filter need six products, not twelve: with d six neighbouring inputs and g the filter,
y = A' [(G g) * (B' d)], and in two dimensions 36 products, not 144, for a tile of 4 x 4 outputs. Over channels each of
the 36 becomes a matrix product of (tile, channel in) by (channel in, channel out), which is where the time goes.

Lavin and Gray, "Fast algorithms for convolutional neural networks", CVPR 2016, section 4.3, gives A, B and G.
"""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

from nebula.distances.openl3.transforms import transform_input, transform_output

#: Outputs of a tile along each axis.
TILE = 4

#: Tiles transformed together. Of the sizes tried, from 50 to 400, the fastest for OpenL3, by a few hundredths.
TILES_PER_STEP = 300

# G, from three taps to six products.
_FILTER_TRANSFORM = (
    (1 / 4, 0, 0),
    (-1 / 6, -1 / 6, -1 / 6),
    (-1 / 6, 1 / 6, -1 / 6),
    (1 / 24, 1 / 12, 1 / 6),
    (1 / 24, -1 / 12, 1 / 6),
    (0, 0, 1),
)


class Memory:
    """Pieces of memory that are used again and again.

    Fresh memory costs the operating system more time, page by page, than the sums that are written there take.
    """

    def __init__(self) -> None:
        self._pieces: dict[str, Tensor] = {}

    def shaped(self, place: str, *shape: int) -> Tensor:
        """The beginning of a piece in a shape, with whatever values it holds.

        Args:
            place: Name of the piece.
            shape: The shape.
        """
        size = torch.Size(shape).numel()
        piece = self._pieces.get(place)
        if piece is None or len(piece) < size:
            piece = self._pieces[place] = torch.empty(size)
        return piece[:size].view(shape)


@runtime_checkable
class TileSource(Protocol):
    """What can be convolved: a plane, or what computes the rows of one as they are needed."""

    @property
    def batch(self) -> int:
        """Number of windows."""

    @property
    def height(self) -> int:
        """Rows that are not of the frame."""

    @property
    def width(self) -> int:
        """Columns that are not of the frame."""

    def rows(self, window: int, windows: int, first: int, count: int) -> tuple[Float[Tensor, "_ row column _"], int]:
        """Whole windows or parts of them with their frames, and which row of them is the first wanted one.

        Args:
            window: The first window wanted, which is the first returned.
            windows: How many are wanted.
            first: The first row wanted, counted from the upper row of zeros.
            count: How many rows are wanted.
        """


@dataclass(frozen=True)
class Plane:
    """Values of some windows in a frame of zeros, filled up to whole tiles.

    Attributes:
        values: Row 0 and column 0 belong to the frame.
        height: Rows that are not of the frame.
        width: Columns that are not of the frame.
    """

    values: Float[Tensor, "batch row column channel"]
    height: int
    width: int

    @classmethod
    def within(cls, memory: Memory, place: str, batch: int, height: int, width: int, channels: int) -> "Plane":
        """A plane whose values are still to be written; its frame is there.

        Args:
            memory: What holds the values.
            place: Which part of the memory.
            batch: Number of windows.
            height: Rows without the frame.
            width: Columns without the frame.
            channels: Number of channels.
        """
        rows, columns = (TILE * tiles(length) + 2 for length in (height, width))
        values = memory.shaped(place, batch, rows, columns, channels)
        clear_frame(values, 0, height, width)
        return cls(values, height, width)

    @property
    def batch(self) -> int:
        """Number of windows."""
        return len(self.values)

    @property
    def inside(self) -> Float[Tensor, "batch height width channel"]:
        """The values without the frame."""
        return self.values[:, 1 : self.height + 1, 1 : self.width + 1]

    def rows(self, window: int, windows: int, first: int, count: int) -> tuple[Float[Tensor, "_ row column _"], int]:
        """Whole windows, as `TileSource` has it.

        Args:
            window: The first window wanted.
            windows: How many are wanted.
            first: The first row wanted.
            count: How many rows are wanted.
        """
        return self.values[window : window + windows], first


def clear_frame(values: Float[Tensor, "batch row column channel"], first: int, height: int, width: int) -> None:
    """Puts zeros into those rows and columns of a part of a plane that belong to its frame or lie beyond it.

    Args:
        values: Some rows of a plane.
        first: Which row of the plane the first of them is.
        height: The plane's rows without the frame.
        width: The plane's columns without the frame.
    """
    values[:, : max(0, 1 - first)] = 0
    values[:, max(0, height + 1 - first) :] = 0
    values[:, :, 0] = 0
    values[:, :, width + 1 :] = 0


def tiles(length: int) -> int:
    """How many tiles cover a length.

    Args:
        length: Rows or columns.
    """
    return -(-length // TILE)


def transform_filters(kernels: Float[Tensor, "to from 3 3"]) -> Float[Tensor, "36 from to"]:
    """The filters as 36 matrices, G g G' for each pair of channels.

    Args:
        kernels: Filters, applied as correlations.
    """
    transform = torch.tensor(_FILTER_TRANSFORM, dtype=torch.float64)
    taps = kernels.double().permute(2, 3, 1, 0).reshape(9, -1)
    products = torch.kron(transform, transform) @ taps
    return products.view(36, kernels.shape[1], kernels.shape[0]).to(kernels.dtype)


def convolve(
    source: TileSource,
    filters: Float[Tensor, "36 from to"],
    bias: Float[Tensor, " to"],
    memory: Memory,
    place: str,
    *,
    rectify: bool = True,
    halve: bool = False,
) -> Plane:
    """The source convolved, with zeros around it; rectified if wanted, then the maximum of each 2 x 2 block if wanted.

    Args:
        source: Input, float32 like everything here.
        filters: As `transform_filters` gives them.
        bias: Added to every value.
        memory: What holds the result and everything on the way to it.
        place: Which part of the memory the result gets; not the one that holds the input, and not called "step ...".
        rectify: Whether negative values become zero.
        halve: Whether to take maxima of blocks; an odd last row or column is left out.
    """
    batch = source.batch
    _, channels_in, channels_out = filters.shape
    tile_rows, tile_columns = tiles(source.height), tiles(source.width)
    scale = 2 if halve else 1
    shape = source.height // scale, source.width // scale, channels_out
    result = Plane.within(memory, place, batch, *shape)
    windows = max(1, min(batch, TILES_PER_STEP // (tile_rows * tile_columns)))
    rows = max(1, min(tile_rows, TILES_PER_STEP // tile_columns))
    points = memory.shaped("step points", 40 * max(channels_in, channels_out))
    points_in, points_out = (points[: 40 * width].view(40, width).numpy() for width in (channels_in, channels_out))
    for window in range(0, batch, windows):
        for row in range(0, tile_rows, rows):
            count, part = min(rows, tile_rows - row), min(windows, batch - window)
            values, first = source.rows(window, part, TILE * row, TILE * count + 2)
            _, height, width, _ = values.shape
            step = part * count * tile_columns
            data = memory.shaped("step data", 36, step, channels_in)
            products = memory.shaped("step products", 36, step, channels_out)
            transform_input(
                values.view(-1, channels_in).numpy(),
                width,
                first * width,
                height * width,
                count,
                tile_columns,
                points_in,
                data.view(-1, channels_in).numpy(),
            )
            torch.bmm(data, filters, out=products)
            transform_output(
                products.view(-1, channels_out).numpy(),
                bias.numpy(),
                count,
                tile_columns,
                row,
                points_out,
                result.values.numpy(),
                window,
                result.height,
                result.width,
                rectify,
                halve,
            )
    return result
