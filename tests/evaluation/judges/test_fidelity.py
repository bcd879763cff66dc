"""Precision, recall, density and coverage where they are known, and beside an implementation in plain loops."""

import numpy as np
import pytest

from nebula.errors import ArgumentError
from nebula.evaluation.judges import fidelity


def normal(count, seed, scale=1.0, shift=0.0):
    return np.random.default_rng(seed).normal(size=(count, 3)) * scale + shift


def means(found):
    return {name: getattr(found, name).mean for name in ("precision", "recall", "density", "coverage")}


def test_a_set_matches_itself():
    found = means(fidelity(normal(60, 0), normal(60, 0)))
    assert (found["precision"], found["recall"], found["coverage"]) == (1, 1, 1)


def test_sets_far_apart_share_nothing():
    assert set(means(fidelity(normal(60, 0), normal(60, 1, shift=100))).values()) == {0}


def test_density_of_two_samples_of_one_distribution_is_1():
    # Naeem et al. 2020, section 3.3: the expectation is 1. The tolerance is four standard errors of these 20 values.
    values = [means(fidelity(normal(200, seed), normal(200, 1000 + seed)))["density"] for seed in range(20)]
    assert np.mean(values) == pytest.approx(1, abs=4 * np.std(values) / np.sqrt(20))


def test_a_narrow_set_is_precise_and_a_wide_one_recalls():
    narrow = means(fidelity(normal(200, 0), normal(200, 1, scale=0.2)))
    wide = means(fidelity(normal(200, 0), normal(200, 1, scale=5)))
    assert narrow["precision"] > 0.99
    assert narrow["recall"] < 0.2
    assert narrow["coverage"] < 0.5
    assert wide["precision"] < 0.3
    assert wide["recall"] > 0.9
    assert wide["density"] < 0.3


def test_it_is_what_plain_loops_give():
    target, rendered = normal(25, 3), normal(20, 4, scale=1.5)
    groups = np.arange(25) // 3
    scale = target.std(axis=0)
    real, fake = target / scale, rendered / scale

    def gap(a, b):
        return float(np.sqrt(((a - b) ** 2).sum()))

    def radius(points, of, k, labels):
        others = {}
        for label, point in zip(labels, points, strict=True):
            if label != labels[of]:
                others[label] = min(gap(points[of], point), others.get(label, np.inf))
        return sorted(others.values())[k - 1]

    own = range(len(fake))
    near = [[gap(f, r) <= radius(real, j, 5, groups) for j, r in enumerate(real)] for f in fake]
    nearer = [[gap(f, r) <= radius(real, j, 3, groups) for j, r in enumerate(real)] for f in fake]
    reached = [[gap(f, r) <= radius(fake, i, 3, own) for r in real] for i, f in enumerate(fake)]
    takes = [list(groups).count(group) for group in groups]
    assert means(fidelity(target, rendered, groups)) == pytest.approx(
        {
            "precision": np.mean([any(row) for row in nearer]),
            "recall": np.mean([any(column) for column in zip(*reached, strict=True)]),
            "density": np.mean([sum(np.divide(row, takes)) / 5 for row in near]),
            "coverage": np.mean([any(column) for column in zip(*near, strict=True)]),
        }
    )


def test_takes_of_one_hit_do_not_shrink_its_neighbourhood():
    hits = normal(30, 5)
    takes = np.repeat(hits, 6, axis=0) + normal(180, 6, scale=1e-6)
    rendered = normal(180, 7)
    grouped, alone = means(fidelity(takes, rendered, np.repeat(np.arange(30), 6))), means(fidelity(hits, rendered))
    assert means(fidelity(takes, rendered))["precision"] < 0.05
    # Takes differ by a millionth, which moves a bound past one of 5,400 distances at most.
    assert grouped == pytest.approx(alone, abs=0.01)


def test_too_few_are_refused():
    with pytest.raises(ArgumentError) as raised:
        fidelity(normal(5, 0), normal(20, 0))
    assert str(raised.value) == "target: got 4 neighbours of a sound, expected 5 or more"
    with pytest.raises(ArgumentError) as refused:
        fidelity(normal(20, 0), normal(5, 0))
    assert str(refused.value) == "rendered: got 4 neighbours of a sound, expected 5 or more"
    with pytest.raises(ArgumentError) as alike:
        fidelity(normal(20, 0), normal(20, 0), np.zeros(20, dtype=int))
    assert str(alike.value) == "target: got 0 neighbours of a sound, expected 5 or more"
