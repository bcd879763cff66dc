"""The ledger: what goes in comes out, in order, and a folder belongs to one study."""

from dataclasses import replace

import numpy as np
import optuna
import pytest
from sqlalchemy import MetaData

from nebula import Nebula
from nebula.draws import Correlation
from nebula.errors import StudyError
from nebula.tuning.ledger import Entry, Finalist, open_ledger
from nebula.tuning.optuna_rows import KNOWN_FORM, TrialRows, distributions
from nebula.tuning.space import Space
from nebula.tuning.spec import StudySpec

SPEC = StudySpec.load("quickstart")
SPACE = Space.of(SPEC)
CORRELATED_SPEC = StudySpec.load("drum-correlated")
CORRELATED = Space.of(CORRELATED_SPEC)


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


def correlated(generation, candidate, loading):
    paths = CORRELATED.panel.paths
    rows = np.zeros((len(paths), CORRELATED.rank))
    rows[list(CORRELATED.columns), 0] = loading
    nebula = replace(CORRELATED.start, correlation=Correlation(tuple(map(tuple, rows.tolist()))))
    return Entry(generation, candidate, nebula, 0.1 * generation, 0.5)


def loadings_kept(folder):
    study = optuna.load_study(study_name=CORRELATED_SPEC.name, storage=f"sqlite:///{folder}/study.db")
    return [trial.user_attrs.get("loadings") is not None for trial in study.trials]


def test_a_generation_keeps_its_correlation_once(tmp_path):
    added = [correlated(0, 1, 0.5), correlated(0, 0, 0.5), correlated(1, 0, 0.25), correlated(1, 1, 0.75)]
    with open_ledger(tmp_path, CORRELATED_SPEC, CORRELATED, "target") as ledger:
        for trial in added[:1]:
            ledger.add(trial)
    with open_ledger(tmp_path, CORRELATED_SPEC, CORRELATED, "target") as ledger:
        for trial in added[1:]:
            ledger.add(trial)
    # The last two differ within a generation, which no sampler of ours does, and nothing of either is lost.
    assert loadings_kept(tmp_path) == [True, False, True, True]
    with open_ledger(tmp_path, CORRELATED_SPEC, CORRELATED, "target") as ledger:
        assert ledger.entries == sorted(added, key=lambda entry: (entry.generation, entry.candidate))


def test_a_folder_in_which_each_trial_keeps_its_correlation_is_read_and_continued(tmp_path):
    before = [correlated(0, 0, 0.5), correlated(0, 1, 0.5)]
    with open_ledger(tmp_path, CORRELATED_SPEC, CORRELATED, "target"):
        pass
    # As earlier versions entered them.
    study = optuna.load_study(study_name=CORRELATED_SPEC.name, storage=f"sqlite:///{tmp_path}/study.db")
    for trial in before:
        kept = {"generation": trial.generation, "candidate": trial.candidate, "seconds": trial.seconds}
        study.add_trial(
            optuna.trial.create_trial(
                params=CORRELATED.values(trial.nebula),
                distributions=distributions(CORRELATED),
                value=trial.score,
                user_attrs={**kept, "loadings": trial.nebula.correlation.loadings},
            )
        )
    after = correlated(1, 0, 0.5)
    with open_ledger(tmp_path, CORRELATED_SPEC, CORRELATED, "target") as ledger:
        assert ledger.entries == before
        ledger.add(after)
    with open_ledger(tmp_path, CORRELATED_SPEC, CORRELATED, "target") as ledger:
        assert ledger.entries == [*before, after]


def test_trials_are_entered_as_optuna_enters_them(tmp_path):
    """Row by row, but for the times: what the dashboard and other programs read does not depend on who entered it."""
    found = []
    for name in ("ours", "optunas"):
        storage = optuna.storages.RDBStorage(f"sqlite:///{tmp_path}/{name}.db")
        study = optuna.create_study(storage=storage, study_name=name, direction="maximize")
        rows = TrialRows(storage, study)
        for score in (0.25, -1e-300):
            trial = optuna.trial.create_trial(
                params=SPACE.values(SPACE.start),
                distributions=distributions(SPACE),
                value=score,
                user_attrs={"influences": [1 / 3], "generation": 0},
                system_attrs={"artifacts:x": "{}"},
            )
            (rows.add if name == "ours" else study.add_trial)(trial)
        tables = MetaData()
        tables.reflect(storage.engine)
        with storage.engine.connect() as connection:
            found.append(
                {
                    table.name: [
                        {key: value for key, value in row.items() if not key.startswith("datetime")}
                        for row in connection.execute(table.select()).mappings()
                    ]
                    for table in tables.sorted_tables
                    if table.name.startswith("trial")
                }
            )
        storage.engine.dispose()
    assert found[0] == found[1]
    assert len(found[0]["trials"]) == 2


def test_the_form_of_optunas_tables_is_the_known_one(tmp_path):
    storage = optuna.storages.RDBStorage(f"sqlite:///{tmp_path}/any.db")
    form = storage.get_head_version()
    storage.engine.dispose()
    assert form == KNOWN_FORM, (
        f"Optuna {optuna.__version__} has tables of the form {form}, so that Optuna itself enters trials, which is "
        "slower. Compare its optuna/storages/_rdb/models.py with nebula/tuning/optuna_rows.py, write rows in the new "
        "form and set KNOWN_FORM; the test before this one says whether they are right."
    )


def test_tables_of_an_unknown_form_are_left_to_optuna(tmp_path, monkeypatch):
    monkeypatch.setattr("nebula.tuning.optuna_rows.KNOWN_FORM", "v0")
    with open_ledger(tmp_path, SPEC, SPACE, "target") as ledger:
        ledger.add(entry(0, 0, 0.1))
    with open_ledger(tmp_path, SPEC, SPACE, "target") as ledger:
        assert ledger.entries == [entry(0, 0, 0.1)]


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


def test_finalists_with_falls_come_back_and_those_that_an_earlier_version_kept_in_parts(tmp_path):
    resting = Finalist("centre", replace(Nebula.load("drum"), falls=(2.0,) * 78), (0.5, 0.25))
    drum = Nebula.load("drum")
    with open_ledger(tmp_path, SPEC, SPACE, "target") as ledger:
        ledger.add_finalist(resting)
    storage = optuna.storages.RDBStorage(f"sqlite:///{tmp_path / 'study.db'}")
    finals = optuna.load_study(study_name=f"{SPEC.name}: finalists after 0 trials", storage=storage)
    parts = {"curves": list(drum.curves), "symmetric": list(drum.symmetric), "loadings": None}
    finals.add_trial(optuna.trial.create_trial(value=1.0, user_attrs={"origin": "start", "scores": [1.0], **parts}))
    with open_ledger(tmp_path, SPEC, SPACE, "target") as ledger:
        assert ledger.finalists() == {"centre": resting, "start": Finalist("start", drum, (1.0,))}


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
        ({"seed": 1}, "holds another study: seed: got 1, expected 0"),
        ({"distance": "multi-scale-spectrogram"}, "distance: got"),
        ({"finalists": {"count": 3, "repeats": 3}}, "holds another study: finalists: got"),
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
    generator = np.random.default_rng(0)
    with open_ledger(tmp_path, SPEC, SPACE, "target") as ledger:
        assert ledger.importance() == {}
        for number in range(60):
            point = generator.random(SPACE.dimension)
            ledger.add(Entry(number, 0, SPACE.nebula(point), float((point[5] - 0.2) ** 2), 0.1))
        importance = ledger.importance()
    assert next(iter(importance)) == list(distributions(SPACE))[5]
    assert sum(importance.values()) == pytest.approx(1)
