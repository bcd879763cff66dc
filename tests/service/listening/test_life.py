"""The life of a listening test: every legal move, and every other one refused."""

import pytest

from nebula.listening import verify
from service.errors import Conflict, Gone
from service.listening.states import MOVES, ListeningState, ListeningVerb, after

PATHS = {
    ListeningState.DRAFT: (),
    ListeningState.SEALED: ("seal",),
    ListeningState.OPEN: ("seal", "open"),
    ListeningState.CLOSED: ("seal", "open", "close"),
    ListeningState.UNBLINDED: ("seal", "open", "close", "unblind"),
}

# What each verb answers in each state over HTTP.
ANSWERS = {
    ListeningState.DRAFT: {
        "edit": 200,
        "seal": 202,
        "open": 409,
        "close": 409,
        "unblind": 409,
        "cancel": 409,
        "delete": 204,
    },
    ListeningState.SEALED: {
        "edit": 409,
        "seal": 409,
        "open": 200,
        "close": 409,
        "unblind": 409,
        "cancel": 409,
        "delete": 204,
    },
    ListeningState.OPEN: {
        "edit": 409,
        "seal": 409,
        "open": 409,
        "close": 200,
        "unblind": 409,
        "cancel": 409,
        "delete": 409,
    },
    ListeningState.CLOSED: {
        "edit": 410,
        "seal": 410,
        "open": 410,
        "close": 410,
        "unblind": 200,
        "cancel": 410,
        "delete": 410,
    },
    ListeningState.UNBLINDED: {
        "edit": 410,
        "seal": 410,
        "open": 410,
        "close": 410,
        "unblind": 410,
        "cancel": 410,
        "delete": 410,
    },
}


@pytest.mark.parametrize("state", ListeningState)
@pytest.mark.parametrize("verb", ListeningVerb)
def test_what_is_no_legal_move_is_refused(state, verb):
    if (state, verb) in MOVES:
        assert after(state, verb) is MOVES[state, verb]
        return
    with pytest.raises((Conflict, Gone), match=f"^listening test: is {state}, expected .* to {verb}$") as caught:
        after(state, verb)
    is_over = state in (ListeningState.CLOSED, ListeningState.UNBLINDED) and (state, verb) != (
        ListeningState.CLOSED,
        ListeningVerb.UNBLIND,
    )
    assert caught.type is (Gone if is_over else Conflict)


@pytest.fixture(scope="module")
def once(lab):
    """A test in each state, made once."""
    spec = {
        "version": 1,
        "name": "life",
        "method": "preference",
        "sounds": 1,
        "seconds": 0.2,
        "systems": [{"name": "one", "nebula": "drum"}, {"name": "other", "nebula": "default"}],
    }

    def make(state):
        test = lab.seal(spec) if PATHS[state] else lab.plan(spec)
        for verb in PATHS[state][1:]:
            lab.do(test, verb)
        return test

    return spec, make


@pytest.mark.parametrize("state", PATHS)
def test_every_move_over_http(lab, once, state):
    spec, make = once
    test = make(state)
    address = f"/v1/listening-tests/{test}"
    for verb, status in ANSWERS[state].items():
        if status >= 300:
            change = {"edit": lambda: lab.experimenter.put(address, json=spec)}
            change["delete"] = lambda: lab.experimenter.delete(address)
            answer = change.get(verb, lambda verb=verb: lab.experimenter.post(f"{address}/{verb}"))()
            assert (answer.status_code, answer.json()["error"]["code"]) == (
                status,
                "gone" if status == 410 else "conflict",
            ), verb
    assert lab.show(test)["state"] == state
    # Whoever asks, and however little: a look at results while people answer would change what they mean.
    for role in ("viewer", "experimenter", "admin"):
        for path in ("key", "analysis", "report", "answers", "answers.csv"):
            status = lab.client(role).get(f"{address}/{path}").status_code
            shown = 403 if (role, path[:7]) == ("viewer", "answers") else 200
            assert status == (shown if state is ListeningState.UNBLINDED or shown == 403 else 409), path
    if state in (ListeningState.DRAFT, ListeningState.SEALED):
        folders = set((lab.home / "listening").iterdir()) if state is ListeningState.SEALED else set()
        assert lab.experimenter.delete(address).status_code == 204
        assert lab.experimenter.get(address).status_code == 404
        if folders:
            assert len(set((lab.home / "listening").iterdir())) == len(folders) - 1


def test_a_draft_is_edited_and_what_is_sealed_is_what_was_posted_last(lab, ab):
    test = lab.plan(ab)
    edited = lab.experimenter.put(f"/v1/listening-tests/{test}", json=ab | {"sounds": 2, "name": "smaller"}).json()
    assert (edited["name"], edited["sounds"], edited["state"]) == ("smaller", 4, "draft")
    assert edited["commitment"] is None


def test_what_cannot_be_rendered_is_a_draft_again(lab, ab):
    ab["systems"][0]["nebula"] = "no such nebula"
    test = lab.plan(ab)
    answer = lab.experimenter.post(f"/v1/listening-tests/{test}/seal")
    assert (answer.status_code, answer.json()["error"]["message"]) == (404, "nebula 'no such nebula': there is none")
    assert lab.show(test)["state"] == "draft"


def test_sounds_have_fresh_seeds_and_the_commitment_holds(lab, ab):
    keys = []
    for _ in range(2):
        test, _ = lab.open(ab)
        published = lab.show(test)["commitment"]
        lab.do(test, "close")
        key = lab.do(test, "unblind")
        assert key["verified"]
        assert key["commitment"] == published
        assert verify(published, key["key_map"], key["salt"])
        name = next(iter(key["key_map"]["stimuli"]))
        key["key_map"]["stimuli"][name]["system"] = "untouched!"
        assert not verify(published, key["key_map"], key["salt"])
        keys.append(key["key_map"])
    seeds = [stimulus["source"]["seed"] for key_map in keys for stimulus in key_map["stimuli"].values()]
    assert len(set(seeds)) == len(seeds) == 16
    assert min(seeds) >= 2**22
    log = lab.client("admin").get("/v1/audit").json()["items"]
    assert {"listening.unblind", "listening.open", "listening.seal"} <= {line["action"] for line in log}
    assert not [line for line in log if any(str(seed) in str(line) for seed in seeds)]


def test_experimenters_plan_and_viewers_look(lab, ab):
    viewer = lab.client("viewer")
    assert viewer.post("/v1/listening-tests", json=ab).status_code == 403
    assert viewer.get("/v1/listening-tests").status_code == 200
    assert lab.client().get("/v1/listening-tests").status_code == 401
