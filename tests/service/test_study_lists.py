"""Lists of studies: in which order they come, and what is said of each."""

from datetime import UTC, datetime, timedelta

from posted_study import SPEC
from sqlalchemy import update

from nebula.tuning import StudySpec
from service.database import now
from service.studies.tables import Study


def test_studies_are_listed_in_the_order_that_was_asked_for(service, admin):
    means = {"b": 0.25, "c": None, "a": 2.0, "d": -1.0}
    with service.database.begin() as session:
        for day, (name, mean) in enumerate(means.items()):
            spec = StudySpec.load("quickstart").model_dump(mode="json") | {"synth": "dx7"}
            posted = datetime(2026, 1, 1 + day, tzinfo=UTC)
            session.add(Study(name=name, spec=spec, trials_total=1, rescored_mean=mean, created_at=posted))

    def names(order):
        found, after = [], None
        while True:
            parameters = {"order": order, "limit": 2} | ({} if after is None else {"after": after})
            piece = admin.get("/v1/studies", params=parameters).json()
            found += [item["name"] for item in piece["items"]]
            if (after := piece["next"]) is None:
                return found

    assert names("name") == ["a", "b", "c", "d"]
    assert names("score") == ["d", "b", "a"]
    assert names("newest") == ["d", "a", "c", "b"]
    item = admin.get("/v1/studies").json()["items"][0]
    assert (item["synth"], item["distance"], item["target"]) == ("dx7", "log-mel", "drum")


def test_studies_are_listed_by_state(service, admin, study):
    paused = admin.post("/v1/studies", json=SPEC).json()["id"]
    admin.post(f"/v1/studies/{paused}/pause")
    for state, expected in (("queued", [study["id"]]), ("paused", [paused]), ("done", [])):
        found = admin.get("/v1/studies", params={"state": state}).json()["items"]
        assert [item["id"] for item in found] == expected


def test_studies_of_one_moment_are_all_listed(service, admin):
    ids = {admin.post("/v1/studies", json=SPEC).json()["id"] for _ in range(5)}
    with service.database.begin() as session:
        session.execute(update(Study).values(created_at=now() - timedelta(days=1)))
    found, after = [], None
    while True:
        answer = admin.get("/v1/studies", params={"limit": 2} | ({"after": after} if after else {})).json()
        found += [item["id"] for item in answer["items"]]
        after = answer["next"]
        if after is None:
            break
    assert len(found) == 5
    assert set(found) == ids
