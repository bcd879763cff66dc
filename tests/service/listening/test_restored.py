"""A listening test in any state goes on where it was, on the server that its backup was restored to."""

import pytest
from listening_lab import Person, running

from service.backup import backup, restore
from service.settings import Settings


@pytest.fixture(scope="module")
def states(lab, tmp_path_factory):
    """Tests by the state in which they were backed up, a participant's path, and a server over the restored home."""
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
    folder = tmp_path_factory.mktemp("restored")
    backup(Settings.read(home=lab.home), folder / "nebula.tar")
    restore(Settings.read(home=folder / "home"), folder / "nebula.tar")
    with running(folder / "home") as restored:
        yield tests, path, restored


@pytest.mark.parametrize("state", ["draft", "sealed", "open", "closed", "unblinded"])
def test_a_restored_test_goes_on_to_its_report(states, state):
    tests, path, lab = states
    test = tests[state]
    assert lab.show(test)["state"] == state
    if state == "draft":
        lab.seal_draft(test)
    if state in ("draft", "sealed"):
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
