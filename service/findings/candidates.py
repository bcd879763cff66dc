"""Single trials and finalists of a study, to be heard."""

from sqlalchemy.orm import Session

from nebula import Nebula
from nebula.errors import NebulaError, StudyDisconnected
from nebula.tuning import Space, StudySpec, kept_finalist, kept_trial
from service.errors import NotFound, Unavailable
from service.nebulae.shelf import Shelf
from service.settings import Settings
from service.studies import queries as studies
from service.studies.results import ledger_name
from service.studies.tables import Study


def trial_nebula(session: Session, settings: Settings, study: Study, number: int) -> Nebula:
    """Returns what was scored in a trial.

    Args:
        session: To look it up in.
        settings: Where Optuna's tables are.
        study: The study.
        number: Of the trial, in the order in which trials finished.

    Raises:
        NotFound: There is no such trial, or it cannot be told from what is left of the study.
        Unavailable: The database of trials does not answer.
    """
    trial = studies.find_trial(session, study.id, number)
    spec = StudySpec.parse(study.spec, study.name)
    try:
        space = Space.of(spec, Shelf(settings.home).find(session, spec.search.start)[1])
    except (NotFound, NebulaError) as error:
        raise NotFound(f"study {study.id!r}: where its search began, {spec.search.start!r}, is gone") from error
    try:
        name = ledger_name(spec.name, study.id)
        nebula = kept_trial(settings.optuna_storage, name, space, trial.generation, trial.candidate)
    except StudyDisconnected as error:
        raise Unavailable(str(error)) from error
    if nebula is None:
        raise NotFound(f"study {study.id!r}: nothing is kept of trial {number}")
    return nebula


def finalist_nebula(settings: Settings, study: Study, origin: str) -> Nebula:
    """Returns a candidate that was re-scored.

    Args:
        settings: Where Optuna's tables are.
        study: The study.
        origin: `trial G.C`, `centre` or `start`, as its findings tell.

    Raises:
        NotFound: There is no such finalist.
        Unavailable: The database of trials does not answer.
    """
    try:
        name = ledger_name(StudySpec.parse(study.spec, study.name).name, study.id)
        nebula = kept_finalist(settings.optuna_storage, name, origin)
    except StudyDisconnected as error:
        raise Unavailable(str(error)) from error
    if nebula is None:
        raise NotFound(f"study {study.id!r}: has no finalist {origin!r}")
    return nebula
