"""Figures as others print them, so that they can be compared with published ones: KAD, and two ways to use FAD.

They are of the same embeddings only where those are the same: name the embedding beside each number.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float64
from torch import Tensor

from nebula.discrepancy.crosschecks import FrechetReference, GaussianReference
from nebula.discrepancy.vectors import checked
from nebula.errors import ArgumentError

#: By which kadtk multiplies the squared MMD that it prints.
KAD_SCALE = 100

#: Sizes and fewest sounds of fadtk's extrapolation.
STEPS, FEWEST_SOUNDS = 25, 500


@dataclass(frozen=True)
class FrechetInfinity:
    """A Fréchet distance extrapolated to infinitely many sounds.

    Attributes:
        score: Where the line through the points over 1/n meets 1/n = 0; may be negative where the sets are alike.
        slope: Of the line: what a set of n sounds has too much, times n.
        r_squared: Share of the variance of the points that the line explains, 0 where they do not vary.
        points: Number of sounds and distance of each subset.
    """

    score: float
    slope: float
    r_squared: float
    points: tuple[tuple[int, float], ...]


def kernel_audio_distance(
    x: Float[Tensor, "sounds_x dimension"], y: Float[Tensor, "sounds_y dimension"]
) -> Float[Tensor, ""]:
    """Returns the kernel audio distance (KAD) of a set of sounds to a reference, as kadtk has it.

    One hundred times the unbiased squared MMD with a Gaussian kernel, whose bandwidth is the median distance of
    distinct pairs of the reference alone: a third set changes nothing. It is negative by chance where the sets are
    alike. `nebula compare --measure gaussian` prints another number: biased, not scaled, and with the median distance
    over all sets that are compared.

    kadtk takes the lower of two middle distances for a median, the mean of both is meant here; it adds 1e-8 to twice
    the squared bandwidth, and computes in single precision. Above 2,048 sounds the median here is that of 2,048 spread
    evenly over the rows.

    Args:
        x: One row per sound, in the unit of the embedding, at least two. Not modified.
        y: The reference, at least two sounds.

    Returns:
        float64, without unit, at most 200.

    Raises:
        ArgumentError: Unless both have two axes, the same dimension, two sounds and finite values; if the median
            distance within `y` is 0.

    Example:
        >>> x, y = torch.tensor([[2.0], [2.0]]), torch.tensor([[0.0], [1.0]])
        >>> round(kernel_audio_distance(x, y).item(), 4)  # 100 (1 + e^-0.5 - (e^-2 + e^-0.5))
        86.4665

    Source:
        Chung et al., "KAD: no more FAD! An effective and efficient evaluation metric for audio generation", 2025.
    """
    reference = GaussianReference(checked("y", y, 2))
    return KAD_SCALE * reference.mmd(x, unbiased=True)


def frechet_infinity(
    x: Float[Tensor, "sounds_x dimension"],
    y: Float[Tensor, "sounds_y dimension"],
    steps: int = STEPS,
    fewest: int = FEWEST_SOUNDS,
    seed: int = 0,
) -> FrechetInfinity:
    """Returns the Fréchet distance to a reference extrapolated to infinitely many sounds of `x`.

    The distance of n sounds is too large by an amount in proportion to 1/n. It is measured on random subsets of sizes
    evenly spread from `fewest` to all of `x`, and a straight line over 1/n is followed to its end. What the reference
    lacks in sounds stays in the score.

    fadtk's `--inf` takes the same sizes but draws with replacement; its score is then the distance of the sounds at
    hand, rather than of those that they were drawn from, and depends on its unseeded draws.

    Args:
        x: One row per sound, in the unit of the embedding, more than `fewest`. Not modified.
        y: The reference, at least two sounds.
        steps: How many subsets, 3 or more.
        fewest: Sounds in the smallest subset, 2 or more.
        seed: Decides the subsets.

    Raises:
        ArgumentError: A number is outside its range, or as for `frechet`.

    Source:
        Chong and Forsyth, "Effectively unbiased FID and Inception Score and where to find them", CVPR 2020.
        Gui et al., "Adapting Fréchet Audio Distance for generative music evaluation", ICASSP 2024.
    """
    if steps < 3:
        raise ArgumentError(f"steps: got {steps}, expected 3 or more")
    if fewest < 2:
        raise ArgumentError(f"fewest: got {fewest}, expected 2 or more")
    x = checked("x", x, fewest + 1)
    reference = FrechetReference(y)
    generator = np.random.default_rng(seed)
    sizes = np.linspace(fewest, len(x), steps).astype(int)
    chosen = (torch.from_numpy(generator.permutation(len(x))[:size]).to(x.device) for size in sizes)
    scores = np.array([float(reference.distance(x[rows])) for rows in chosen])
    slope, score = np.polyfit(1 / sizes, scores, 1)
    left, spread = scores - (score + slope / sizes), scores - scores.mean()
    explained = 1 - left @ left / (spread @ spread) if spread @ spread > 0 else 0.0
    points = tuple(zip(sizes.tolist(), scores.tolist(), strict=True))
    return FrechetInfinity(float(score), float(slope), float(explained), points)


def frechet_by_sound(
    sounds: Sequence[Float[Tensor, "_ dimension"]], y: Float[Tensor, "sounds_y dimension"]
) -> Float64[Tensor, " sound"]:
    """Returns the Fréchet distance of each sound alone to a reference: outliers have the largest.

    As fadtk's `--indiv`: each sound's own windows are a set. A sound of a single window has no spread, for which fadtk
    has no number: it is the squared distance from the reference's mean, and the trace of its covariance.

    Args:
        sounds: The windows of each sound, one row for each; at least one sound.
        y: The reference, at least two rows: windows too, where sounds have windows.

    Returns:
        float64, one number for each sound, at least 0, in the squared unit of the embedding.

    Raises:
        ArgumentError: There is no sound, or as for `frechet`.

    Source:
        Gui et al., "Adapting Fréchet Audio Distance for generative music evaluation", ICASSP 2024.
    """
    if not sounds:
        raise ArgumentError("sounds: got none, expected 1 or more")
    reference = FrechetReference(y)
    return torch.stack([reference.distance(windows) for windows in sounds])
