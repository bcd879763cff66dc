"""Which sounds are drawn when: seeds follow from the study's seed, the purpose and a count, never from a worker."""

from enum import IntEnum

import numpy as np


class Purpose(IntEnum):
    """What a set of sounds is drawn for; different purposes share no stream of seeds."""

    SEARCH = 0
    """One set a generation: common to its candidates, or dealt out to them where the sampler credits sounds."""
    FINALISTS = 1
    """One set a repeat, common to all finalists, never used in the search."""
    TARGET = 2
    """The sounds of a nebula that is the target."""
    LISTENING = 3
    """The sounds that a report plays."""
    SAMPLER = 4
    """Not sounds: the random numbers of each phase's sampler."""
    JUDGING = 5
    """All that is random in what judges learn and are asked."""


def draw_seeds(study_seed: int, purpose: Purpose, index: int, count: int) -> list[int]:
    """Returns `count` seeds of sounds, in [0, 2**32).

    Args:
        study_seed: The study's own seed, 0 or more.
        purpose: What the sounds are for.
        index: Generation, repeat or phase, 0 or more.
        count: How many.
    """
    sequence = np.random.SeedSequence([study_seed, int(purpose), index])
    return [int(seed) for seed in sequence.generate_state(count, np.uint32)]
