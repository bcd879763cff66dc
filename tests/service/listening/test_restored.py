"""A listening test in any state goes on where it was, on the server that its backup was restored to."""

import pytest
from listening_lab import Person, running

from service.backup import backup, restore
from service.listening import queries
from service.listening.states import ListeningState
from service.settings import Settings


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def place(request, tmp_path_factory):
    """Makes settings over a new home and a new database of one kind."""

    def make():
        url = request.getfixturevalue("postgres").new_database() if request.param == "postgresql" else ""
        return Settings.read(home=tmp_path_factory.mktemp("place") / "home", database_url=url)

    return make


@pytest.fixture(scope="module")
def states(place):
    """Tests by the state in which they were backed up, a participant's path, and a server over the restored home."""
    before, after = place(), place()
    archive = before.home.parent / "nebula.tar"
    with running(before.home, database_url=before.database_url) as lab:
        tests, path = in_every_state(lab)
        backup(before, archive)
    restore(after, archive)
    with running(after.home, database_url=after.database_url) as restored:
        yield tests, path, restored


def in_every_state(lab):
    """Returns tests by their states, and the path of a participant of the open one."""
    spec = {
        "version": 1,
        "name": "kept",
        "method": "preference",
        "sounds": 1,
        "seconds": 0.3,
        "systems": [{"name": "made by hand", "nebula": "drum"}, {"name": "untouched", "nebula": "default"}],
    }
    tests = {"draft": lab.plan(spec), "sealed": lab.seal(spec)}
    for state in ("open", "closed", "unblinded"):
        tests[state], invite = lab.open(spec)
        person = Person(lab, invite)
        seen = person.arrive()
        if state == "open":
            path = person.path
            continue
        assert person.answer(seen["trial"], choice="A").status_code == 200
        lab.do(tests[state], "close")
    lab.do(tests["unblinded"], "unblind")
    tests["sealing"] = lab.plan(spec)
    with lab.database.begin() as session:
        # Its server, which was not asked, does not begin: what is backed up while it renders is no more than this.
        queries.find(session, tests["sealing"], changing=True).state = ListeningState.SEALING
    return tests, path


@pytest.mark.parametrize("state", ListeningState)
def test_a_restored_test_goes_on_to_its_report(states, state):
    tests, path, lab = states
    test = tests[state]
    if state == "sealing":
        # The server goes on with it when it starts.
        lab.wait_for_seal(test)
    else:
        assert lab.show(test)["state"] == state
    if state == "draft":
        lab.seal_draft(test)
    if state in ("draft", "sealing", "sealed"):
        lab.do(test, "open")
    if state == "open":
        participant = lab.client()
        trial = participant.get(path).json()["trial"]
        assert [participant.get(slot["audio"][0]).status_code for slot in trial["slots"]] == [200, 200]
        said = {"edit": 1, "finished": True, "choice": "B"}
        assert participant.put(f"{path}/trials/{trial['id']}", json=said).status_code == 200
    if state not in ("closed", "unblinded"):
        lab.do(test, "close")
    if state != "unblinded":
        assert lab.do(test, "unblind")["verified"] is True
    assert lab.experimenter.get(f"/v1/listening-tests/{test}/report").status_code == 200
