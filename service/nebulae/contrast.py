"""How nebulae differ: in their hyperparameters, which is seen at once, and in their sounds, which takes seconds."""

import math
from collections.abc import Sequence
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
    """One parameter whose curve, fall or symmetry differs between nebulae; values are in the order of these."""

    parameter: Parameter
    curves: tuple[float, ...]
    symmetric: tuple[bool, ...]
    falls: tuple[float, ...]

    @property
    def distance(self) -> float:
        """How far curves and falls are apart at most, as logarithms."""
        return math.log(max(self.curves) / min(self.curves)) + math.log(max(self.falls)) - math.log(min(self.falls))


def differences(nebulae: Sequence[Nebula]) -> list[ShapeDifference]:
    """Returns the parameters in which nebulae of one synth differ, the curves furthest apart first.

    Args:
        nebulae: Two or more.

    Raises:
        Unprocessable: They are of different synths.
    """
    first = nebulae[0]
    for other in nebulae[1:]:
        if first.synth != other.synth:
            raise Unprocessable(
                f"nebulae: got one of the synth {first.synth!r} and one of {other.synth!r}, which can be compared by "
                "their sounds, not by their curves"
            )
    found = [
        ShapeDifference(
            parameter,
            tuple(nebula.curves[column] for nebula in nebulae),
            tuple(nebula.symmetric[column] for nebula in nebulae),
            tuple(nebula.falls[column] for nebula in nebulae),
        )
        for column, parameter in enumerate(first.panel)
    ]
    differing = [one for one in found if any(len(set(values)) > 1 for values in (one.curves, one.symmetric, one.falls))]
    return sorted(differing, key=lambda difference: -difference.distance)


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
