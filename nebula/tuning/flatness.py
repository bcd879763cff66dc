"""When more trials no longer help: whether the losses of a search still fall, as far as their noise lets one see.

After n generations of a phase a line is fitted to the mean losses of the second half of them, h = n - n // 2. As the
gains of a search grow smaller, what as many generations again would gain is at most what the line fell by, G. The phase
is flat where G is less than `GAIN` standard deviations sigma by which a generation scatters around the line. Since
G / (k sigma), k = sqrt(12 h / (h^2 - 1)), has a non-central t distribution with h - 2 degrees of freedom, "G is at
least `GAIN` sigma" is rejected below a quantile of it, at a chance that is exact.

One looks after 48 generations, and whenever there are half as many again; the chances of all looks, halved from one to
the next, add up to `ERROR_RATE`. So of searches that gain at least `GAIN` sigma within every such window, at most that
share is stopped too soon, if scores scatter normally and independently. A search that gains less, or whose gains grow
again later, may be called flat.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil

import numpy as np
from jaxtyping import Float64
from scipy import special

from nebula.tuning.ledger import Entry
from nebula.tuning.spec import FLATTENING, Phase, StudySpec

#: Share of searches that are called flat although they gain as much as counts, over all looks.
ERROR_RATE = 0.05

#: What counts as a gain within as many generations as were looked at, in standard deviations of a generation's loss.
GAIN = 1.5

# Generations before the first look: with fewer, noise hides what counts as a gain.
_FIRST_LOOK = 48
_GROWTH = 1.5

# Correlation and weights are tuned from generation 40 of `auto` on, which begins to gain once more.
_FIRST_LOOK_OF_TWO_STAGES = 96

# Losses that scatter by less than this share of their size are equal but for rounding.
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Stretch:
    """What a phase came to.

    Attributes:
        phase: As in the spec.
        entries: Its trials by generation and candidate.
        flat_since: How many of them were before those during which nothing was gained; None where it was not seen to be
            flat, or its sampler does not move all candidates together.
    """

    phase: Phase
    entries: tuple[Entry, ...]
    flat_since: int | None


def flat_since(losses: Sequence[float], spec: StudySpec) -> int | None:
    """Returns how many generations were before those during which nothing was gained; None if losses still fall.

    The first look that finds it decides: more losses at the end do not change the answer.

    Args:
        losses: Mean loss of each complete generation of a phase, in order.
        spec: The study.
    """
    for generations, chance in _looks(spec):
        if generations > len(losses):
            return None
        if _is_flat(np.asarray(losses[generations // 2 : generations]), chance):
            return generations // 2
    return None


def stops(losses: Sequence[float], phase: Phase, spec: StudySpec) -> bool:
    """Returns whether a phase is over because it is flat.

    Args:
        losses: Mean loss of each of its complete generations, in order.
        phase: Which one.
        spec: The study.
    """
    return phase.until_flat and flat_since(losses, spec) is not None


def stretches(spec: StudySpec, entries: Sequence[Entry]) -> list[Stretch]:
    """Returns which trials belong to which phase, and since when each was flat; phases without trials are left out.

    Args:
        spec: The study.
        entries: All its trials, by generation and candidate.
    """
    generations = [tuple(group) for _, group in groupby(entries, lambda entry: entry.generation)]
    found = []
    for phase in spec.search.phases:
        mine: list[tuple[Entry, ...]] = []
        losses: list[float] = []
        while generations and sum(map(len, mine)) < phase.trials and not stops(losses, phase, spec):
            mine.append(generations.pop(0))
            losses.append(float(np.mean([spec.loss(entry.score) for entry in mine[-1]])))
        since = flat_since(losses, spec) if phase.sampler in FLATTENING else None
        if mine:
            before = None if since is None else sum(map(len, mine[:since]))
            found.append(Stretch(phase, tuple(entry for group in mine for entry in group), before))
    return found


def flat_trial(spec: StudySpec, entries: Sequence[Entry]) -> int | None:
    """Returns the number, from 1, of the trial since which the last phase was flat; None where it was not.

    Args:
        spec: The study.
        entries: All its trials, by generation and candidate.
    """
    found = stretches(spec, entries)
    if not found or len(found) < len(spec.search.phases) or found[-1].flat_since is None:
        return None
    return sum(len(stretch.entries) for stretch in found[:-1]) + found[-1].flat_since + 1


def _looks(spec: StudySpec) -> Iterator[tuple[int, float]]:
    """After how many generations one looks, and at which chance to be wrong."""
    in_two_stages = spec.search.tune.endswith("+correlation") or spec.search.components > 1
    generations = _FIRST_LOOK_OF_TWO_STAGES if in_two_stages else _FIRST_LOOK
    chance = ERROR_RATE / 2
    while True:
        yield generations, chance
        generations, chance = ceil(_GROWTH * generations), chance / 2


def _is_flat(losses: Float64[np.ndarray, " generation"], chance: float) -> bool:
    count = len(losses)
    time = np.arange(count) - (count - 1) / 2
    slope = float(time @ losses / (time @ time))
    left = losses - losses.mean() - slope * time
    sigma = float(np.sqrt(left @ left / (count - 2)))
    if sigma <= _ROUNDING * float(np.abs(losses).max()):
        return -slope * count <= _ROUNDING * float(np.abs(losses).max())
    # Of the gain within a window, in sigma.
    spread = count / float(np.sqrt(time @ time))
    least = float(special.nctdtrit(count - 2, GAIN / spread, chance))
    return -slope * count / (sigma * spread) < least
