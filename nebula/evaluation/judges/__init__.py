"""Judges: whether classifiers are convinced, where a distance says that a nebula is near.

A *judge* is a classifier, not a person: people listen. It knows recordings of the target, and others, and is asked
about sounds of nebulae. A nebula may have a small MMD and still miss the kind of its target: then few of its sounds are
taken for the target, they are easily told apart from it, or they cover only a part of it.

- `traits`: what a sound is like in some fifty numbers, which no study is tuned to
- `classifiers`: three kinds of classifiers that judge by them
- `fidelity`: precision, recall, density and coverage: too narrow, or too wide?
- `judging`: all of these, with intervals, of nebulae beside yardsticks
"""

from nebula.evaluation.judges.fidelity import Fidelity, fidelity
from nebula.evaluation.judges.judging import YARDSTICKS, Evidence, Judgement, Judges, Judging, judge_sounds
from nebula.evaluation.judges.traits import Traits

__all__ = [
    "YARDSTICKS",
    "Evidence",
    "Fidelity",
    "Judgement",
    "Judges",
    "Judging",
    "Traits",
    "fidelity",
    "judge_sounds",
]
