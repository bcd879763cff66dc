"""A study whose trials and finalists are in Optuna's tables, as a manager leaves them."""

from study_events import finished, rescored

from nebula.tuning import Space, Storage, StudyProgress, TrialsKept
from nebula.tuning.ledger import open_ledger
from service.manager.mirror import Mirror
from service.studies.results import ledger_name, study_folder
from service.studies.tables import Study


def kept_study(database, settings, spec, entries, finalists, **columns):
    """Returns a study's id.

    Args:
        database: Where its rows are.
        settings: Where Optuna's tables and its files are.
        spec: Its spec.
        entries: Its trials, in the order in which they finished.
        finalists: Its finalists.
        columns: Of its row, beside those that follow from the spec.
    """
    named = {"name": spec.name, "trials_total": spec.trials} | columns
    with database.begin() as session:
        study = Study(spec=spec.model_dump(mode="json"), **named)
        session.add(study)
    mirror = Mirror(database, study.id, settings.home)
    mirror.follow(StudyProgress("search", 0, spec.trials, event=TrialsKept(())))
    storage = Storage(settings.optuna_storage, ledger_name(spec.name, study.id))
    with open_ledger(study_folder(settings.home, study.id), spec, Space.of(spec), "target", storage) as ledger:
        for number, entry in enumerate(entries, start=1):
            ledger.add(entry)
            best = min(entry.score for entry in entries[:number])
            mirror.follow(StudyProgress("search", number, spec.trials, best, event=finished(entry)))
        for number, finalist in enumerate(finalists, start=1):
            ledger.add_finalist(finalist)
            mirror.follow(StudyProgress("finalists", number, len(finalists), event=rescored(finalist)))
    return study.id
