import re

import numpy as np
import pytest
import torch

from nebula import Nebula, distances, synths
from nebula.embedding import SAMPLE_RATE_HZ, player_of
from nebula.errors import ArgumentError
from nebula.matching import Effort, make_bank, match
from nebula.matching.search import NOISE_ROW

LOG_MEL = distances.get("log-mel")
SMALL = Effort(bank=64, generations=16, children=8)


@pytest.fixture(scope="module")
def bank():
    return make_bank("voice", LOG_MEL, SMALL)


def vector_of(unit: np.ndarray) -> torch.Tensor:
    nebula = Nebula.uniform("voice")
    audio = player_of(nebula).render(torch.from_numpy(unit)[None], nebula, torch.tensor([NOISE_ROW]))
    return LOG_MEL.embed(audio, SAMPLE_RATE_HZ)[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bank": 31}, "bank: got 31, expected 32 or more"),
        ({"generations": -1}, "generations: got -1, expected 0 or more"),
        ({"children": 1}, "children: got 1, expected 2 or more"),
        ({"seed": -1}, "seed: got -1, expected 0 or more"),
    ],
)
def test_efforts_below_their_range_are_refused(change, message):
    with pytest.raises(ArgumentError, match=f"^{re.escape(message)}$"):
        Effort(**change)


def test_half_of_a_bank_is_drawn_from_the_default_nebula_and_the_other_half_uniformly(bank):
    numbers = np.random.default_rng(SMALL.seed).integers(0, 2**32, SMALL.bank)
    voice, default = synths.get("voice"), Nebula.load("default")
    uniform = Nebula.uniform("voice")
    expected = player_of(default).physical(voice.sample(numbers[:32]), default)
    found = player_of(uniform).physical(torch.from_numpy(bank.units[:32]), uniform)
    minimum, maximum = voice.panel.ranges(expected)
    # Both are float32 values that went through a power and its inverse.
    assert float(((found - expected).abs() / (maximum - minimum)).max()) < 1e-5
    assert np.array_equal(bank.units[32:], voice.sample(numbers[32:]).numpy())


def test_a_sound_of_the_bank_is_found_at_once(bank):
    found = match(bank.vectors[5], bank, LOG_MEL, SMALL)
    assert found.retrieved == found.distance == 0.0
    assert np.array_equal(found.unit, bank.units[5])


def test_the_distance_is_that_of_the_sound_and_no_larger_than_that_of_the_nearest_random_sound(bank):
    recording = vector_of(synths.get("voice").sample([3]).numpy()[0])
    found = match(recording, bank, LOG_MEL, SMALL)
    assert found.retrieved == pytest.approx(float((bank.vectors - recording).abs().sum(1).min()), rel=1e-6)
    assert found.distance < found.retrieved
    assert found.distance == pytest.approx(float((vector_of(found.unit) - recording).abs().sum()), rel=1e-6)
    assert found.sounds == SMALL.generations * SMALL.children
    assert found.unit.min() >= 0.0
    assert found.unit.max() <= 1.0


def test_the_same_arguments_give_the_same_match(bank):
    recording = vector_of(synths.get("voice").sample([4]).numpy()[0])
    first, second = (match(recording, bank, LOG_MEL, SMALL) for _ in range(2))
    assert np.array_equal(first.unit, second.unit)
    other = match(recording, bank, LOG_MEL, Effort(bank=64, generations=16, children=8, seed=1))
    assert not np.array_equal(first.unit, other.unit)


def test_a_longer_search_goes_on_where_a_shorter_one_ends(bank):
    # So none comes less near.
    recording = vector_of(synths.get("voice").sample([4]).numpy()[0])
    found = [match(recording, bank, LOG_MEL, Effort(bank=64, generations=n, children=8)) for n in (0, 1, 3, 6)]
    distances_reached = [one.distance for one in found]
    assert distances_reached == sorted(distances_reached, reverse=True)
    assert distances_reached[0] == found[0].retrieved > distances_reached[-1]
    steps = []
    long = match(
        recording, bank, LOG_MEL, Effort(bank=64, generations=6, children=8), watcher=lambda *now: steps.append(now)
    )
    assert steps == [(generation, 6) for generation in range(1, 7)]
    assert np.array_equal(long.unit, found[-1].unit)


def test_a_sound_of_two_other_levels_is_found_again():
    """Two levels of the mixer are moved; everything else is as in a sound of the bank."""
    small = Effort(bank=64, generations=48, children=16)
    bank = make_bank("voice", LOG_MEL, small)
    truth = bank.units[7].copy()
    panel = synths.get("voice").panel
    for name in ("vco_1", "noise"):
        column = panel.columns["mixer", name]
        truth[column] = 0.5 * truth[column] + 0.25
    found = match(vector_of(truth), bank, LOG_MEL, small)
    assert found.retrieved > 0.0
    assert found.distance < 0.5 * found.retrieved
