"""Whether the service lives, whether it is ready, and who works."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from service.application import create_app
from service.database import now
from service.manager.tables import ManagerBeat, WorkerBeat
from service.studies.tables import Study


def test_anybody_may_ask_whether_it_lives_and_is_ready(service):
    with service.client(None) as client:
        for path in ("/healthz", "/readyz"):
            assert client.get(path).json() == {"status": "ok"}


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_it_is_not_ready_without_its_database_but_lives(settings):
    # Nothing listens there.
    unreachable = "postgresql+psycopg://nebula:secret@127.0.0.1:1/nebula"
    app = create_app(settings.model_copy(update={"database_url": unreachable}))
    client = TestClient(app)
    assert client.get("/healthz").status_code == 200
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["error"]["message"] == "the database does not answer at present"
    assert response.headers["retry-after"] == "5"
    assert "secret" not in response.text


def test_the_manager_and_workers_are_shown_as_the_manager_told(service, admin):
    before = admin.get("/v1/system").json()
    assert before["manager"]["alive"] is False
    assert before["workers"] == []
    assert set(before["studies"].values()) == {0}
    assert before["trial_failures"] == 0
    with service.database.begin() as session:
        session.add_all(Study(name="s", spec={}, trials_total=9, failures=failures) for failures in (2, 3))
        session.add(ManagerBeat(holder="somebody", pool_reached=True, evaluations=7, evaluations_per_minute=3))
        session.add(WorkerBeat(address="tcp://a", name="0", host="here", device="cpu", tasks=1, seen_at=now()))
    during = admin.get("/v1/system").json()
    assert during["manager"]["alive"] is True
    assert during["trial_failures"] == 5
    assert during["manager"]["evaluations_per_minute"] == 3
    assert [worker["address"] for worker in during["workers"]] == ["tcp://a"]
    with service.database.begin() as session:
        session.get(ManagerBeat, 1).beat_at = now() - timedelta(minutes=1)
    after = admin.get("/v1/system").json()["manager"]
    assert (after["alive"], after["pool_reached"], after["evaluations_per_minute"]) == (False, False, 0)
    assert after["evaluations"] == 7
