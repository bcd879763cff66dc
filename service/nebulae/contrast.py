"""How two nebulae differ: in their hyperparameters, which is seen at once, and in their sounds, which takes seconds."""

import math
from dataclasses import dataclass

from nebula import Corpus, Nebula, Parameter, discrepancy, distances
from nebula.embedding import draw, embed_corpus
from service.api.recent import OneAtATime
from service.errors import Unprocessable

#: Most sounds of each side.
SOUNDS = 512

_TRIALS = 10

# Any two sets of seeds that do not overlap; the same ones each time, so that the answer is the same.
_SEEDS = (range(1_000_000, 1_000_000 + 2 * SOUNDS), range(2_000_000, 2_000_000 + 2 * SOUNDS))


@dataclass(frozen=True)
class ShapeDifference:
    """One parameter whose curve, fall or symmetry differs."""

    parameter: Parameter
    curves: tuple[float, float]
    symmetric: tuple[bool, bool]
    falls: tuple[float, float]

    @property
    def distance(self) -> float:
        """How far curves and falls are apart, as logarithms."""
        return abs(math.log(self.curves[0] / self.curves[1])) + abs(math.log(self.falls[0]) - math.log(self.falls[1]))


def differences(first: Nebula, second: Nebula) -> list[ShapeDifference]:
    """Returns the parameters in which two nebulae of one synth differ, the curves furthest apart first.

    Raises:
        Unprocessable: They are of different synths.
    """
    if first.synth != second.synth:
        raise Unprocessable(
            f"nebulae: got one of the synth {first.synth!r} and one of {second.synth!r}, which can be compared by "
            "their sounds, not by their curves"
        )
    pairs = (
        zip(one, other, strict=True)
        for one, other in (
            (first.curves, second.curves),
            (first.symmetric, second.symmetric),
            (first.falls, second.falls),
        )
    )
    found = [
        ShapeDifference(parameter, curves, symmetric, falls)
        for parameter, curves, symmetric, falls in zip(first.panel, *pairs, strict=True)
        if curves[0] != curves[1] or symmetric[0] != symmetric[1] or falls[0] != falls[1]
    ]
    return sorted(found, key=lambda difference: -difference.distance)


class MmdMeter:
    """Measures MMD between a nebula and something else, one pair at a time: it takes seconds on every core."""

    def __init__(self) -> None:
        self._measuring = OneAtATime("comparison: another one is under way; ask again in some seconds", 0)

    def mmd(self, nebula: Nebula, other: Nebula | Corpus, distance: str, sounds: int) -> discrepancy.Trials:
        """Returns MMD between random sets of sounds of both, over ten repetitions.

        Args:
            nebula: One side.
            other: The other; of a corpus as many sounds as it has at most.
            distance: One of `distances.quick_names()`.
            sounds: In each set, 2 to 512.

        Raises:
            Unavailable: Another pair is being measured.
            CorpusError: The corpus cannot be used.
        """
        with self._measuring:
            chosen = distances.get(distance)
            x = draw(nebula, _SEEDS[0][: 2 * sounds], chosen).vectors
            if isinstance(other, Corpus):
                y = embed_corpus(other, chosen)
            else:
                y = draw(other, _SEEDS[1][: 2 * sounds], chosen).vectors
            return discrepancy.mmd_trials(x, y, min(sounds, len(y)), _TRIALS, seed=0)
