"""Why results are hidden until a test is closed: what looks at them do to the level of the exact test."""

from functools import cache

import numpy as np
import pytest

from nebula.listening import Method, Plan, Resampling, analyse, methods_paragraph
from nebula.listening.preference import tally


@cache
def is_found(first, listeners):
    """Returns whether the exact test is significant at 0.05."""
    return tally(first, listeners - first).p_value <= 0.05


def false_alarms(looks):
    """Returns how often listeners without a preference seem to have one, exactly: over all ways in which they choose.

    Args:
        looks: After how many listeners the test ends if the exact test is significant at 0.05; the last one ends it.
    """
    going, found = np.ones(1), 0.0
    for listeners in range(1, looks[-1] + 1):
        going = np.convolve(going, [0.5, 0.5])
        if listeners in looks:
            is_significant = np.array([is_found(first, listeners) for first in range(listeners + 1)])
            found += going[is_significant].sum()
            going = np.where(is_significant, 0, going)
    return found


@pytest.mark.parametrize(
    ("looks", "said"),
    [([60], "2.7 %"), ([12, 24, 36, 48, 60], "9.0 %"), (list(range(6, 61)), "18.6 %")],
)
def test_the_level_holds_at_the_end_alone(looks, said):
    """The figures of docs/listening-test.md."""
    rate = false_alarms(looks)
    assert f"{100 * rate:.1f} %" == said
    assert (rate <= 0.05) == (len(looks) == 1)


def test_simulated_listeners_are_found_as_often_as_is_reckoned():
    """2,000 tests at a fixed seed; four standard errors, wrong once in 16,000 seeds."""
    chosen = np.random.default_rng(1).integers(0, 2, (2000, 60)).cumsum(axis=1)
    looks = [12, 24, 36, 48, 60]
    significant = [[is_found(first, n) for first in chosen[:, n - 1].tolist()] for n in looks]
    rate = np.any(significant, axis=0).mean()
    expected = false_alarms(looks)
    assert rate == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / 2000))


def test_the_paragraph_says_that_results_were_hidden_where_they_were(choosing):
    answers = choosing({"drum": 2.0, "tuned": 0.0}, 6, 4, seed=4)
    analysis = analyse(answers, Plan(method=Method.PREFERENCE, resampling=Resampling(resamples=50)))
    sentence = (
        " Until the last answer was taken nobody could see results, so that the number of listeners did not depend on "
        "them, and no level is corrected for looks at them."
    )
    said = methods_paragraph(analysis, hidden=True)
    assert sentence in said
    assert methods_paragraph(analysis) == said.replace(sentence, "")
