"""A study in any state goes on where it was, with the manager of the home that its backup was restored to."""

import pytest
from listening_lab import uploaded

from nebula.tuning import StudySpec
from service.backup import backup, restore
from service.settings import Settings
from service.studies.moves import move
from service.studies.results import study_folder
from service.studies.states import StudyState, StudyVerb
from service.studies.tables import Study

pytestmark = pytest.mark.slow

#: So many that those under way are not done before the small one is.
TRIALS, FEW_TRIALS = 120, 24

_REASON = "failed trials: got 4, expected at most 3"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def place(request, tmp_path_factory):
    """Makes settings over a new home and a new database of one kind."""

    def make():
        url = request.getfixturevalue("postgres").new_database() if request.param == "postgresql" else ""
        home = tmp_path_factory.mktemp("place") / "home"
        return Settings.read(home=home, database_url=url, studies_at_once=len(StudyState))

    return make


def in_every_state(site, spec_of):
    """Returns studies by the states that they were brought to, with a manager that is dead by now."""
    posted = [state for state in StudyState if state is not StudyState.QUEUED]
    studies = {state: site.post(spec_of(FEW_TRIALS if state is StudyState.DONE else TRIALS)) for state in posted}
    manager = site.start("manager", "--workers", "2")
    site.wait(studies[StudyState.DONE], lambda study: study.state is StudyState.DONE)
    for state, verb, reached in (
        (StudyState.PAUSED, StudyVerb.PAUSE, StudyState.PAUSED),
        (StudyState.FAILED, StudyVerb.PAUSE, StudyState.PAUSED),
        (StudyState.STOPPED, StudyVerb.STOP, StudyState.STOPPED),
    ):
        site.wish(studies[state], verb)
        site.wait(studies[state], lambda study, reached=reached: study.state is reached)
    manager.kill()
    manager.wait()
    studies[StudyState.QUEUED] = site.post(spec_of(FEW_TRIALS))
    with site.database.begin() as session:
        # As a manager does that is told to stop one, and one of whose studies has failed.
        move(session, session.get(Study, studies[StudyState.STOPPING]), StudyVerb.STOP)
        failed = session.get(Study, studies[StudyState.FAILED])
        failed.state, failed.reason = StudyState.FAILED, _REASON
    return studies


@pytest.fixture(scope="module")
def restored(place, sites, few_hits, toml):
    """A site with a manager, and studies of another one as they were there, by their states."""
    before = sites(place())
    corpus = uploaded(before.settings, few_hits)
    studies = in_every_state(before, lambda trials: StudySpec.from_toml(toml(trials)).with_changes({"target": corpus}))
    known = {state: before.study(study_id) for state, study_id in studies.items()}
    assert {state: study.state for state, study in known.items()} == {state: state for state in StudyState}
    archive = before.settings.home.parent / "nebula.tar"
    backup(before.settings, archive)
    settings = place()
    restore(settings, archive)
    after = sites(settings)
    # What nobody works on yet is as it was.
    for state, study in known.items():
        assert after.study(study.id).state is state
        assert (after.study(study.id).reason, after.rows(study.id)) == (study.reason, before.rows(study.id))
    after.start("manager", "--workers", "2")
    return after, known


@pytest.mark.parametrize("state", StudyState)
def test_a_restored_study_goes_on_to_its_results(restored, state):
    site, known = restored
    study = known[state]
    if state in (StudyState.PAUSED, StudyState.FAILED):
        assert site.study(study.id).state is state
        with site.database.begin() as session:
            move(session, session.get(Study, study.id), StudyVerb.RESUME)
    is_short = state in (StudyState.STOPPING, StudyState.STOPPED)
    wanted = StudyState.STOPPED if is_short else StudyState.DONE
    ended = site.wait(study.id, lambda study: study.state is wanted)
    assert ended.reason == ""
    site.assert_whole(study.id, ended.trials_done)
    assert ended.trials_done >= study.trials_done if is_short else ended.trials_done == ended.trials_total
    names = {path.name for path in study_folder(site.settings.home, study.id).iterdir()}
    assert names >= {"nebula.json", "report.html"}
