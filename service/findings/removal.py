"""Deleting a study with all that it has left: its rows, its files, its trials in Optuna's tables and their sounds."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import delete
from sqlalchemy.orm import Session

from nebula.errors import StudyDisconnected
from nebula.tuning import StudySpec, forget_study, kept_artifacts
from service.accounts import audit
from service.accounts.caller import Caller
from service.errors import Conflict, Unavailable
from service.nebulae.queries import needing, unstar_for_all
from service.settings import Settings
from service.studies import queries as studies
from service.studies.moves import overtaken
from service.studies.results import artifacts_folder, ledger_name, study_folder
from service.studies.states import ACTIVE
from service.studies.tables import Study


def footprint(settings: Settings, study: Study) -> int:
    """Returns how many bytes the files of a study take.

    Raises:
        Unavailable: The database of trials does not answer.
    """
    return sum(path.stat().st_size for path in _files(settings, study))


def remove(session: Session, settings: Settings, caller: Caller, study_id: str) -> None:
    """Deletes a study.

    Its row goes first and is gone once the transaction is committed, after all else: whoever is interrupted can do it
    again.

    Raises:
        NotFound: There is none of that id.
        Conflict: The manager works on it, or another study needs what it has found.
        Unavailable: The database of trials does not answer.
    """
    study = studies.find(session, study_id)
    if study.state in ACTIVE:
        raise Conflict(f"study {study.id!r}: is {study.state}, expected one that does not run; cancel it first")
    if users := needing(session, study.id):
        raise Conflict(f"study {study.id!r}: what it has found is needed by study {', '.join(users)}; cancel it first")
    as_read = (Study.id == study.id) & (Study.state == study.state)
    if session.scalar(delete(Study).where(as_read).returning(Study.id)) is None:
        raise overtaken(study)
    unstar_for_all(session, study.id)
    audit.record(session, caller, "study.delete", study.id, name=study.name)
    session.flush()
    for path in list(_files(settings, study)):
        path.unlink(missing_ok=True)
    shutil.rmtree(study_folder(settings.home, study.id), ignore_errors=True)
    try:
        forget_study(settings.optuna_storage, _ledger(study))
    except StudyDisconnected as error:
        raise Unavailable(str(error)) from error


def _files(settings: Settings, study: Study) -> Iterator[Path]:
    yield from (path for path in study_folder(settings.home, study.id).rglob("*") if path.is_file())
    try:
        sounds = kept_artifacts(settings.optuna_storage, _ledger(study))
    except StudyDisconnected as error:
        raise Unavailable(str(error)) from error
    folder = artifacts_folder(settings.home)
    yield from (folder / name for name in sounds if (folder / name).is_file())


def _ledger(study: Study) -> str:
    return ledger_name(StudySpec.parse(study.spec, study.name).name, study.id)
