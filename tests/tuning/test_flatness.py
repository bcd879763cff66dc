"""When more trials no longer help: how often that is said in error, and how soon where it is so."""

import numpy as np
import pytest
from small_study import NEUTRAL

from nebula.errors import SpecError
from nebula.tuning import StudySpec
from nebula.tuning.flatness import ERROR_RATE, GAIN, flat_since, flat_trial, stops, stretches
from nebula.tuning.ledger import Entry
from nebula.tuning.spec import Phase

DRUM = StudySpec.load("drum")
SEQUENCES = 2000


def share_of_flat(mean, generations, spec=DRUM, scatter=1.0):
    """The share of sequences that are called flat, of losses that scatter normally around a mean."""
    noise = np.random.default_rng(0).standard_normal((SEQUENCES, generations))
    expected = mean(np.arange(generations))
    return np.mean([flat_since((expected + scatter * row).tolist(), spec) is not None for row in noise])


def spec_of(*phases, objective="diversify", **search):
    content = {"version": 1, "name": "x", "objective": objective, "search": {"phases": phases, **search}}
    return StudySpec.parse(content)


def entries_of(scores, candidates=2):
    return [Entry(i // candidates, i % candidates, NEUTRAL, float(score), 1.0) for i, score in enumerate(scores)]


def test_the_first_look_errs_as_often_as_it_says_where_the_gain_is_just_what_counts():
    # A line that falls by GAIN sigma within the 24 generations that the first look takes: half of the error rate.
    expected = ERROR_RATE / 2
    found = share_of_flat(lambda g: -GAIN * g / 24, 48)
    # Two-sided, four standard errors of a share: 1 in 16,000 fails by chance.
    assert found == pytest.approx(expected, abs=4 * np.sqrt(expected / SEQUENCES))


@pytest.mark.parametrize(
    "mean",
    [
        lambda g: -GAIN * g / 24,
        # Gains shrink, but every window has 1.05 GAIN: from n / 2 to n it falls by the same.
        lambda g: -1.05 * GAIN * np.log2(g + 1),
        lambda g: 100 * (g + 1.0) ** -0.5,
    ],
    ids=["line", "logarithm", "power"],
)
def test_over_all_looks_a_search_that_gains_is_stopped_at_most_as_often_as_stated(mean):
    # 364 generations are six looks; a root falls by more than GAIN sigma within each window up to there.
    assert share_of_flat(mean, 364) <= ERROR_RATE + 4 * np.sqrt(ERROR_RATE / SEQUENCES)


def test_flat_searches_are_stopped_more_often_the_longer_they_are():
    shares = [share_of_flat(lambda g: 0 * g, generations) for generations in (47, 48, 72, 108, 162)]
    assert shares[0] == 0
    assert shares == sorted(shares)
    assert shares[1] > 0.5
    assert shares[2] > 0.8
    assert shares[4] > 0.99
    # And those that fell before, once the window is behind the fall.
    after = [share_of_flat(lambda g: 30 * np.exp(-g / 10), generations) for generations in (48, 108, 243)]
    assert after[0] < ERROR_RATE
    assert after[2] > 0.99


def test_worse_and_worse_is_flat_too():
    assert share_of_flat(lambda g: g / 10, 48) > 0.99


def test_neither_unit_nor_sign_nor_later_losses_change_the_answer():
    noise = np.random.default_rng(1).standard_normal((50, 300)) + 10 * np.exp(-np.arange(300) / 20)
    for row in noise:
        losses = row.tolist()
        since = flat_since(losses, DRUM)
        assert since is not None
        assert flat_since((0.001 * row - 7).tolist(), DRUM) == since
        first = next(n for n in range(len(losses)) if flat_since(losses[:n], DRUM) is not None)
        assert flat_since(losses[:first], DRUM) == since == first // 2


def test_losses_without_any_noise_are_flat_once_they_are_equal():
    assert flat_since([0.3] * 48, DRUM) == 24
    assert flat_since([0.0] * 48, DRUM) == 24
    assert flat_since(list(np.linspace(1, 0, 364)), DRUM) is None


def test_where_a_second_stage_begins_to_gain_one_looks_later():
    for search in ({"tune": "curves+correlation"}, {"components": 2}):
        spec = spec_of({"sampler": "auto", "trials": 400}, **search)
        assert flat_since([0.3] * 95, spec) is None
        assert flat_since([0.3] * 96, spec) == 48


def test_a_phase_stops_only_if_it_is_to():
    losses = [0.3] * 48
    assert stops(losses, Phase(sampler="auto", trials=400, until_flat=True), DRUM)
    assert not stops(losses, Phase(sampler="auto", trials=400), DRUM)
    assert not stops(losses[:-1], Phase(sampler="auto", trials=400, until_flat=True), DRUM)


def test_trials_are_dealt_to_phases_as_the_search_ran():
    flat, falling = [0.5] * 96, list(np.linspace(2, 1, 20))
    # The first phase ends at its number, the second when it is flat, the third is cut short.
    spec = spec_of(
        {"sampler": "random", "trials": 20},
        {"sampler": "auto", "trials": 1000, "until_flat": True},
        {"sampler": "cma-es", "trials": 100},
    )
    found = stretches(spec, entries_of([*falling, *flat, *falling]))
    assert [len(stretch.entries) for stretch in found] == [20, 96, 20]
    assert [stretch.flat_since for stretch in found] == [None, 48, None]
    assert [stretch.phase.sampler for stretch in found] == ["random", "auto", "cma-es"]
    assert len(stretches(spec, entries_of([*falling, *flat[:40]]))) == 2
    assert flat_trial(spec, entries_of([*falling, *flat])) is None
    assert stretches(spec, []) == []


def test_since_which_trial_a_study_is_flat_is_counted_from_one_over_all_phases():
    phases = ({"sampler": "random", "trials": 20}, {"sampler": "auto", "trials": 200})
    entries = entries_of([0.4] * 20 + [0.5] * 200)
    assert flat_trial(spec_of(*phases), entries) == 20 + 48 + 1
    # What grows more varied does not stay so: a study that diversifies maximises its scores.
    rising = entries_of([0.4] * 20 + list(np.linspace(0.5, 1.5, 200)))
    assert flat_trial(spec_of(*phases), rising) is None
    assert flat_trial(spec_of(*phases, objective="match"), rising) == 69
    # Candidates drawn at random are never better than those before, on average; the best of them is.
    assert flat_trial(spec_of({"sampler": "random", "trials": 220}), entries) is None


def test_until_flat_is_written_in_words_or_as_a_flag_and_read_back():
    words = spec_of({"sampler": "auto", "trials": "until-flat", "at_most": 300})
    assert words == spec_of({"sampler": "auto", "trials": 300, "until_flat": True})
    assert StudySpec.from_toml(words.to_toml()) == words
    assert words.trials == 300
    assert words.with_trials(50).search.phases == (Phase(sampler="auto", trials=50, until_flat=True),)
    assert DRUM.ended_when_flat().search.phases == (Phase(sampler="auto", trials=200, until_flat=True),)


@pytest.mark.parametrize(
    ("phase", "message"),
    [
        (
            {"sampler": "auto", "trials": "until-flat"},
            "search.phases.0.trials: got 'until-flat', expected at_most beside it, the most that there may be",
        ),
        ({"sampler": "auto", "trials": 9, "at_most": 9}, "search.phases.0.at_most: unknown key"),
        ({"sampler": "auto", "trials": "until-flat", "at_most": 0}, "search.phases.0.trials: got 0, input should be"),
        (
            {"sampler": "random", "trials": 9, "until_flat": True},
            "spec 'text': search.phases.0.until_flat: got sampler 'random', expected auto or cma-es",
        ),
    ],
)
def test_what_cannot_be_flat_is_refused(phase, message):
    with pytest.raises(SpecError) as caught:
        spec_of(phase)
    assert message in str(caught.value)
    with pytest.raises(SpecError, match="expected auto or cma-es"):
        StudySpec.load("paper-drum").ended_when_flat()
