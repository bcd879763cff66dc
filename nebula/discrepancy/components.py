"""Vectors in the plane that shows most of their differences."""

import numpy as np
from jaxtyping import Bool, Float, Float64


def principal_places(
    vectors: Float[np.ndarray, "sound dimension"],
    spanning: Bool[np.ndarray, " sound"] | None = None,
) -> tuple[Float64[np.ndarray, "sound 2"], tuple[float, float]]:
    """Returns coordinates on the first two principal components, and each one's share of the variance.

    Args:
        vectors: At least one row; a single one lies where both axes are 0.
        spanning: Which rows the components and the variance are those of, at least one; all if not given. The others
            lie where they fall upon the plane.
    """
    rows = np.full(len(vectors), True) if spanning is None else spanning
    if rows.sum() == 1:
        return np.zeros((len(vectors), 2)), (0.0, 0.0)
    apart = vectors - vectors[rows].mean(axis=0)
    centred = apart[rows]
    # The eigenvectors of the products of rows are the left singular vectors of the rows, at a twentieth of the cost
    # where there are many more dimensions than sounds. What the squaring loses is far below the first two components.
    products = centred @ centred.T
    squares, directions = np.linalg.eigh(products)
    first = np.maximum(squares[[-1, -2]], 0.0)
    lengths = np.sqrt(first)
    places = np.empty((len(vectors), 2))
    places[rows] = directions[:, [-1, -2]] * lengths
    axes = centred.T @ directions[:, [-1, -2]] / np.where(lengths > 0, lengths, 1.0)
    places[~rows] = apart[~rows] @ axes
    # A component's sign is arbitrary: the sound that lies furthest out lies on the positive side.
    places *= np.where(places[np.abs(places).argmax(axis=0), [0, 1]] < 0, -1.0, 1.0)
    total = float(np.trace(products)) or 1.0
    return places, (float(first[0]) / total, float(first[1]) / total)
