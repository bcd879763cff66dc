"""Recordings are told apart by name, and divided so that nothing is learned from what is tested on."""

import csv
import io

import pytest

from nebula import Corpus
from nebula.errors import SpecError
from nebula.evaluation.transfer import TransferSpec
from nebula.evaluation.transfer.halves import class_corpora, held_out, untested


def corpora(recordings):
    return {name: Corpus.open(recordings / name) for name in ("hits", "tones")}


def with_libraries(recordings, path, library):
    """Returns the corpora as another manifest has them: `library` gives a sound's from its kind and number."""
    rows = list(csv.DictReader(io.StringIO((recordings / "manifest.csv").read_text())))
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows({**row, "corpus": library(row["path"][0], int(row["path"][-6:-4]))} for row in rows)
    return {name: Corpus.open(recordings / name, path) for name in ("hits", "tones")}


@pytest.mark.parametrize("seed", range(4))
def test_no_library_and_no_group_is_on_both_sides(spec, recordings, seed):
    for by in ("group", "corpus"):
        halves = held_out(TransferSpec.load(spec).with_changes({"hold_out": by, "seed": seed}), corpora(recordings))
        sides = [{sound.labels[by] for half in side for sound in half.sounds} for side in zip(*halves, strict=True)]
        assert sides[0].isdisjoint(sides[1])
        assert sum(len(half) for pair in halves for half in pair) == 48


@pytest.mark.parametrize("seed", range(8))
def test_classes_that_share_libraries_are_divided_together(spec, recordings, tmp_path, seed):
    # Of seven libraries three have both hits and tones.
    shared = with_libraries(
        recordings, tmp_path / "shared.csv", lambda kind, n: f"{kind if n % 7 < 4 else 'both'}{n % 7}"
    )
    halves = held_out(TransferSpec.load(spec).with_changes({"seed": seed}), shared)
    learned, tested = ({s.labels["corpus"] for half in side for s in half.sounds} for side in zip(*halves, strict=True))
    assert learned.isdisjoint(tested)
    for (first, second), whole in zip(halves, shared.values(), strict=True):
        assert sorted([*first.sounds, *second.sounds], key=str) == sorted(whole.sounds, key=str)
        assert min(len(first), len(second)) >= 0.2 * len(whole)


def test_a_study_holds_out_what_classes_without_a_library_in_common_are_tested_on(spec, recordings):
    study = TransferSpec.load(spec)
    for (learned, tested), whole in zip(
        held_out(study, corpora(recordings)), corpora(recordings).values(), strict=True
    ):
        first, second = whole.split(seed=study.seed, by=study.hold_out)
        assert (learned.sounds, tested.sounds) == (first.sounds, second.sounds)


def test_classes_that_no_division_serves_are_refused(spec, recordings, tmp_path):
    # Each two of three classes have a library in common, and each class has two: one side has two of the three.
    pairs = {"0": "ab", "1": "bc", "2": "ca"}
    shared = with_libraries(recordings, tmp_path / "pairs.csv", lambda kind, n: pairs[f"{n:02}"[0]][n % 2])["hits"]
    classes = {tens: shared.subset([s.name for s in shared.sounds if s.name[0] == tens]) for tens in pairs}
    with pytest.raises(SpecError) as caught:
        held_out(TransferSpec.load(spec), classes)
    assert str(caught.value) == (
        "spec 'small': hold_out: got 'corpus', of which none of 2,000 divisions leaves each class recordings to learn "
        "from and others to test on"
    )


def test_what_is_tested_on_is_left_out_of_a_corpus_to_learn_from(spec, recordings):
    study = TransferSpec.load(spec)
    halves = held_out(study, corpora(recordings))
    for (learned, tested), whole in zip(halves, corpora(recordings).values(), strict=True):
        assert untested(study, "training.x.hits", whole, halves).sounds == learned.sounds
        with pytest.raises(SpecError) as caught:
            untested(study, "training.x.hits", tested, halves)
        assert str(caught.value) == (
            f"spec 'small': training.x.hits: got {tested.name}, all of which is tested on, expected others"
        )


def test_recordings_that_cannot_be_split_are_named(spec, recordings):
    hits = Corpus.open(recordings / "hits")
    one = hits.subset([sound.name for sound in hits.sounds[:6]])
    with pytest.raises(SpecError) as caught:
        held_out(TransferSpec.load(spec), {"hits": one})
    assert str(caught.value) == (
        f"spec 'small': recordings.hits: corpus {one.name}: has a single corpus of 6 sounds, which cannot be split"
    )


def test_classes_of_one_folder_are_told_apart_by_names(spec, recordings):
    changes = {
        "recordings": {"hits": "hits", "tones": "hits"},
        "names": {"hits": ["0*", "1[0-4].WAV"], "tones": ["2?.*"]},
    }
    found = class_corpora(TransferSpec.load(spec).with_changes(changes), recordings)
    numbers = {name: [int(sound.name[:2]) for sound in corpus.sounds] for name, corpus in found.items()}
    assert numbers == {"hits": list(range(15)), "tones": [20, 21, 22, 23]}


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (
            {"hits": ["x*", "*.mp3"]},
            "names.hits: got 'x*', '*.mp3', which matches none of 24 names in hits, such as '00.wav'",
        ),
        ({"tones": ["*3.wav"]}, "names: '03.wav' is of the classes hits and tones, expected one"),
    ],
)
def test_names_that_tell_nothing_apart_are_refused(spec, recordings, names, message):
    changes = {"recordings": {"hits": "hits", "tones": "hits"}, "names": names}
    with pytest.raises(SpecError) as caught:
        class_corpora(TransferSpec.load(spec).with_changes(changes), recordings)
    assert str(caught.value) == f"spec 'small': {message}"


def test_names_of_an_unknown_class_are_refused(spec):
    with pytest.raises(SpecError, match=r"names\.bells: is no class, expected one of hits, tones$"):
        TransferSpec.load(spec).with_changes({"names": {"bells": ["*"]}})
