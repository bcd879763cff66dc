"""Vectors in the plane that shows most of their differences."""

import numpy as np
from jaxtyping import Float, Float64


def principal_places(
    vectors: Float[np.ndarray, "sound dimension"],
) -> tuple[Float64[np.ndarray, "sound 2"], tuple[float, float]]:
    """Returns coordinates on the first two principal components, and each one's share of the variance.

    Args:
        vectors: At least one row; a single one lies where both axes are 0.
    """
    if len(vectors) == 1:
        return np.zeros((1, 2)), (0.0, 0.0)
    centred = vectors - vectors.mean(axis=0)
    # The eigenvectors of the products of rows are the left singular vectors of the rows, at a twentieth of the cost
    # where there are many more dimensions than sounds. What the squaring loses is far below the first two components.
    products = centred @ centred.T
    squares, directions = np.linalg.eigh(products)
    first = np.maximum(squares[[-1, -2]], 0.0)
    places = directions[:, [-1, -2]] * np.sqrt(first)
    # A component's sign is arbitrary: the sound that lies furthest out lies on the positive side.
    places *= np.where(places[np.abs(places).argmax(axis=0), [0, 1]] < 0, -1.0, 1.0)
    total = float(np.trace(products)) or 1.0
    return places, (float(first[0]) / total, float(first[1]) / total)
