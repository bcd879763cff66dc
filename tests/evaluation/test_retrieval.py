"""Retrieval: gains by hand, chance in closed form, and corpora whose answer is known."""

import math

import numpy as np
import pytest

from nebula.audio import Corpus
from nebula.errors import ArgumentError, CorpusError
from nebula.evaluation import evaluate_retrieval
from nebula.evaluation.retrieval import chance_gain, gains_of_pairs


def test_gains_by_hand():
    # On a line at 0, 1 and 1.5, 9 the neighbours are: 0 finds 1 first; 1 finds 1.5 first, then 0; 1.5 finds 9 last.
    places = np.array([0.0, 1.0, 1.5, 9.0])
    gains = gains_of_pairs(np.abs(places[:, None] - places))
    np.testing.assert_allclose(gains, [1, 1 / math.log2(3), 1 / math.log2(4), 1], rtol=1e-12)


def test_pairs_that_lie_together_gain_1():
    places = np.repeat(np.arange(10.0), 2) + np.tile([0.0, 0.1], 10)
    np.testing.assert_array_equal(gains_of_pairs(np.abs(places[:, None] - places)), 1)


def test_pairs_that_lie_at_opposite_ends_gain_least():
    # Each sound's other is farther than all the rest.
    far = np.ones((8, 8))
    far[np.arange(8), np.arange(8) ^ 1] = 2
    np.testing.assert_allclose(gains_of_pairs(far), 1 / math.log2(8), rtol=1e-12)


@pytest.mark.parametrize("sounds", [2, 4, 26, 400])
def test_sounds_that_are_all_alike_gain_chance(sounds):
    np.testing.assert_allclose(gains_of_pairs(np.zeros((sounds, sounds))), chance_gain(sounds), rtol=1e-12)


def test_random_distances_gain_chance():
    generator = np.random.default_rng(8)
    means = []
    for _ in range(200):
        upper = np.triu(generator.uniform(size=(20, 20)), 1)
        means.append(gains_of_pairs(upper + upper.T).mean())
    # Four standard errors: wrong once in 16,000 seeds.
    assert np.mean(means) == pytest.approx(chance_gain(20), abs=4 * np.std(means) / math.sqrt(len(means)))


def test_chance_by_hand():
    assert chance_gain(4) == pytest.approx((1 + 1 / math.log2(3) + 0.5) / 3, rel=1e-12)


def test_a_distance_that_knows_the_patch_finds_it(surge):
    found = evaluate_retrieval(Corpus.open(surge), "length-only", trials=5)
    assert (found.gain, found.low, found.high) == (1, 1, 1)
    assert (found.distance, found.by, found.sounds, found.trials) == ("length-only", "pitch", 6, 5)
    assert [row.name for row in found.presets] == [f"{patch}-velocity64" for patch in ("bass", "lead", "pad")]
    assert [row.trials for row in found.presets] == [5, 5, 5]


def test_a_distance_that_knows_nothing_gains_chance(surge):
    found = evaluate_retrieval(Corpus.open(surge), "deaf", trials=5)
    assert found.gain == pytest.approx(chance_gain(6), rel=1e-12)
    assert found.chance == chance_gain(6)


def test_a_distance_that_knows_only_pitch_is_put_off_by_the_tritone(surge):
    assert evaluate_retrieval(Corpus.open(surge), "pitch-only", trials=50).gain < 0.75


def test_smaller_trials_draw_some_of_the_presets(surge):
    found = evaluate_retrieval(Corpus.open(surge), "length-only", sounds=4, trials=30)
    assert found.sounds == 4
    assert sum(row.trials for row in found.presets) == 60
    assert all(5 <= row.trials < 30 for row in found.presets)


def test_presets_without_a_tritone_are_left_out(surge):
    corpus = Corpus.open(surge)
    names = [sound.name for sound in corpus.sounds if sound.labels["midi_pitch"] in ("60", "62", "66")]
    kept = [name for name in names if not name.startswith("pad") or "60" not in name.rpartition("/")[2]]
    found = evaluate_retrieval(corpus.subset(kept), "length-only", trials=3)
    assert [row.name for row in found.presets] == ["bass-velocity64", "lead-velocity64"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sounds": 5}, "sounds: got 5, expected an even number, 4 or more"),
        ({"trials": 0}, "trials: got 0, expected 1 or more"),
        ({"seed": -1}, "seed: got -1, expected 0 or more"),
        ({"by": "colour"}, "by: got 'colour', expected one of pitch, velocity"),
    ],
)
def test_what_is_wrong_is_said(surge, settings, message):
    with pytest.raises(ArgumentError) as raised:
        evaluate_retrieval(Corpus.open(surge), "deaf", **settings)
    assert str(raised.value) == message


def test_too_few_presets_are_said(surge):
    corpus = Corpus.open(surge)
    one = corpus.subset(sound.name for sound in corpus.sounds if sound.name.startswith("pad"))
    with pytest.raises(CorpusError) as raised:
        evaluate_retrieval(one, "deaf")
    assert str(raised.value) == (f"corpus {one.name}: fewer than 2 presets by pitch have two sounds 6 semitones apart")


def test_a_matrix_of_odd_size_is_refused():
    with pytest.raises(ArgumentError) as raised:
        gains_of_pairs(np.zeros((3, 3)))
    assert str(raised.value) == "distances: got shape (3, 3), expected a square of an even number of rows"
