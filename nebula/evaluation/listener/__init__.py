"""The listener check: whether classifiers that listen are convinced, where a distance says that a nebula is near.

A *listener* here is a classifier, not a person. It knows recordings of the target, and others, and is asked about
sounds of nebulae. A nebula may have a small MMD and still miss the kind of its target: then few of its sounds are taken
for the target, they are easily told apart from it, or they cover only a part of it.

- `traits`: what a sound is like in some fifty numbers, which no study is tuned to
- `classifiers`: three kinds of classifiers that judge by them
- `fidelity`: precision, recall, density and coverage: too narrow, or too wide?
- `check`: all of these, with intervals, of nebulae beside yardsticks
"""

from nebula.evaluation.listener.check import YARDSTICKS, Check, Judgement, Listener, check_listener
from nebula.evaluation.listener.fidelity import Fidelity, fidelity
from nebula.evaluation.listener.traits import Traits

__all__ = ["YARDSTICKS", "Check", "Fidelity", "Judgement", "Listener", "Traits", "check_listener", "fidelity"]
