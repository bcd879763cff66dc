"""Learning where the best possible error is known in closed form."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from nebula.evaluation.transfer.curves import exchange_text, learning_curves
from nebula.evaluation.transfer.learning import CellFile, Lesson, learned
from nebula.evaluation.transfer.models import CAPACITIES, MODELS, chosen_capacity, log_losses, trained
from nebula.evaluation.transfer.sounds import DrawnSounds, KnownSounds, TrainingSounds, labelled, projected
from nebula.evaluation.transfer.spec import RECORDINGS

DIMENSION = 4


def normal(shift, stream):
    """Sounds without end of a normal distribution around a place on the first axis."""

    def draw(seeds):
        # One generator for all: seeds of a repeat are always asked for from the first one on.
        rows = np.random.default_rng([stream, seeds[0]]).normal(size=(len(seeds), DIMENSION))
        return (rows + np.eye(DIMENSION)[0] * shift).astype(np.float32)

    return DrawnSounds(draw, 512, f"normal {shift} {stream}", (stream,))


def sounds_to_test(shift):
    return labelled([normal(place, 10 + label).take(1000, 0) for label, place in enumerate((-shift, shift))])


def lessons(name, model, largest):
    sizes = [2**power for power in range(largest.bit_length())]
    return [Lesson(name, model, size, repeat) for size in sizes for repeat in range(3)]


def curves_of(shift, work, tmp_path, nebula=None):
    training = {
        RECORDINGS: TrainingSounds(RECORDINGS, (normal(-shift, 1), normal(shift, 2))),
        "nebula": nebula or TrainingSounds("nebula", (normal(-shift, 3), normal(shift, 4))),
    }
    test = sounds_to_test(shift)
    return learning_curves(list(learned(work, training, test, CellFile(tmp_path / "cells.jsonl"))), test)


@pytest.mark.parametrize("model", MODELS)
def test_with_many_sounds_a_classifier_comes_near_the_best_possible_error(model, tmp_path):
    # Two normal distributions 2 apart are told apart by no one with a smaller error than Phi(-1).
    best = norm.cdf(-1)
    work = [Lesson(RECORDINGS, model, 512, repeat) for repeat in range(2)]
    (curve,) = curves_of(1.0, work, tmp_path)
    # Four standard errors of 2,000 tested sounds; what 512 a class do not teach is 2 % at most.
    noise = 4 * np.sqrt(best * (1 - best) / 2000)
    assert best - noise < curve.errors[0].mean < best + noise + 0.02


def bayes_log_loss(shift):
    """Mean and standard deviation of the log-loss of who knows both normal distributions, by quadrature."""

    def moment(power):
        # The log-odds of a sound at x of the second class are 2 * shift * x.
        return quad(lambda x: norm.pdf(x - shift) * np.log1p(np.exp(-2 * shift * x)) ** power, -12, 12)[0]

    return moment(1), np.sqrt(moment(2) - moment(1) ** 2)


@pytest.mark.parametrize("model", MODELS)
def test_no_log_loss_is_below_that_of_who_knows_the_distributions_and_a_linear_one_comes_near(model, tmp_path):
    best, deviation = bayes_log_loss(1.0)
    work = [Lesson(RECORDINGS, model, 512, repeat) for repeat in range(2)]
    (curve,) = curves_of(1.0, work, tmp_path)
    noise = 4 * deviation / np.sqrt(2000)
    assert best - noise < curve.losses[0].mean
    if model == "linear":
        assert curve.losses[0].mean < best + noise + 0.02
    # Read again from the file, to the thousandth of a nat that it keeps.
    assert curves_of(1.0, work, tmp_path)[0].losses == curve.losses


def test_a_log_loss_is_that_of_the_probability_and_never_infinite():
    places, labels = np.array([[0.0], [0.1], [1.0], [1.1]]), np.array([0, 0, 1, 1])
    known = trained("neighbours", 1, places, labels)
    assert log_losses(known, places, labels) == pytest.approx([0, 0, 0, 0])
    assert log_losses(known, places, 1 - labels) == pytest.approx([np.log(1000)] * 4)
    undecided = trained("neighbours", 25, places, labels)
    assert log_losses(undecided, places, labels) == pytest.approx([np.log(2)] * 4)


@pytest.mark.parametrize("model", MODELS)
def test_classes_of_one_distribution_are_told_apart_half_of_the_time(model, tmp_path):
    same = TrainingSounds("nebula", (normal(0.0, 3), normal(0.0, 4)))
    work = [Lesson(RECORDINGS, model, 1, 0), *(Lesson("nebula", model, 64, repeat) for repeat in range(8))]
    curve = curves_of(0.0, work, tmp_path, same)[1]
    # At most as exact as 2,000 answers of one classifier: four standard errors, so it fails once in 16,000 seeds.
    assert curve.errors[0].mean == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(2000))


def test_the_same_distribution_has_no_gap_and_its_floor_is_the_best_possible_error(tmp_path):
    work = lessons(RECORDINGS, "linear", 256) + lessons("nebula", "linear", 256)
    real, nebula = curves_of(1.0, work, tmp_path)
    assert (real.gap, real.exchange, real.refusal, nebula.refusal) == (None, None, "", "")
    assert nebula.floor.low <= norm.cdf(-1) + 0.01
    assert nebula.floor.high >= norm.cdf(-1) - 0.01
    assert nebula.floor.high - nebula.floor.low < 0.08
    # The same sounds are tested; of three repeats a floor scatters by a hundredth.
    assert nebula.gap.mean == pytest.approx(0, abs=0.04)
    assert nebula.exchange.high > 64


def test_a_nebula_that_swaps_its_classes_is_worth_no_recording(tmp_path):
    swapped = TrainingSounds("nebula", (normal(1.0, 3), normal(-1.0, 4)))
    work = lessons(RECORDINGS, "linear", 16) + lessons("nebula", "linear", 16)
    _, nebula = curves_of(1.0, work, tmp_path, swapped)
    assert nebula.errors[-1].mean == pytest.approx(1 - norm.cdf(-1), abs=0.05)
    assert nebula.refusal == "does not fall from 1 to 16 sounds a class"
    assert exchange_text(nebula.exchange, 16) == "1 or fewer (1 or fewer to 1 or fewer)"


def test_sounds_learned_beside_recordings_are_a_number_of_their_own(tmp_path):
    beside = [Lesson(RECORDINGS, "linear", 4, repeat, "nebula", 256) for repeat in range(3)]
    work = [Lesson(name, "linear", size, r) for name in (RECORDINGS, "nebula") for size in (2, 4) for r in range(3)]
    _, nebula = curves_of(1.0, work + beside, tmp_path)
    assert nebula.both.mean == pytest.approx(norm.cdf(-1), abs=0.05)
    assert nebula.both.mean < nebula.errors[-1].mean
    assert nebula.refusal == "got 2 sizes, expected 5 or more"


def test_what_is_finished_is_not_learned_again(tmp_path):
    work = lessons(RECORDINGS, "linear", 8)
    whole = curves_of(1.0, work, tmp_path)
    path = tmp_path / "cells.jsonl"
    lines = path.read_text().splitlines()
    assert len([line for line in lines if line]) == len(work)
    # Stopped in the middle of a line.
    path.write_text("\n".join(lines[: len(lines) // 2])[:-30])
    assert curves_of(1.0, work, tmp_path) == whole
    written = path.stat().st_size
    assert curves_of(1.0, work, tmp_path) == whole
    assert path.stat().st_size == written


def test_a_capacity_is_chosen_by_groups():
    # Of things with ten takes each: whoever remembers takes is right about other takes, and wrong about other things.
    generator = np.random.default_rng(0)
    things = generator.normal(size=(80, DIMENSION))
    vectors = np.repeat(things, 10, axis=0) + generator.normal(size=(800, DIMENSION)) * 1e-3
    labels, groups = np.repeat(np.arange(80) % 2, 10), np.repeat(np.arange(80), 10)
    order = generator.permutation(800)
    vectors, labels, groups = vectors[order], labels[order], groups[order]
    assert chosen_capacity("neighbours", vectors, labels, np.arange(800)) == 1
    few = np.isin(groups, [0, 1, 2])
    assert chosen_capacity("neighbours", vectors[few], labels[few], groups[few]) == CAPACITIES["neighbours"][1]


def test_recordings_are_taken_a_thing_at_a_time_and_begin_alike():
    groups = np.repeat(np.arange(5), [9, 1, 4, 1, 5])
    known = KnownSounds(np.arange(20.0)[:, None], groups, seed=3)
    for repeat in range(5):
        vectors, taken = known.take(20, repeat)
        assert sorted(taken[:5]) == [0, 1, 2, 3, 4]
        assert sorted(vectors[:, 0]) == list(range(20))
        assert np.array_equal(known.take(7, repeat)[0], vectors[:7])


def test_a_nebula_gives_other_sounds_to_each_repeat_and_class():
    one, other = normal(0.0, 1), normal(0.0, 2)
    seeds = [set(sounds.seeds(512, repeat)) for sounds in (one, other) for repeat in range(2)]
    assert len(set.union(*seeds)) == 4 * 512
    assert one.seeds(512, 0)[:100] == one.seeds(100, 0)


def test_long_vectors_keep_their_distances():
    vectors = np.random.default_rng(1).normal(size=(40, 2000))
    pairs = np.triu_indices(40, 1)
    before, after = (((v[:, None] - v) ** 2).sum(axis=2)[pairs] for v in (vectors, projected(vectors)))
    # Of 780 squared distances, each within 9 % of itself, none strays by five standard deviations.
    assert np.abs(after / before - 1).max() < 5 * np.sqrt(2 / 256)
    assert np.array_equal(projected(vectors[:, :8]), vectors[:, :8].astype(np.float32))
