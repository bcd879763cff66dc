"""Comparing sets of sounds, and judging the distances that this rests on.

- `comparison`: how far apart they are, and how varied each is
- `descriptors`: what sounds are like in the words of the field, for people to look at
- `measures`: by which numbers: equation (2), a Gaussian kernel's MMD, the Fréchet distance
- `presets`: sounds that differ in one ranked property, by their labels
- `ranking`: equation (1): whether a distance puts the sounds of one preset in order
- `ordering`: the same over all presets of a corpus
- `retrieval`: whether a distance finds the other sound of the same preset
- `pairing`: whether one distance is better than another, preset by preset
- `plots`: all of these as figures
- `bootstrap`: intervals over presets and over sounds
- `judges`: whether classifiers take a nebula's sounds for its target
- `probes`: how well a label can be read from a distance's vectors
- `transfer`: what a nebula's sounds are worth as training data
"""

from typing import TYPE_CHECKING

from nebula.lazy import names_from

if TYPE_CHECKING:
    from nebula.evaluation.bootstrap import bootstrap_interval
    from nebula.evaluation.comparison import (
        Comparison,
        Diversity,
        compare,
        describe,
        fit_statistics,
        measure_diversity,
    )
    from nebula.evaluation.ordering import Ordering, evaluate_ordering
    from nebula.evaluation.pairing import PairedDifference, differences
    from nebula.evaluation.presets import Preset, find_presets
    from nebula.evaluation.retrieval import Retrieval, evaluate_retrieval
else:
    __getattr__ = names_from(
        __name__,
        {
            "Comparison": "nebula.evaluation.comparison",
            "PairedDifference": "nebula.evaluation.pairing",
            "Diversity": "nebula.evaluation.comparison",
            "Ordering": "nebula.evaluation.ordering",
            "Preset": "nebula.evaluation.presets",
            "Retrieval": "nebula.evaluation.retrieval",
            "bootstrap_interval": "nebula.evaluation.bootstrap",
            "compare": "nebula.evaluation.comparison",
            "describe": "nebula.evaluation.comparison",
            "differences": "nebula.evaluation.pairing",
            "evaluate_ordering": "nebula.evaluation.ordering",
            "evaluate_retrieval": "nebula.evaluation.retrieval",
            "fit_statistics": "nebula.evaluation.comparison",
            "find_presets": "nebula.evaluation.presets",
            "measure_diversity": "nebula.evaluation.comparison",
        },
    )

#: What each measure is called in tables and in JSON, by the name users choose.
MEASURES = {"l1": "mmd", "gaussian": "gaussian_mmd", "frechet": "frechet", "kad": "kad"}

#: The label that holds the rank, by the property that is ranked.
RANK_LABELS = {"pitch": "midi_pitch", "velocity": "velocity_rank"}

__all__ = [
    "MEASURES",
    "RANK_LABELS",
    "Comparison",
    "Diversity",
    "Ordering",
    "PairedDifference",
    "Preset",
    "Retrieval",
    "bootstrap_interval",
    "compare",
    "describe",
    "differences",
    "evaluate_ordering",
    "evaluate_retrieval",
    "find_presets",
    "fit_statistics",
    "measure_diversity",
]
