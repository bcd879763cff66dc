"""Is one distance better than another? Differences between experiments on the same presets.

Presets differ in difficulty, which moves the scores of all distances together. The difference on each preset leaves
that out, so its interval is narrower than two intervals side by side suggest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nebula.errors import ArgumentError
from nebula.evaluation.bootstrap import bootstrap_interval
from nebula.evaluation.ordering import Ordering
from nebula.evaluation.retrieval import Retrieval


@dataclass(frozen=True)
class PairedDifference:
    """How much better one distance is than another, over the presets that both were judged on.

    Attributes:
        distance: Name of the one.
        baseline: Name of the other.
        difference: Mean over presets; above 0 where the one is better.
        low: Lower end of its 95 % interval by bootstrap over presets; -infinity for a single preset.
        high: Upper end.
        presets: How many.
    """

    distance: str
    baseline: str
    difference: float
    low: float
    high: float
    presets: int


def differences(rows: Sequence[Ordering | Retrieval], seed: int = 0) -> list[PairedDifference]:
    """Returns each row's difference from the first one.

    Args:
        rows: Outcomes of one experiment on one corpus, with different distances.
        seed: Decides the resamples.

    Raises:
        ArgumentError: Two rows share no preset.
    """
    found = []
    for row in rows[1:]:
        baseline, scores = preset_scores(rows[0]), preset_scores(row)
        shared = sorted(baseline.keys() & scores.keys())
        if not shared:
            raise ArgumentError(f"rows: {row.distance} and {rows[0].distance} were judged on no common preset")
        interval = bootstrap_interval([scores[name] - baseline[name] for name in shared], seed=seed)
        found.append(
            PairedDifference(row.distance, rows[0].distance, interval.mean, interval.low, interval.high, len(shared))
        )
    return found


def preset_scores(row: Ordering | Retrieval) -> Mapping[str, float]:
    """Returns an experiment's score of each preset by name."""
    if isinstance(row, Ordering):
        return {preset.name: preset.spearman for preset in row.presets}
    return {preset.name: preset.gain for preset in row.presets}
