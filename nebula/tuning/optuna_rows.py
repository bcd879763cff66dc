"""Finished trials as rows of Optuna's own tables, entered at a fraction of what Optuna itself takes.

Optuna asks the database a question or two for each parameter and attribute: whether the range is that of the trial
before, and whether the trial has ended. Here every trial has the ranges of one `Space`, and all that belongs to it is
entered with it, in one transaction. With the Voice's 78 parameters the questions are most of what an entry takes.

Only what Optuna makes public is used: its storage's engine and the version of its tables' form. Where the form is
another than the one known here, Optuna enters the trial itself: slower, and never wrong.
"""

import json
from collections.abc import Mapping

import optuna
from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution, distribution_to_json
from optuna.storages import RDBStorage
from sqlalchemy import MetaData, func, insert, select
from sqlalchemy.engine import Connection

from nebula.tuning.space import WEIGHT, Space

#: The form of Optuna's tables that rows are written in, as `RDBStorage.get_head_version` calls it.
KNOWN_FORM = "v3.2.0.a"

_TABLES = ("studies", "trials", "trial_values", "trial_params", "trial_user_attributes", "trial_system_attributes")


def distributions(space: Space) -> dict[str, BaseDistribution]:
    """Returns a space as Optuna knows it; the names are those of the nebula's JSON form, joined by dots."""
    bends: dict[str, BaseDistribution] = {
        f"{space.panel.paths[column]}.{kind}": FloatDistribution(*limits, log=True)
        for kind, limits in space.ranges.items()
        for column in space.columns
    }
    flags: dict[str, BaseDistribution] = {
        f"{space.panel.paths[column]}.symmetric": IntDistribution(0, 1) for column in space.columns
    }
    plain = bends | flags if space.tunes_symmetry else bends
    weight: dict[str, BaseDistribution] = {WEIGHT: FloatDistribution(0.0, 1.0)}
    further = {
        f"{number}:{name}": kind for number in range(2, space.components + 1) for name, kind in (plain | weight).items()
    }
    return plain | further


class TrialRows:
    """Enters finished trials of one study.

    Args:
        storage: Where the study is kept, with its tables.
        study: The study; this process is the only one that enters trials into it.
    """

    def __init__(self, storage: RDBStorage, study: optuna.Study) -> None:
        self._study = study
        self._engine = storage.engine
        self._study_id = storage.get_study_id_from_name(study.study_name)
        self._is_known = storage.get_current_version() == KNOWN_FORM
        self._tables = MetaData()
        if self._is_known:
            self._tables.reflect(self._engine, only=_TABLES)

    def add(self, trial: optuna.trial.FrozenTrial) -> None:
        """Enters a finished trial, whole or not at all.

        Args:
            trial: As `optuna.trial.create_trial` makes it, with one finite value and no intermediate ones.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database does not answer or refuses.
        """
        if not self._is_known:
            self._study.add_trial(trial)
            return
        with self._engine.begin() as connection:
            self._enter(connection, trial)

    def _enter(self, connection: Connection, trial: optuna.trial.FrozenTrial) -> None:
        tables = self._tables.tables
        studies, trials = tables["studies"], tables["trials"]
        # As Optuna does: the lock keeps others from counting trials meanwhile.
        connection.execute(select(studies.c.study_id).where(studies.c.study_id == self._study_id).with_for_update())
        count = select(func.count()).select_from(trials).where(trials.c.study_id == self._study_id)
        row = {
            "number": connection.scalar(count),
            "study_id": self._study_id,
            "state": trial.state.name,
            "datetime_start": trial.datetime_start,
            "datetime_complete": trial.datetime_complete,
        }
        key = connection.execute(insert(trials).values(row)).inserted_primary_key
        assert key is not None
        (trial_id,) = key
        value = {"trial_id": trial_id, "objective": 0, "value": trial.value, "value_type": "FINITE"}
        connection.execute(insert(tables["trial_values"]), [value])
        if trial.params:
            parameters = [
                {
                    "trial_id": trial_id,
                    "param_name": name,
                    "param_value": distribution.to_internal_repr(trial.params[name]),
                    "distribution_json": distribution_to_json(distribution),
                }
                for name, distribution in trial.distributions.items()
            ]
            connection.execute(insert(tables["trial_params"]), parameters)
        for table, attributes in (
            ("trial_user_attributes", trial.user_attrs),
            ("trial_system_attributes", trial.system_attrs),
        ):
            if attributes:
                connection.execute(insert(tables[table]), _attribute_rows(trial_id, attributes))


def _attribute_rows(trial_id: int, attributes: Mapping[str, object]) -> list[dict[str, object]]:
    return [{"trial_id": trial_id, "key": key, "value_json": json.dumps(value)} for key, value in attributes.items()]
