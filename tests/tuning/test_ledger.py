"""The ledger: what goes in comes out, in order, and a folder belongs to one study."""

from dataclasses import replace

import optuna
import pytest

from nebula import Nebula
from nebula.errors import StudyError
from nebula.tuning.ledger import Entry, Finalist, open_ledger
from nebula.tuning.space import Space
from nebula.tuning.spec import StudySpec

SPEC = StudySpec.load("quickstart")
SPACE = Space.of(SPEC)


def entry(generation, candidate, value):
    point = SPACE.point(SPACE.start)
    point[0] = value
    return Entry(generation, candidate, SPACE.nebula(point), value, 0.5)


def test_trials_come_back_by_generation_and_candidate(tmp_path):
    added = [entry(1, 0, 0.3), entry(0, 1, 0.2), entry(0, 0, 0.1)]
    with open_ledger(tmp_path, SPEC, SPACE, "target") as ledger:
        for trial in added:
            ledger.add(trial)
        assert ledger.entries == added[::-1]
    with open_ledger(tmp_path, SPEC, SPACE, "target") as ledger:
        assert ledger.entries == added[::-1]
        assert ledger.find(0, 1) == added[1]
        assert ledger.find(7, 7) is None
    study = optuna.load_study(study_name="quickstart", storage=f"sqlite:///{tmp_path}/study.db")
    assert [trial.state for trial in study.trials] == [optuna.trial.TrialState.COMPLETE] * 3
    assert [trial.value for trial in study.trials] == [0.3, 0.2, 0.1]


def test_influences_come_back_to_the_last_bit(tmp_path):
    credited = replace(entry(0, 0, 0.1), influences=(1 / 3, -2e-17, 5.0))
    for _ in range(2):
        with open_ledger(tmp_path, SPEC, SPACE, "target") as ledger:
            if not len(ledger):
                ledger.add(credited)
            assert ledger.find(0, 0) == credited


def test_finalists_come_back_whole_even_outside_the_search_range(tmp_path):
    start = Finalist("start", Nebula.load("default"), (0.5, 0.25))
    with open_ledger(tmp_path, SPEC, SPACE, "target") as ledger:
        ledger.add_finalist(start)
    with open_ledger(tmp_path, SPEC, SPACE, "target") as ledger:
        assert ledger.finalists() == {"start": start}
        assert ledger.finalists()["start"].mean == 0.375


def test_a_folder_is_for_one_process_at_a_time(tmp_path):
    with (
        open_ledger(tmp_path, SPEC, SPACE, "target"),
        pytest.raises(StudyError, match=r"^out '.*': another process is working in it$"),
        open_ledger(tmp_path, SPEC, SPACE, "target"),
    ):
        pass


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seed": 1}, "holds another study: its seed is 0, the spec's is 1"),
        ({"distance": "multi-scale-spectrogram"}, "its distance is"),
        ({"finalists": {"count": 3, "repeats": 3}}, "holds another study: its finalists is"),
    ],
)
def test_a_folder_of_another_study_is_refused(tmp_path, change, words):
    with open_ledger(tmp_path, SPEC, SPACE, "target"):
        pass
    other = SPEC.with_changes(change)
    with pytest.raises(StudyError) as caught, open_ledger(tmp_path, other, SPACE, "target"):
        pass
    assert str(caught.value).startswith(f"out '{tmp_path}': holds another study")
    assert words in str(caught.value)
    assert str(caught.value).endswith("; choose another --out")


def test_a_folder_towards_other_sounds_is_refused(tmp_path):
    with open_ledger(tmp_path, SPEC, SPACE, "target"):
        pass
    with (
        pytest.raises(StudyError, match="holds a study towards other sounds: the content of the target has changed"),
        open_ledger(tmp_path, SPEC, SPACE, "other"),
    ):
        pass


def test_a_study_may_grow_but_not_shrink(tmp_path):
    with open_ledger(tmp_path, SPEC, SPACE, "target"):
        pass
    with open_ledger(tmp_path, SPEC.with_trials(300), SPACE, "target"):
        pass
    with (
        pytest.raises(StudyError, match="holds a study of 300 trials, more than the 120 asked for"),
        open_ledger(tmp_path, SPEC, SPACE, "target"),
    ):
        pass


def test_a_file_that_is_no_database_or_folder_is_named(tmp_path):
    (tmp_path / "study.db").write_bytes(b"not a database, but long enough to be taken for one" * 100)
    with (
        pytest.raises(StudyError, match=r"^out '.*': study.db cannot be used \(file is not a database\)$"),
        open_ledger(tmp_path, SPEC, SPACE, "target"),
    ):
        pass
    with (
        pytest.raises(StudyError, match=r"^out '.*study.db': cannot be written \(File exists\)$"),
        open_ledger(tmp_path / "study.db", SPEC, SPACE, "target"),
    ):
        pass


def test_importance_points_at_what_matters(tmp_path):
    # Score follows one coordinate alone; 60 random trials are enough for it to come first.
    import numpy as np

    generator = np.random.default_rng(0)
    with open_ledger(tmp_path, SPEC, SPACE, "target") as ledger:
        assert ledger.importance() == {}
        for number in range(60):
            point = generator.random(SPACE.dimension)
            ledger.add(Entry(number, 0, SPACE.nebula(point), float((point[5] - 0.2) ** 2), 0.1))
        importance = ledger.importance()
    assert next(iter(importance)) == list(SPACE.distributions)[5]
    assert sum(importance.values()) == pytest.approx(1)
