"""Judging sounds whose verdict is known, its intervals, and the command as users run it."""

import json

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from nebula import Corpus, Nebula
from nebula.cli import app
from nebula.errors import ArgumentError, CorpusError
from nebula.evaluation.judges import Evidence, Judges, judge_sounds
from nebula.evaluation.judges.classifiers import CLASSIFIERS, cross_validated


def known(count, seed, shift=0.0, takes=1):
    traits = np.random.default_rng(seed).normal(size=(count, 4)) + shift
    return Evidence(np.repeat(traits, takes, axis=0), np.repeat(np.arange(count), takes))


@pytest.fixture(scope="module")
def tones(tmp_path_factory):
    """24 steady tones, which no one takes for percussion."""
    folder = tmp_path_factory.mktemp("tones")
    generator = np.random.default_rng(3)
    time = np.arange(22050) / 22050
    for number in range(24):
        pitch = generator.uniform(100, 900)
        wave = sum(np.sin(2 * np.pi * pitch * k * time) / k for k in range(1, 5))
        soundfile.write(folder / f"tone-{number:02}.wav", 0.2 * wave, 22050)
    return folder


def test_sounds_like_the_target_are_taken_for_it_and_others_not():
    judges = Judges(known(80, 0), known(80, 1, shift=4))
    alike, apart = judges.judge("alike", known(80, 2)), judges.judge("apart", known(80, 3, shift=4))
    assert alike.share.mean > 0.95
    assert apart.share.mean < 0.05
    assert apart.told_apart.mean > 0.95
    assert judges.recognised.mean > 0.95
    assert judges.mistaken.mean < 0.05
    assert set(alike.share_by) == set(alike.told_apart_by) == set(CLASSIFIERS)
    assert np.mean(list(alike.share_by.values())) == pytest.approx(alike.share.mean)


def test_takes_of_one_hit_do_not_tell_what_kind_it_is():
    # Labels that mean nothing, but every sound four times: whoever knows one take knows the other three.
    hits = known(40, 0, takes=4)
    labels = np.random.default_rng(1).permutation(np.repeat([0, 1], 20)).repeat(4)
    by_group = cross_validated(hits.traits, labels, hits.groups) == labels
    by_sound = cross_validated(hits.traits, labels, np.arange(160)) == labels
    assert by_sound[0].mean() > 0.95
    # 40 independent answers: four standard errors of a half are 0.32.
    assert by_group[0].mean() == pytest.approx(0.5, abs=0.32)


def at(places, libraries=None, count=60):
    """Sounds at some places of one trait, in turn, each place of a library of its own unless one is named."""
    traits = np.random.default_rng(0).normal(size=(count, 1)) * 0.1 + np.resize(places, count)[:, None]
    return Evidence(traits, np.arange(count), None if libraries is None else np.resize(libraries, count))


def test_a_library_that_is_held_out_is_not_known_from_its_other_sounds():
    # The target's libraries lie between those of others: who knows a library is right, and who does not is mistaken.
    target, others = (10.0, 30.0), (0.0, 20.0, 40.0)
    by_group = Judges(at(target), at(others))
    by_library = Judges(at(target, (0, 1)), at(others, (2, 3, 4)))
    assert by_group.recognised.mean > 0.65
    assert by_library.recognised.mean < 0.35


def test_a_library_of_target_and_others_is_held_out_of_both():
    # Library 1 has both kinds near 10, and the other libraries say that more is the target.
    apart = Judges(at((-1.0, 9.0), (0, 1)), at((-3.0, 11.0), (2, 3)))
    shared = Judges(at((-1.0, 9.0), (0, 1)), at((-3.0, 11.0), (2, 1)))
    assert apart.recognised.mean == 0
    assert shared.recognised.mean > 0.25


def test_of_a_single_library_none_is_held_out():
    with pytest.raises(CorpusError, match=r"^others: got recordings of 1 library, expected 2 or more to hold one out$"):
        Judges(at((0.0, 1.0), (0, 1)), at((2.0,), (2,)))


def test_sounds_of_one_distribution_are_told_apart_half_of_the_time():
    values = [Judges(known(40, i), None, i).judge("x", known(40, 100 + i)).told_apart for i in range(4)]
    # 320 answers of independent sounds: four standard errors are 0.11.
    assert np.mean([value.mean for value in values]) == pytest.approx(0.5, abs=0.11)
    # Of four 95 % intervals fewer than two cover with a probability of 0.0005.
    assert sum(value.low <= 0.5 <= value.high for value in values) >= 2


def test_without_others_nothing_is_taken_for_the_target():
    judges = Judges(known(30, 0), None)
    found = judges.judge("x", known(30, 1))
    assert (found.share, found.share_by, judges.recognised, judges.mistaken) == (None, {}, None, None)
    assert found.fidelity.precision.mean > 0.5


def test_a_nebula_is_judged_beside_the_recordings(percussion, tones):
    corpus = Corpus.open(percussion)
    sources = {"drum": Nebula.load("drum"), "again": Nebula.load("drum"), "tones": Corpus.open(tones)}
    found = judge_sounds(sources, corpus, [Corpus.open(tones)], sounds=24, seed=5)
    assert (found.target, found.recordings, found.other_recordings) == (corpus.name, 24, 24)
    itself, drum, again, steady = found.judgements
    assert (itself.name, itself.sounds, drum.sounds) == (corpus.name, 12, 24)
    assert itself.share.mean > 0.9
    assert steady.share.mean == 0
    assert found.mistaken.mean < 0.1
    assert (drum.share, drum.told_apart, drum.fidelity) == (again.share, again.told_apart, again.fidelity)
    assert drum.told_apart.mean > 0.8
    for interval in (drum.told_apart, drum.fidelity.precision, drum.fidelity.recall):
        assert interval.low <= interval.mean <= interval.high


def test_recordings_beyond_the_limit_are_left_out(percussion, tones):
    found = judge_sounds({}, Corpus.open(percussion), [Corpus.open(tones)], recordings=14)
    assert (found.recordings, found.other_recordings) == (14, 14)


def test_too_few_are_named(percussion):
    corpus = Corpus.open(percussion)
    few = corpus.subset([sound.name for sound in corpus.sounds[:11]])
    with pytest.raises(CorpusError) as raised:
        judge_sounds({}, few)
    assert str(raised.value) == "target: got 11 different recordings, expected 12 or more"
    with pytest.raises(CorpusError) as refused:
        judge_sounds({}, corpus, [few])
    assert str(refused.value) == "others: got 11 different recordings, expected 12 or more"
    with pytest.raises(ArgumentError) as number:
        judge_sounds({}, corpus, sounds=3)
    assert str(number.value) == "sounds: got 3, expected 12 or more"


def test_the_command_says_which_takes_it_guessed(percussion, tmp_path):
    for number, source in enumerate(sorted(percussion.iterdir())):
        (tmp_path / f"hit{chr(97 + number // 2)}_rr{1 + number % 2}_v1.wav").write_bytes(source.read_bytes())
    done = CliRunner().invoke(app, ["evaluate", "listener", str(tmp_path), "--sounds", "12", "--json"])
    assert done.exit_code == 0, done.output
    assert done.stderr.startswith(
        f"{tmp_path.name}: groups were guessed from names: 24 sounds are takes of 12, such as hita_rr1_v1.wav and "
        "hita_rr2_v1.wav; "
    )
    assert json.loads(done.stdout)["recordings"] == 24


def test_the_command_judges_beside_the_yardsticks(percussion, tones):
    arguments = ["evaluate", "listener", str(percussion), "--sounds", "12"]
    done = CliRunner().invoke(app, [*arguments, "uniform", "--others", str(tones)])
    assert done.exit_code == 0, done.output
    names = [line.split("│")[1].strip() for line in done.stdout.splitlines() if "│" in line]
    assert names == [f"{percussion.name}, by halves", "uniform", "default", "drum"]
    content = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)
    assert [row["name"] for row in content["judgements"]] == [percussion.name, "default", "drum"]
    assert [row["share"] for row in content["judgements"]] == [None, None, None]
    assert set(content["judgements"][0]["fidelity"]) == {"precision", "recall", "density", "coverage"}
