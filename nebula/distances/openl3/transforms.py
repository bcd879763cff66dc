"""The transforms of `winograd` as compiled loops: tiles of a plane to 36 matrices, and 36 matrices to a plane.

Every loop runs over the channels of one point, which lie side by side and fit the innermost cache, so that each tile is
read once and written once. Numba compiles them when they are first needed and keeps the result beside this file or in
the user's cache folder.
"""

from typing import Any, no_type_check

import numba
import numpy as np

_TWO, _FOUR, _FIVE, _EIGHT, _ZERO = (np.float32(number) for number in (2, 4, 5, 8, 0))

# Values are finite, so minima and maxima may be single instructions, and products and sums may be fused.
_OPTIONS: dict[str, Any] = {"fastmath": {"contract", "nnan", "nsz"}, "error_model": "numpy", "nogil": True}


def _compiled(signature: str) -> Any:
    def compile_(function: Any) -> Any:
        try:
            return numba.njit(signature, cache=True, **_OPTIONS)(function)
        except (RuntimeError, OSError) as error:
            if isinstance(error, RuntimeError) and "cannot cache" not in str(error):
                raise
            # Neither place can be written: compile in each process.
            return numba.njit(signature, **_OPTIONS)(function)

    return compile_


@_compiled("void(f4[:, ::1], i8, i8, i8, i8, i8, f4[:, ::1], f4[:, ::1])")
@no_type_check
def transform_input(plane, columns, first, batch_stride, tile_rows, tile_columns, rows, matrices):
    """Writes B' d B of tiles of 6 x 6 points that begin every 4 points.

    Args:
        plane: Points by channels.
        columns: Points in a row of the plane.
        first: Point at which the first tile begins.
        batch_stride: Points from one window to the next.
        tile_rows: Rows of tiles of each window.
        tile_columns: Tiles in a row.
        rows: Room for 36 points.
        matrices: 36 times all tiles, by channels; the number of windows follows from its size.
    """
    channels = plane.shape[1]
    tiles = matrices.shape[0] // 36
    tile = 0
    for window in range(tiles // (tile_rows * tile_columns)):
        for row in range(tile_rows):
            for column in range(tile_columns):
                point = first + window * batch_stride + 4 * row * columns + 4 * column
                for k in range(6):
                    p0 = point + k
                    p1, p2, p3 = p0 + columns, p0 + 2 * columns, p0 + 3 * columns
                    p4, p5 = p0 + 4 * columns, p0 + 5 * columns
                    for c in range(channels):
                        rows[k, c] = _FOUR * plane[p0, c] - _FIVE * plane[p2, c] + plane[p4, c]
                    for c in range(channels):
                        rows[6 + k, c] = plane[p4, c] - _FOUR * plane[p2, c] + (plane[p3, c] - _FOUR * plane[p1, c])
                    for c in range(channels):
                        rows[12 + k, c] = plane[p4, c] - _FOUR * plane[p2, c] - (plane[p3, c] - _FOUR * plane[p1, c])
                    for c in range(channels):
                        rows[18 + k, c] = plane[p4, c] - plane[p2, c] + _TWO * (plane[p3, c] - plane[p1, c])
                    for c in range(channels):
                        rows[24 + k, c] = plane[p4, c] - plane[p2, c] - _TWO * (plane[p3, c] - plane[p1, c])
                    for c in range(channels):
                        rows[30 + k, c] = _FOUR * plane[p1, c] - _FIVE * plane[p3, c] + plane[p5, c]
                for k in range(6):
                    r = 6 * k
                    m = r * tiles + tile
                    for c in range(channels):
                        matrices[m, c] = _FOUR * rows[r, c] - _FIVE * rows[r + 2, c] + rows[r + 4, c]
                    m += tiles
                    for c in range(channels):
                        matrices[m, c] = (
                            rows[r + 4, c] - _FOUR * rows[r + 2, c] + (rows[r + 3, c] - _FOUR * rows[r + 1, c])
                        )
                    m += tiles
                    for c in range(channels):
                        matrices[m, c] = (
                            rows[r + 4, c] - _FOUR * rows[r + 2, c] - (rows[r + 3, c] - _FOUR * rows[r + 1, c])
                        )
                    m += tiles
                    for c in range(channels):
                        matrices[m, c] = rows[r + 4, c] - rows[r + 2, c] + _TWO * (rows[r + 3, c] - rows[r + 1, c])
                    m += tiles
                    for c in range(channels):
                        matrices[m, c] = rows[r + 4, c] - rows[r + 2, c] - _TWO * (rows[r + 3, c] - rows[r + 1, c])
                    m += tiles
                    for c in range(channels):
                        matrices[m, c] = _FOUR * rows[r + 1, c] - _FIVE * rows[r + 3, c] + rows[r + 5, c]
                tile += 1


@_compiled("void(f4[:, ::1], f4[::1], i8, i8, i8, f4[:, ::1], f4[:, :, :, ::1], i8, i8, i8, b1, b1)")
@no_type_check
def transform_output(
    matrices, bias, tile_rows, tile_columns, first_row, rows, plane, window, height, width, rectify, halve
):
    """Writes A' M A plus the bias to a plane with a frame, rectified if wanted, or the maxima of blocks of 2 x 2.

    Args:
        matrices: 36 times all tiles, by channels.
        bias: One for each channel.
        tile_rows: Rows of tiles of each window.
        tile_columns: Tiles in a row.
        first_row: Which row of tiles of the plane the first is.
        rows: Room for 40 points.
        plane: Window, row, column, channel; row 0 and column 0 belong to the frame.
        window: The first window.
        height: Rows of the result without the frame.
        width: Columns of the result without the frame.
        rectify: Whether negative values become zero.
        halve: Whether to write maxima of blocks.
    """
    channels = matrices.shape[1]
    tiles = matrices.shape[0] // 36
    lowest = _ZERO if rectify else np.float32(-np.inf)
    tile = 0
    for batch in range(tiles // (tile_rows * tile_columns)):
        for row in range(tile_rows):
            for column in range(tile_columns):
                for k in range(6):
                    m0 = k * tiles + tile
                    m1, m2, m3 = m0 + 6 * tiles, m0 + 12 * tiles, m0 + 18 * tiles
                    m4, m5 = m0 + 24 * tiles, m0 + 30 * tiles
                    for c in range(channels):
                        rows[k, c] = (
                            matrices[m0, c] + (matrices[m1, c] + matrices[m2, c]) + (matrices[m3, c] + matrices[m4, c])
                        )
                    for c in range(channels):
                        rows[6 + k, c] = matrices[m1, c] - matrices[m2, c] + _TWO * (matrices[m3, c] - matrices[m4, c])
                    for c in range(channels):
                        rows[12 + k, c] = (
                            matrices[m1, c] + matrices[m2, c] + _FOUR * (matrices[m3, c] + matrices[m4, c])
                        )
                    for c in range(channels):
                        rows[18 + k, c] = (
                            matrices[m1, c]
                            - matrices[m2, c]
                            + _EIGHT * (matrices[m3, c] - matrices[m4, c])
                            + matrices[m5, c]
                        )
                for k in range(4):
                    r = 6 * k
                    y = 24 + 4 * k
                    for c in range(channels):
                        rows[y, c] = rows[r, c] + (rows[r + 1, c] + rows[r + 2, c]) + (rows[r + 3, c] + rows[r + 4, c])
                    for c in range(channels):
                        rows[y + 1, c] = rows[r + 1, c] - rows[r + 2, c] + _TWO * (rows[r + 3, c] - rows[r + 4, c])
                    for c in range(channels):
                        rows[y + 2, c] = rows[r + 1, c] + rows[r + 2, c] + _FOUR * (rows[r + 3, c] + rows[r + 4, c])
                    for c in range(channels):
                        rows[y + 3, c] = (
                            rows[r + 1, c]
                            - rows[r + 2, c]
                            + _EIGHT * (rows[r + 3, c] - rows[r + 4, c])
                            + rows[r + 5, c]
                        )
                if halve:
                    for i in range(2):
                        for j in range(2):
                            y = 24 + 8 * i + 2 * j
                            place_row, place_column = 2 * (first_row + row) + i, 2 * column + j
                            if place_row < height and place_column < width:
                                for c in range(channels):
                                    highest = max(max(rows[y, c], rows[y + 1, c]), max(rows[y + 4, c], rows[y + 5, c]))
                                    plane[window + batch, place_row + 1, place_column + 1, c] = max(
                                        highest + bias[c], lowest
                                    )
                else:
                    for i in range(4):
                        for j in range(4):
                            y = 24 + 4 * i + j
                            place_row, place_column = 4 * (first_row + row) + i, 4 * column + j
                            if place_row < height and place_column < width:
                                for c in range(channels):
                                    plane[window + batch, place_row + 1, place_column + 1, c] = max(
                                        rows[y, c] + bias[c], lowest
                                    )
                tile += 1
