"""A study that is done and has found `drum`, as far as its row and its nebula's file say."""

from nebula import Nebula
from nebula.tuning import StudySpec
from service.studies.results import study_folder
from service.studies.states import StudyState
from service.studies.tables import Study


def found_study(database, home, name="Found drums", spec=None, trials=1):
    """Returns a study's id.

    Args:
        database: Where its row is.
        home: Where its folder is.
        name: What people call it.
        spec: Its spec; quickstart's if None.
        trials: How many it has had.
    """
    spec = StudySpec.load("quickstart") if spec is None else spec
    counts = {"trials_total": trials, "trials_done": trials}
    with database.begin() as session:
        study = Study(name=name, spec=spec.model_dump(mode="json"), state=StudyState.DONE, **counts)
        session.add(study)
    folder = study_folder(home, study.id)
    folder.mkdir(parents=True)
    Nebula.load("drum").save(folder / "nebula.json")
    return study.id
