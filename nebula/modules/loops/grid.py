"""How a fused renderer cuts a sound: into stretches between two control samples, and into blocks of whole stretches."""

import itertools
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nebula.modules.timeline import Timeline

#: Longest block of samples that is worked on at a time: its dozen signals take 50 kB.
BLOCK_SAMPLES = 1024

#: Longest stretch of a sound whose signals are straight lines between two control samples.
STRETCH_SAMPLES = 128


@dataclass(frozen=True)
class Grid:
    """Where a timeline is cut.

    Attributes:
        start: First sample of each stretch, and behind the last one the number of samples.
        index: Control sample before each stretch.
        offset: How far behind that control sample the stretch begins, in control samples.
        block: First stretch of each block, and behind the last one the number of stretches.
    """

    start: np.ndarray
    index: np.ndarray
    offset: np.ndarray
    block: np.ndarray


@lru_cache(maxsize=8)
def grid(timeline: Timeline) -> Grid:
    """Returns the grid of a timeline. Positions are computed in integers: sample t is at t (C - 1) / (N - 1)."""
    steps, audio_steps = timeline.control_samples - 1, timeline.samples - 1
    # Control sample k lies at or before sample ceil(k (N - 1) / (C - 1)); the last sample belongs to the last segment.
    bounds = [-(-k * audio_steps // steps) for k in range(steps)] + [timeline.samples]
    start: list[int] = []
    index: list[int] = []
    for k, (first, last) in enumerate(itertools.pairwise(bounds)):
        parts = max(1, -(-(last - first) // STRETCH_SAMPLES))
        start.extend(first + (last - first) * part // parts for part in range(parts) if last > first)
        index.extend([k] * (parts if last > first else 0))
    offset = [(t * steps - k * audio_steps) / audio_steps for t, k in zip(start, index, strict=True)]
    start.append(timeline.samples)
    block = [0]
    for stretch in range(len(index)):
        if start[stretch + 1] - start[block[-1]] > BLOCK_SAMPLES:
            block.append(stretch)
    block.append(len(index))
    return Grid(np.array(start), np.array(index), np.array(offset), np.array(block))
