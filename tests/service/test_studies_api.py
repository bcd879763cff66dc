"""Studies over HTTP: posting, asking for moves, trials and results."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from posted_study import SPEC
from sqlalchemy import insert, update

from nebula.tuning import StudySpec
from service.database import now
from service.studies.states import ACTIVE, MOVES, StudyState, StudyVerb
from service.studies.tables import Study, Trial


def change(service, study_id, **values):
    """Does to a study what only the manager does."""
    with service.database.begin() as session:
        session.execute(update(Study).where(Study.id == study_id).values(**values))


def test_a_posted_study_is_queued_as_it_was_asked_for(admin):
    posted = admin.post("/v1/studies", json=SPEC | {"priority": 3, "concurrency": 2})
    assert posted.status_code == 201
    study = posted.json()
    assert posted.headers["location"] == f"/v1/studies/{study['id']}"
    assert (study["state"], study["priority"], study["concurrency"], study["trials_total"]) == ("queued", 3, 2, 20)
    assert study["spec"] == StudySpec.parse(SPEC).model_dump(mode="json")
    assert admin.get(f"/v1/studies/{study['id']}").json() == study
    assert [item["id"] for item in admin.get("/v1/studies").json()["items"]] == [study["id"]]


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", StudySpec.shipped())
def test_every_shipped_spec_can_be_posted_once_it_has_a_target(admin, name):
    spec = admin.get(f"/v1/specs/{name}").json()["spec"]
    if spec["objective"] == "match":
        spec["target"] = "drum"
    assert admin.post("/v1/studies", json=spec).status_code == 201


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("change", "where", "message"),
    [
        ({"sounds": 4}, "body.sounds", "unknown key"),
        ({"sounds_per_trial": "4"}, "body.sounds_per_trial", 'got "4", input should be a valid integer'),
        ({"search": {}}, "body.search.phases", "missing"),
        ({"search": {"phases": [{"sampler": "random", "trials": 0}]}}, "body.search.phases.0.trials", "got 0, input"),
        ({"version": 2}, "body.version", "got 2, input should be 1"),
        ({"priority": 10**12}, "body.priority", "got 1000000000000, input should be less than or equal to 1000"),
    ],
)
def test_a_spec_that_cannot_be_used_is_refused_by_the_name_of_its_value(admin, change, where, message):
    response = admin.post("/v1/studies", json=SPEC | change)
    assert response.status_code == 422
    detail = response.json()["error"]["details"][0]
    assert detail["where"] == where
    assert detail["message"].startswith(message)
    assert admin.get("/v1/studies").json()["items"] == []


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"target": None}, "target: missing"),
        ({"target": "/etc"}, "target: got '/etc', expected"),
        ({"others": ["/etc"]}, "others: got '/etc', expected"),
        ({"hold_out": "group"}, "hold_out: got 'group' for a target that is a nebula, expected recordings"),
        ({"target": "../../nebula.db"}, "target: got '../../nebula.db', expected"),
        ({"search": SPEC["search"] | {"start": "/etc/passwd"}}, "search.start: got '/etc/passwd', expected"),
        ({"sounds_per_trial": 10**9}, "sounds_per_trial: got 1000000000, expected at most 65536"),
        (
            {"search": {"phases": [{"sampler": "random", "trials": 99_999}, {"sampler": "random", "trials": 2}]}},
            "search.phases: got 100001 trials in all, expected at most 100000",
        ),
        (
            {"sounds_per_trial": 65_536, "search": {"phases": [{"sampler": "random", "trials": 100_000}]}},
            "study: got 6560153600 sounds in all, expected at most 1000000000; 6560153600 sounds take one worker 152 ",
        ),
        ({"distance": "hear:os"}, "distance: got 'hear:os', a module that the setting NEBULA_HEAR_MODULES does not"),
        ({"distance": "loudness"}, "distance: got 'loudness', expected one of"),
    ],
)
def test_a_study_reads_nothing_but_the_services_own_things_and_is_of_a_sane_size(admin, change, message):
    response = admin.post("/v1/studies", json=SPEC | change)
    assert response.status_code == 422
    assert response.json()["error"]["message"].startswith(message)


def test_a_viewer_looks_and_an_experimenter_does(service, study):
    with service.client("viewer") as client:
        assert client.get(f"/v1/studies/{study['id']}").status_code == 200
        assert client.post("/v1/studies", json=SPEC).status_code == 403
        assert client.post(f"/v1/studies/{study['id']}/pause").status_code == 403
    with service.client("experimenter") as client:
        assert client.post(f"/v1/studies/{study['id']}/pause").json()["state"] == "paused"


@pytest.mark.parametrize("state", StudyState)
@pytest.mark.parametrize("verb", StudyVerb)
@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_every_legal_move_is_made_or_noted_and_every_other_is_refused(service, admin, study, state, verb):
    change(service, study["id"], state=state, stage="listener")
    response = admin.post(f"/v1/studies/{study['id']}/{verb}")
    if (state, verb) not in MOVES:
        assert response.status_code == 409
        allowed = " or ".join(start.value for start, move in MOVES if move is verb)
        message = f"study '{study['id']}': is {state.value}, expected {allowed} to {verb.value}"
        assert response.json()["error"]["message"] == message
        assert admin.get(f"/v1/studies/{study['id']}").json()["wish"] is None
        return
    assert response.status_code == 200
    expected = (state, verb) if state in ACTIVE else (MOVES[state, verb], None)
    assert (response.json()["state"], response.json()["wish"]) == expected


def test_classifiers_can_be_skipped_only_while_they_are_asked(service, admin, study):
    change(service, study["id"], state=StudyState.RUNNING, stage="search")
    response = admin.post(f"/v1/studies/{study['id']}/skip")
    assert response.status_code == 409
    expected = f"study '{study['id']}': is asking no classifiers now, expected it to, to skip them"
    assert response.json()["error"]["message"] == expected
    change(service, study["id"], stage="listener")
    assert admin.post(f"/v1/studies/{study['id']}/skip").json()["wish"] == "skip"


def test_moves_and_wishes_are_in_the_audit_log(service, admin, study):
    admin.post(f"/v1/studies/{study['id']}/pause")
    admin.post(f"/v1/studies/{study['id']}/pause")  # refused, and therefore not logged
    entries = admin.get("/v1/audit", params={"limit": 2}).json()["items"]
    assert [(entry["action"], entry["subject"]) for entry in entries] == [
        ("study.pause", study["id"]),
        ("study.create", study["id"]),
    ]


def test_studies_of_one_name_are_told_apart_by_a_number(service, admin):
    longest = "n" * 64
    names = [admin.post("/v1/studies", json=SPEC | {"name": name}).json()["name"] for name in ("kit", "kit", longest)]
    assert names == ["kit", "kit 2", longest]
    third, cut = (admin.post("/v1/studies", json=SPEC | {"name": name}).json() for name in ("kit", longest))
    assert (third["name"], third["spec"]["name"]) == ("kit 3", "kit 3")
    assert cut["name"] == "n" * 62 + " 2"


def test_a_study_is_renamed_unless_another_has_the_name(service, admin, study):
    admin.post("/v1/studies", json=SPEC | {"name": "taken"})
    renamed = admin.patch(f"/v1/studies/{study['id']}", json={"name": "kicks"}).json()
    assert (renamed["name"], renamed["spec"]["name"]) == ("kicks", "drums")
    assert admin.patch(f"/v1/studies/{study['id']}", json={"name": "kicks"}).status_code == 200
    refused = admin.patch(f"/v1/studies/{study['id']}", json={"name": "taken"})
    assert refused.status_code == 409
    assert refused.json()["error"]["message"] == "name: got 'taken', which another study has; choose another"
    assert admin.patch(f"/v1/studies/{study['id']}", json={"name": "<b>"}).status_code == 422
    with service.client("viewer") as client:
        assert client.patch(f"/v1/studies/{study['id']}", json={"name": "mine"}).status_code == 403
    # The name is free for another.
    assert admin.post("/v1/studies", json=SPEC).json()["name"] == "drums"


@pytest.mark.parametrize(
    ("search", "found"), [("KIT", ["kit 100", "a kit"]), ("t_1", []), ("t 1", ["kit 100"]), ("%", [])]
)
def test_studies_are_found_by_a_part_of_their_names(admin, search, found):
    for name in ("a kit", "kit 100", "other"):
        admin.post("/v1/studies", json=SPEC | {"name": name})
    listed = admin.get("/v1/studies", params={"search": search}).json()["items"]
    assert [study["name"] for study in listed] == found


def test_two_who_post_one_name_at_once_get_two(service, admin):
    with ThreadPoolExecutor(4) as pool:
        posts = [pool.submit(admin.post, "/v1/studies", json=SPEC | {"name": "at once"}) for _ in range(4)]
        names = sorted(post.result().json()["name"] for post in posts)
    assert names == ["at once", "at once 2", "at once 3", "at once 4"]


def test_a_post_that_is_sent_twice_is_done_once(service, admin):
    headers = {"Idempotency-Key": "one"}
    first, second = (admin.post("/v1/studies", json=SPEC, headers=headers) for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert first.headers["location"] == second.headers["location"]
    other = admin.post("/v1/studies", json=SPEC | {"seed": 1}, headers=headers)
    assert other.status_code == 422
    assert other.json()["error"]["message"] == "Idempotency-Key: got 'one' of another request, expected a new one"
    assert len(admin.get("/v1/studies").json()["items"]) == 1
    with service.client("experimenter") as client:
        # Somebody else's key of the same name is another one.
        assert client.post("/v1/studies", json=SPEC, headers=headers).json()["id"] != first.json()["id"]


def test_a_post_that_failed_may_be_sent_again(admin):
    headers = {"Idempotency-Key": "one"}
    assert admin.post("/v1/studies", json=SPEC | {"target": "elsewhere"}, headers=headers).status_code == 422
    assert admin.post("/v1/studies", json=SPEC, headers=headers).status_code == 201


def test_of_a_post_sent_many_times_at_once_one_is_done(service, admin):
    statuses = []

    def post():
        with service.client() as client:
            statuses.append(client.post("/v1/studies", json=SPEC, headers={"Idempotency-Key": "one"}).status_code)

    threads = [threading.Thread(target=post) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert len(admin.get("/v1/studies").json()["items"]) == 1


def enter_trials(service, study_id, count, first=0):
    """Enters finished trials with scores 1/3, 2/3, 1, ..."""
    with service.database.begin() as session:
        done = {"trials_total": first + count, "trials_done": first + count}
        session.execute(update(Study).where(Study.id == study_id).values(**done))
        session.execute(
            insert(Trial),
            [
                {
                    "study_id": study_id,
                    "number": number,
                    "generation": number // 20,
                    "candidate": number % 20,
                    "score": (number + 1) / 3,
                    "seconds": 0.5,
                    "finished_at": now(),
                }
                for number in range(first, first + count)
            ],
        )


def test_trials_come_in_the_order_in_which_they_finished(service, admin, study):
    enter_trials(service, study["id"], 7)
    path = f"/v1/studies/{study['id']}/trials"
    first = admin.get(path, params={"limit": 4}).json()
    second = admin.get(path, params={"limit": 4, "after": first["next"]}).json()
    items = first["items"] + second["items"]
    assert second["next"] is None
    assert [trial["number"] for trial in items] == list(range(7))
    assert [trial["score"] for trial in items] == [(number + 1) / 3 for number in range(7)]


def test_all_scores_come_at_once_and_ten_thousand_in_little_room(service, admin, study):
    enter_trials(service, study["id"], 10_000)
    response = admin.get(f"/v1/studies/{study['id']}/scores", headers={"Accept-Encoding": "identity"})
    assert response.json()["numbers"] == list(range(10_000))
    for number, score in enumerate(response.json()["scores"]):
        assert score == pytest.approx((number + 1) / 3, rel=5e-6)  # six significant digits
    assert len(response.content) < 200_000


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_scores_that_were_shown_before_are_those_of_now(service, admin, study, encoding):
    path = f"/v1/studies/{study['id']}/scores"
    for done in range(0, 60, 20):
        enter_trials(service, study["id"], 20, done)
        for _ in range(2):
            response = admin.get(path, headers={"Accept-Encoding": encoding})
            assert response.headers.get("content-encoding", "identity") == encoding
            assert response.json()["numbers"] == list(range(done + 20))


def test_results_are_there_when_they_are_written(service, admin, study):
    paths = {"nebula": "nebula.json", "provenance": "nebula.provenance.json", "report": "report.html"}
    paths["trials.csv"] = "trials.csv"
    for path, name in paths.items():
        response = admin.get(f"/v1/studies/{study['id']}/{path}")
        assert response.status_code == 404
        assert response.json()["error"]["message"] == f"study '{study['id']}': has no {name}, it is queued"
    folder = service.home / "studies" / study["id"]
    folder.mkdir(parents=True)
    for name in paths.values():
        (folder / name).write_text(f"the {name}")
    for path, name in paths.items():
        assert admin.get(f"/v1/studies/{study['id']}/{path}").text == f"the {name}"


def test_a_report_can_do_nothing_but_show_itself(service, admin, study):
    folder = service.home / "studies" / study["id"]
    folder.mkdir(parents=True)
    (folder / "report.html").write_text("<script>1</script>")
    policy = admin.get(f"/v1/studies/{study['id']}/report").headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts allow-downloads; default-src 'none';")
    assert "allow-same-origin" not in policy
    assert "connect-src" not in policy
