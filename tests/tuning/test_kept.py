"""Single candidates: what the ledger holds, read without it."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from nebula import Nebula
from nebula.draws import Correlation
from nebula.errors import StudyDisconnected
from nebula.tuning.kept import forget_study, kept_artifacts, kept_finalist, kept_trial
from nebula.tuning.ledger import Entry, Finalist, Storage, open_ledger
from nebula.tuning.space import Space
from nebula.tuning.spec import StudySpec


def varied(space, generator):
    # Loadings, from -1 to 1 over the coordinate's range, have to be small for their squares to add up to less than 1.
    low, high = (0.49, 0.51) if space.rank else (0.0, 1.0)
    return space.nebula(generator.uniform(low, high, size=space.dimension))


@pytest.mark.parametrize(
    ("name", "search"),
    [
        ("quickstart", {}),
        ("paper-drum", {"tune": "curves+symmetry"}),
        ("quickstart", {"components": 2, "tune": "curves+falls"}),
        ("drum-correlated", {}),
    ],
)
def test_each_trial_is_what_the_ledger_holds(tmp_path, name, search):
    plain = StudySpec.load(name)
    spec = plain.model_copy(update={"search": plain.search.model_copy(update=search)})
    space, generator = Space.of(spec), np.random.default_rng(0)
    url = f"sqlite:///{tmp_path / 'trials.db'}"
    shared = varied(space, generator).correlation
    with open_ledger(tmp_path, spec, space, "target", Storage(url, "one 0123")) as ledger:
        for place in ((0, 0), (0, 1), (1, 0)):
            # The candidates of a generation have one correlation, which is kept once.
            nebula = varied(space, generator)
            nebula = replace(nebula, correlation=shared) if space.rank else nebula
            ledger.add(Entry(*place, nebula, 0.5, 0.1))
    # What was entered, as the next run reads it.
    with open_ledger(tmp_path, spec, space, "target", Storage(url, "one 0123")) as ledger:
        for entry in ledger.entries:
            kept = kept_trial(url, "one 0123", space, entry.generation, entry.candidate)
            assert kept == entry.nebula
            assert kept.name == f"trial {entry.generation}.{entry.candidate}"
    assert kept_trial(url, "one 0123", space, 1, 1) is None
    assert kept_trial(url, "two 0123", space, 0, 0) is None


def test_a_finalist_is_the_one_that_was_scored_last(tmp_path):
    spec = StudySpec.load("quickstart")
    space, url = Space.of(spec), f"sqlite:///{tmp_path / 'trials.db'}"
    loadings = tuple((0.5,) if column < 2 else (0.0,) for column in range(len(space.panel)))
    drum, together = Nebula.load("drum"), replace(Nebula.load("default"), correlation=Correlation(loadings))
    with open_ledger(tmp_path, spec, space, "target", Storage(url, "one 0123")) as ledger:
        ledger.add_finalist(Finalist("centre", drum, (0.3, 0.5)))
        ledger.add_finalist(Finalist("trial 0.0", drum, (0.3, 0.5)))
        ledger.add(Entry(0, 0, drum, 0.5, 0.1))
        # The study has gone on.
        ledger.add_finalist(Finalist("centre", together, (0.2, 0.4)))
    assert kept_finalist(url, "one 0123", "centre") == together
    assert kept_finalist(url, "one 0123", "trial 0.0") == drum
    assert kept_finalist(url, "one 0123", "start") is None
    assert kept_finalist(url, "one", "centre") is None


def test_a_database_without_trials_is_said_to_not_answer(tmp_path):
    with pytest.raises(StudyDisconnected, match="study 'one': the database of its trials does not answer"):
        kept_finalist(f"sqlite:///{tmp_path}/gone/trials.db", "one", "start")


def test_a_forgotten_study_leaves_no_row_and_others_all_of_theirs(tmp_path):
    spec = StudySpec.load("quickstart")
    space, url = Space.of(spec), f"sqlite:///{tmp_path / 'trials.db'}"

    def keep(name):
        with open_ledger(tmp_path / name, spec, space, "target", Storage(url, name)) as ledger:
            ledger.add(Entry(0, 0, Nebula.load("drum"), 0.5, 0.1), {f"artifacts:{name} 1": "{}", "other": "1"})
            ledger.add_finalist(Finalist("centre", Nebula.load("drum"), (0.3, 0.5)))

    def rows():
        with closing(sqlite3.connect(tmp_path / "trials.db")) as connection:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            return {name: connection.execute(f"SELECT * FROM {name}").fetchall() for (name,) in tables}

    assert kept_artifacts(url, "one_0123") == []
    keep("one_0123")
    alone = rows()
    keep("one 0123")
    assert kept_artifacts(url, "one_0123") == ["one_0123 1"]
    forget_study(url, "one 0123")
    assert rows() == alone
    forget_study(url, "one 0123")
    assert rows() == alone
