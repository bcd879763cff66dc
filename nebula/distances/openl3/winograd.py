"""3 x 3 convolutions on the CPU with a quarter of the multiplications, by Winograd's minimal filtering F(4 x 4, 3 x 3).

Four outputs of a three-tap filter need six products, not twelve: with d six neighbouring inputs and g the filter,
y = A' [(G g) * (B' d)], and in two dimensions 36 products, not 144, for a tile of 4 x 4 outputs. Over channels each of
the 36 becomes a matrix product of (tile, channel in) by (channel in, channel out), which is where the time goes.

A plane is stored by *phase*: column c, counted from the column of zeros on the left, lies at [c % 4][c // 4], so that
the k-th column of all tiles of a row is one piece of memory and the sums of the transforms run at full speed.

Lavin and Gray, "Fast algorithms for convolutional neural networks", CVPR 2016, section 4.3, gives A, B and G.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

#: Outputs of a tile along each axis.
TILE = 4

#: Tiles transformed together. Of the sizes tried, this one keeps a layer's 36 matrices in a core's own cache.
TILES_PER_STEP = 200

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


def clear_frame(values: Float[Tensor, "batch row 4 tile channel"], first: int, height: int, width: int) -> None:
    """Puts zeros into those rows and columns of a part of a plane that belong to its frame or lie beyond it.

    Args:
        values: Some rows of a plane.
        first: Which row of the plane the first of them is.
        height: The plane's rows without the frame.
        width: The plane's columns without the frame.
    """
    values[:, : max(0, 1 - first)] = 0
    values[:, max(0, height + 1 - first) :] = 0
    values[:, :, 0, 0] = 0
    for phase in range(TILE):
        # The first tile whose column 4 tile + phase is beyond the last one, which is column `width`.
        values[:, :, phase, (width + TILE - phase) // TILE :] = 0


def transform_filters(kernels: Float[Tensor, "to from 3 3"]) -> Float[Tensor, "36 from to"]:
    """The filters as 36 matrices, G g G' for each pair of channels.

    Args:
        kernels: Filters, applied as correlations.
    """
    transform = torch.tensor(_FILTER_TRANSFORM, dtype=torch.float64)
    taps = kernels.double().permute(2, 3, 1, 0).reshape(9, -1)
    products = torch.kron(transform, transform) @ taps
    return products.view(36, kernels.shape[1], kernels.shape[0]).to(kernels.dtype)


@runtime_checkable
class Source(Protocol):
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

    def rows(self, window: int, windows: int, first: int, count: int) -> Float[Tensor, "batch row 4 tile channel"]:
        """Some rows of some windows by phase, frame included; to be used before the next call.

        Args:
            window: The first window.
            windows: How many, or as many as there are.
            first: The first row, counted from the upper row of zeros.
            count: How many.
        """


@dataclass(frozen=True)
class Plane:
    """Values of some windows by phase, with a frame of zeros.

    Attributes:
        values: Shape (batch, row, phase, tile, channel); row 0 is the upper row of zeros.
        height: Rows that are not of the frame.
        width: Columns that are not of the frame.
    """

    values: Float[Tensor, "batch row 4 tile channel"]
    height: int
    width: int

    @classmethod
    def within(cls, memory: "Memory", place: str, batch: int, height: int, width: int, channels: int) -> "Plane":
        """A plane whose values are still to be written.

        Args:
            memory: What holds the values.
            place: Which part of the memory.
            batch: Number of windows.
            height: Rows without the frame.
            width: Columns without the frame.
            channels: Number of channels.
        """
        rows, tiles = TILE * _tiles(height) + 2, _tiles(width) + 1
        return cls(memory.shaped(place, batch, rows, TILE, tiles, channels), height, width)

    @property
    def batch(self) -> int:
        """Number of windows."""
        return len(self.values)

    def rows(self, window: int, windows: int, first: int, count: int) -> Float[Tensor, "batch row 4 tile channel"]:
        """Some rows of some windows, as `Source` has it.

        Args:
            window: The first window.
            windows: How many, or as many as there are.
            first: The first row, counted from the upper row of zeros.
            count: How many.
        """
        return self.values[window : window + windows, first : first + count]

    def clear_frame(self) -> None:
        """Puts zeros wherever a convolution reaches beyond the values, and in what was written beyond them."""
        clear_frame(self.values, 0, self.height, self.width)

    def columns(self) -> Float[Tensor, "batch height width channel"]:
        """The values in the order of their columns, without the frame."""
        inside = self.values[:, 1 : self.height + 1].transpose(2, 3)
        return inside.flatten(2, 3)[:, :, 1 : self.width + 1]


def convolve(
    source: Source,
    filters: Float[Tensor, "36 from to"],
    bias: Float[Tensor, " to"],
    memory: Memory,
    place: str,
    *,
    rectify: bool = True,
    halve: bool = False,
) -> Plane:
    """The plane convolved, with zeros around it; rectified if wanted, then the maximum of each 2 x 2 block if wanted.

    Args:
        source: Input.
        filters: As `transform_filters` gives them.
        bias: Added to every value.
        memory: What holds the result and everything on the way to it.
        place: Which part of the memory the result gets; not the one that holds the input, and not called "step ...".
        rectify: Whether negative values become zero.
        halve: Whether to take maxima of blocks; an odd last row or column is left out.
    """
    batch = source.batch
    tile_rows, tile_columns = _tiles(source.height), _tiles(source.width)
    scale = 2 if halve else 1
    shape = source.height // scale, source.width // scale, filters.shape[2]
    result = Plane.within(memory, place, batch, *shape)
    windows = max(1, min(batch, TILES_PER_STEP // (tile_rows * tile_columns)))
    rows = max(1, min(tile_rows, TILES_PER_STEP // tile_columns))
    for window in range(0, batch, windows):
        for row in range(0, tile_rows, rows):
            count = min(rows, tile_rows - row)
            part = source.rows(window, windows, TILE * row, TILE * count + 2)
            products = _products(part, filters, count, tile_columns, memory)
            # A tile is A' M A, and the second column of A' is all ones: what is added here reaches every value.
            products[1, 1].add_(bias)
            target = result.values[window : window + windows]
            if halve:
                _write_maxima(products, target, row, count, rectify, memory)
            else:
                _write(products, target, row, count, rectify, memory)
    result.clear_frame()
    return result


def _products(
    source: Tensor, filters: Tensor, count: int, tile_columns: int, memory: Memory
) -> Float[Tensor, "6 6 batch row tile channel"]:
    """The 36 matrix products of some rows of tiles."""
    batch, _, _, tiles, channels = source.shape
    by_row = memory.shaped("step rows", 6, batch, count, TILE, tiles, channels)
    both = memory.shaped("step tiles", 6, 6, batch, count, tile_columns, channels)
    products = memory.shaped("step products", 36, batch * count * tile_columns, filters.shape[2])
    last = TILE * (count - 1) + 1
    _transform_input([source[:, k : last + k : TILE] for k in range(6)], list(by_row))
    # Columns 4 and 5 of a tile are columns 0 and 1 of the next.
    columns = [by_row[:, :, :, k % TILE, k // TILE : k // TILE + tile_columns] for k in range(6)]
    _transform_input(columns, [both[:, k] for k in range(6)])
    torch.bmm(both.view(36, -1, channels), filters, out=products)
    return products.view(6, 6, batch, count, tile_columns, -1)


def _write(products: Tensor, target: Tensor, row: int, count: int, rectify: bool, memory: Memory) -> None:
    """Writes tiles of 4 x 4 values to their rows and phases."""
    batch, tile_columns, channels = products.shape[2], products.shape[4], products.shape[5]
    by_row = memory.shaped("step output rows", 4, 6, batch, count, tile_columns, channels)
    _transform_output(list(products), list(by_row))
    inside = target[:, TILE * row + 1 : TILE * (row + count) + 1].unflatten(1, (count, TILE))
    # Value k of a tile is in column 4 tile + k + 1, behind the column of zeros.
    places = [
        inside[:, :, :, (k + 1) % TILE, (k + 1) // TILE : (k + 1) // TILE + tile_columns].permute(2, 0, 1, 3, 4)
        for k in range(TILE)
    ]
    _transform_output([by_row[:, k] for k in range(6)], places)
    if rectify:
        for place in places:
            place.relu_()


def _write_maxima(products: Tensor, target: Tensor, row: int, count: int, rectify: bool, memory: Memory) -> None:
    """Writes the maxima of the four 2 x 2 blocks of each tile to their rows and phases."""
    batch, tile_columns, channels = products.shape[2], products.shape[4], products.shape[5]
    by_row = memory.shaped("step output rows", 4, 6, batch, count, tile_columns, channels)
    values = memory.shaped("step output", 4, 4, batch, count, tile_columns, channels)
    _transform_output(list(products), list(by_row))
    _transform_output([by_row[:, k] for k in range(6)], [values[:, k] for k in range(TILE)])
    pairs = torch.maximum(values[0::2], values[1::2], out=memory.shaped("step output rows", 2, *values.shape[1:]))
    maxima = torch.maximum(pairs[:, 0::2], pairs[:, 1::2], out=memory.shaped("step maxima", 2, 2, *values.shape[2:]))
    if rectify:
        maxima.relu_()
    # Rows beyond the plane's last one exist only in the last row of tiles.
    inside = target[:, 2 * row + 1 : 2 * (row + count) + 1]
    for below in range(2):
        lines = inside[:, below::2]
        for beside in range(2):
            for parity in range(2):
                source = maxima[below, beside, :, : lines.shape[1], parity::2]
                column = 2 * parity + beside + 1
                first = column // TILE
                lines[:, :, column % TILE, first : first + source.shape[2]] = source


def _transform_input(d: Sequence[Tensor], r: Sequence[Tensor]) -> None:
    """Writes r = B' d along one axis: twelve sums for six values, without a temporary."""
    torch.sub(d[4], d[2], alpha=4, out=r[0])
    torch.sub(d[3], d[1], alpha=4, out=r[5])
    torch.add(r[0], r[5], out=r[1])  # -4 d1 - 4 d2 + d3 + d4
    torch.sub(r[0], r[5], out=r[2])  # 4 d1 - 4 d2 - d3 + d4
    torch.sub(d[5], r[5], out=r[5])
    r[5].sub_(d[3], alpha=4)  # 4 d1 - 5 d3 + d5
    torch.sub(d[4], d[2], out=r[0])
    torch.sub(d[3], d[1], out=r[4])
    torch.add(r[0], r[4], alpha=2, out=r[3])  # -2 d1 - d2 + 2 d3 + d4
    torch.sub(r[0], r[4], alpha=2, out=r[4])  # 2 d1 - d2 - 2 d3 + d4
    r[0].add_(d[0], alpha=4)
    r[0].sub_(d[2], alpha=4)  # 4 d0 - 5 d2 + d4


def _transform_output(m: Sequence[Tensor], y: Sequence[Tensor]) -> None:
    """Writes y = A' m along one axis: ten sums for four values, without a temporary."""
    torch.add(m[1], m[2], out=y[0])
    torch.add(m[3], m[4], out=y[2])
    y[0].add_(y[2])
    torch.add(y[0], y[2], alpha=3, out=y[2])  # m1 + m2 + 4 m3 + 4 m4
    y[0].add_(m[0])  # m0 + m1 + m2 + m3 + m4
    torch.sub(m[1], m[2], out=y[1])
    torch.sub(m[3], m[4], out=y[3])
    y[1].add_(y[3], alpha=2)  # m1 - m2 + 2 m3 - 2 m4
    torch.add(y[1], y[3], alpha=6, out=y[3])
    y[3].add_(m[5])  # m1 - m2 + 8 m3 - 8 m4 + m5


def _tiles(length: int) -> int:
    return -(-length // TILE)
