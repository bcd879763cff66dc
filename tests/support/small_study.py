"""The outcome of a study of ten trials, made without a search."""

from dataclasses import replace
from typing import Any

import numpy as np
import torch

from nebula.discrepancy import Interval
from nebula.evaluation.judges import Fidelity, Judgement, Judging
from nebula.nebulae import Nebula
from nebula.tuning.ledger import Entry, Finalist
from nebula.tuning.outcome import Outcome
from nebula.tuning.space import Space
from nebula.tuning.spec import StudySpec
from nebula.tuning.target import Target

HOSTILE = "<img src=x onerror=alert(1)>&amp;</script><script>alert(2)</script>'\""
RATE = 44100
NEUTRAL = Nebula((1.0,) * 78, (False,) * 78, "neutral")
# Entries 0 ... 5 are the first phase, 6 ... 9 the second.
SCORES = [0.5, 0.41, 0.45, 0.3, 0.31, 0.32, 0.25, 0.26, 0.2, 0.21]


def bent(seed: int, name: str) -> Nebula:
    generator = np.random.default_rng(seed)
    curves = tuple(float(curve) for curve in np.exp(generator.uniform(-1, 1, 78)))
    return Nebula(curves, (False,) * 78, name)


def make_outcome(
    winner: tuple[float, ...] = (0.22, 0.23, 0.24),
    start: tuple[float, ...] = (0.5, 0.51, 0.52),
    objective: str = "match",
    **changes: Any,
) -> Outcome:
    """A study of ten trials in two phases; keyword arguments replace its parts."""
    spec = StudySpec.parse(
        {
            "version": 1,
            "name": "small study",
            "objective": objective,
            "sounds_per_trial": 4,
            "seed": 5,
            "search": {
                "frozen": ["keyboard.*"],
                "phases": [{"sampler": "sobol", "trials": 6}, {"sampler": "cma-es", "trials": 4}],
            },
            "finalists": {"count": 1, "repeats": 3},
        }
        | ({"target": HOSTILE} if objective == "match" else {})
    )
    entries = [Entry(i // 3, i % 3, bent(i, f"trial {i // 3}.{i % 3}"), score, 1.5) for i, score in enumerate(SCORES)]
    finalists = [Finalist("trial 2.2", entries[8].nebula, winner), Finalist("start", NEUTRAL, start)]
    sign = 1 if objective == "match" else -1
    outcome = Outcome(
        spec=spec,
        space=Space(NEUTRAL, tuple(range(2, 78)), (0.1, 10.0), False),
        target=None,
        entries=entries,
        finalists=sorted(finalists, key=lambda finalist: sign * finalist.mean),
        importance={},
    )
    return replace(outcome, **changes)


def nebula_target(name: str, skipped: tuple[tuple[str, str], ...] = ()) -> Target:
    vectors = torch.randn(300, 6464, generator=torch.Generator().manual_seed(0)) * 1e-4
    return Target(Nebula((2.0,) * 78, (True,) * 78, name), vectors, "c0ffee" * 10, skipped)


def judging_of(others: tuple[str, ...] = ()) -> Judging:
    """A judging whose numbers are all different, of a target and two nebulae."""

    def interval(value: float) -> Interval:
        return Interval(value, value - 0.05, value + 0.05, 0.95)

    def judgement(name: str, first: float) -> Judgement:
        share = interval(first) if others else None
        numbers = Fidelity(*(interval(first + step / 50) for step in range(1, 5)))
        return Judgement(name, 24, share, {}, interval(first + 0.1), {}, numbers)

    rows = (judgement(HOSTILE, 0.4), judgement("tuned", 0.5), judgement("drum", 0.6))
    known = (interval(0.93), interval(0.04)) if others else (None, None)
    return Judging(HOSTILE, 1200, others, 800, *known, rows)
