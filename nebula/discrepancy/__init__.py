"""Vectors to numbers: how far apart two sets of sounds are, and how diverse one set is.

| noun | what it holds |
|---|---|
| `l1` | equation (2) of Turian et al. 2021, exactly, by sorting: `mmd`, `Reference`, `diversity` |
| `influence` | what each sound contributes to them: `mmd_influence`, `diversity_influence` |
| `nearness` | how near each sound comes to the target: `nearest_distances` |
| `pairs` | distances of every pair: `l1_distances`, `median_distance` |
| `components` | sounds in the plane that shows most of their differences: `principal_places` |
| `trials` | the paper's repeated draws, and intervals: `mmd_trials`, `diversity_by_partitions`, `mean_interval` |
| `crosschecks` | what also sees how dimensions vary together: `gaussian_mmd`, `frechet`, and references |
| `statistics` | means and covariances as fadtk's files: `FrechetStatistics` |
| `published` | the same as others print them: `kernel_audio_distance`, `frechet_infinity`, `frechet_by_sound` |

Rows are sounds, columns are the dimensions of a distance's embedding. The l1 discrepancies are in the unit of that
embedding, summed over its dimensions.
"""

from typing import TYPE_CHECKING

from nebula.lazy import names_from

if TYPE_CHECKING:
    from nebula.discrepancy.components import principal_places
    from nebula.discrepancy.crosschecks import (
        FrechetReference,
        GaussianReference,
        frechet,
        frechet_of_statistics,
        gaussian_mmd,
    )
    from nebula.discrepancy.influence import diversity_influence, mmd_influence
    from nebula.discrepancy.l1 import Reference, diversity, mmd
    from nebula.discrepancy.nearness import nearest_distances
    from nebula.discrepancy.pairs import MEDIAN_SOUNDS, l1_distances, median_distance, spread_rows
    from nebula.discrepancy.published import (
        KAD_SCALE,
        FrechetInfinity,
        frechet_by_sound,
        frechet_infinity,
        kernel_audio_distance,
    )
    from nebula.discrepancy.statistics import FrechetStatistics
    from nebula.discrepancy.trials import Interval, Trials, diversity_by_partitions, mean_interval, mmd_trials
else:
    __getattr__ = names_from(
        __name__,
        {
            "KAD_SCALE": "nebula.discrepancy.published",
            "MEDIAN_SOUNDS": "nebula.discrepancy.pairs",
            "FrechetInfinity": "nebula.discrepancy.published",
            "FrechetReference": "nebula.discrepancy.crosschecks",
            "FrechetStatistics": "nebula.discrepancy.statistics",
            "GaussianReference": "nebula.discrepancy.crosschecks",
            "Interval": "nebula.discrepancy.trials",
            "Reference": "nebula.discrepancy.l1",
            "Trials": "nebula.discrepancy.trials",
            "diversity": "nebula.discrepancy.l1",
            "diversity_by_partitions": "nebula.discrepancy.trials",
            "diversity_influence": "nebula.discrepancy.influence",
            "frechet": "nebula.discrepancy.crosschecks",
            "frechet_by_sound": "nebula.discrepancy.published",
            "frechet_infinity": "nebula.discrepancy.published",
            "frechet_of_statistics": "nebula.discrepancy.crosschecks",
            "gaussian_mmd": "nebula.discrepancy.crosschecks",
            "kernel_audio_distance": "nebula.discrepancy.published",
            "l1_distances": "nebula.discrepancy.pairs",
            "mean_interval": "nebula.discrepancy.trials",
            "median_distance": "nebula.discrepancy.pairs",
            "mmd": "nebula.discrepancy.l1",
            "mmd_influence": "nebula.discrepancy.influence",
            "mmd_trials": "nebula.discrepancy.trials",
            "nearest_distances": "nebula.discrepancy.nearness",
            "principal_places": "nebula.discrepancy.components",
            "spread_rows": "nebula.discrepancy.pairs",
        },
    )

__all__ = [
    "KAD_SCALE",
    "MEDIAN_SOUNDS",
    "FrechetInfinity",
    "FrechetReference",
    "FrechetStatistics",
    "GaussianReference",
    "Interval",
    "Reference",
    "Trials",
    "diversity",
    "diversity_by_partitions",
    "diversity_influence",
    "frechet",
    "frechet_by_sound",
    "frechet_infinity",
    "frechet_of_statistics",
    "gaussian_mmd",
    "kernel_audio_distance",
    "l1_distances",
    "mean_interval",
    "median_distance",
    "mmd",
    "mmd_influence",
    "mmd_trials",
    "nearest_distances",
    "principal_places",
    "spread_rows",
]
