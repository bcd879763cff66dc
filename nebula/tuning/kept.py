"""A study's rows in the storage that holds its ledger, without opening the ledger or Optuna: read singly, and deleted.

A ledger is read whole, which takes seconds with thousands of trials, and Optuna deletes a trial after the other.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, Connection, MetaData, Select, Table, create_engine, delete, or_, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from nebula.draws import Correlation
from nebula.errors import StudyDisconnected
from nebula.nebulae import Nebula
from nebula.tuning.space import Space

_TRIAL = text(
    "SELECT trials.trial_id FROM studies JOIN trials ON trials.study_id = studies.study_id"
    " JOIN trial_user_attributes g ON g.trial_id = trials.trial_id AND g.key = 'generation'"
    " JOIN trial_user_attributes c ON c.trial_id = trials.trial_id AND c.key = 'candidate'"
    " WHERE studies.study_name = :study AND g.value_json = :generation AND c.value_json = :candidate"
)
_VALUES = text("SELECT param_name, param_value FROM trial_params WHERE trial_id = :trial")
_ATTRIBUTE = text("SELECT value_json FROM trial_user_attributes WHERE trial_id = :trial AND key = :key")

# A study that went on has finalists of several lengths, the last of which count.
_FINALIST = text(
    "SELECT trials.trial_id FROM studies JOIN trials ON trials.study_id = studies.study_id"
    " JOIN trial_user_attributes o ON o.trial_id = trials.trial_id AND o.key = 'origin'"
    " WHERE studies.study_name LIKE :finalists AND o.value_json = :origin ORDER BY trials.trial_id DESC LIMIT 1"
)


def kept_trial(url: str, study: str, space: Space, generation: int, candidate: int) -> Nebula | None:
    """Returns what was scored in a trial; None where there is none.

    Args:
        url: SQLAlchemy URL of the storage, which has Optuna's tables.
        study: What the study is called there.
        space: What it varies.
        generation: Which set of draws the trial was scored on.
        candidate: Its place among the proposals of its generation.

    Raises:
        StudyDisconnected: The storage's database does not answer.
    """
    with _connected(url, study) as connection:
        trial = _trial(connection, study, generation, candidate)
        if trial is None:
            return None
        values = {row.param_name: row.param_value for row in connection.execute(_VALUES, {"trial": trial})}
        loadings = _attribute(connection, trial, "loadings")
        holder = _attribute(connection, trial, "loadings_of_candidate")
        if holder is not None:
            holding = _trial(connection, study, generation, holder)
            loadings = None if holding is None else _attribute(connection, holding, "loadings")
    correlation = Correlation(tuple(map(tuple, loadings))) if loadings else None
    return space.from_values(values, f"trial {generation}.{candidate}", correlation)


def kept_finalist(url: str, study: str, origin: str) -> Nebula | None:
    """Returns a candidate that was re-scored; None where there is none.

    Args:
        url: SQLAlchemy URL of the storage, which has Optuna's tables.
        study: What the study is called there.
        origin: As in `Finalist`.

    Raises:
        StudyDisconnected: The storage's database does not answer.
    """
    named: Mapping[str, Any] = {"finalists": f"{study}: finalists after %", "origin": json.dumps(origin)}
    with _connected(url, study) as connection:
        trial = connection.scalar(_FINALIST, named)
        content = None if trial is None else _attribute(connection, trial, "nebula")
    return None if content is None else Nebula.from_json(content, origin)


def kept_artifacts(url: str, study: str) -> list[str]:
    """Returns the identifiers of the artifacts of a study's trials.

    Args:
        url: SQLAlchemy URL of the storage.
        study: What the study is called there.

    Raises:
        StudyDisconnected: The storage's database does not answer.
    """
    with _connected(url, study) as connection:
        tables = _tables(connection)
        if "studies" not in tables:
            return []
        attributes = tables["trial_system_attributes"].c
        mine = attributes.trial_id.in_(_trials(tables, study)) & attributes.key.startswith("artifacts:")
        return [key.partition(":")[2] for key in connection.scalars(select(attributes.key).where(mine))]


def forget_study(url: str, study: str) -> None:
    """Deletes the ledger of a study and that of its finalists, all in one transaction; nothing where there is none.

    Args:
        url: SQLAlchemy URL of the storage.
        study: What the study is called there. No process may enter trials into it meanwhile.

    Raises:
        StudyDisconnected: The storage's database does not answer.
    """
    with _connected(url, study) as connection:
        tables = _tables(connection)
        if "studies" not in tables:
            return
        studies = tables["studies"]
        mine = select(studies.c.study_id).where(_ledgers(studies, study))
        # What hangs on trials first, then what hangs on studies: whatever tables Optuna has.
        of_trials = [table for name, table in tables.items() if name != "trials" and "trial_id" in table.c]
        of_studies = [table for name, table in tables.items() if name != "studies" and "study_id" in table.c]
        for table in of_trials:
            connection.execute(delete(table).where(table.c.trial_id.in_(_trials(tables, study))))
        for table in of_studies:
            connection.execute(delete(table).where(table.c.study_id.in_(mine)))
        connection.execute(delete(studies).where(_ledgers(studies, study)))
        connection.commit()


def _tables(connection: Connection) -> Mapping[str, Table]:
    known = MetaData()
    known.reflect(connection)
    return known.tables


def _ledgers(studies: Table, study: str) -> ColumnElement[bool]:
    name = studies.c.study_name
    return or_(name == study, name.startswith(f"{study}: finalists after ", autoescape=True))


def _trials(tables: Mapping[str, Table], study: str) -> Select[int]:
    trials, studies = tables["trials"], tables["studies"]
    of_study = select(studies.c.study_id).where(_ledgers(studies, study))
    return select(trials.c.trial_id).where(trials.c.study_id.in_(of_study))


@contextmanager
def _connected(url: str, study: str) -> Iterator[Connection]:
    engine = create_engine(url, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    except SQLAlchemyError as error:
        raise StudyDisconnected(f"study {study!r}: the database of its trials does not answer") from error
    finally:
        engine.dispose()


def _trial(connection: Connection, study: str, generation: int, candidate: int) -> int | None:
    place = {"study": study, "generation": json.dumps(generation), "candidate": json.dumps(candidate)}
    found: int | None = connection.scalar(_TRIAL, place)
    return found


def _attribute(connection: Connection, trial: int, key: str) -> Any:
    content = connection.scalar(_ATTRIBUTE, {"trial": trial, "key": key})
    return None if content is None else json.loads(content)
