"""Probes: how much of a label can be read from the vectors of a distance, by small classifiers that learn it.

- `learners`: the classifiers: a linear one, and the grid of the HEAR challenge
- `statistics`: what every distance has to better: means and spreads of log-mel bands
- `evaluation`: distances on a labelled corpus, split by group or library
"""

from nebula.evaluation.probes.evaluation import BASELINES, Probe, evaluate_probe
from nebula.evaluation.probes.learners import LEARNERS, Learner

__all__ = ["BASELINES", "LEARNERS", "Learner", "Probe", "evaluate_probe"]
