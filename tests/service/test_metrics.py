"""What Prometheus collects."""

from datetime import UTC, datetime

from prometheus_client.parser import text_string_to_metric_families

from service.manager.tables import ManagerBeat, WorkerBeat
from service.studies.states import StudyState
from service.studies.tables import Study, Trial


def collected(client):
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    families = text_string_to_metric_families(answer.text)
    return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}


def test_an_empty_service_has_studies_in_no_state_and_no_workers(admin):
    found = collected(admin)
    assert found["nebula_trials_total",] == 0
    assert {name[1]: value for name, value in found.items() if name[0] == "nebula_studies"} == dict.fromkeys(
        StudyState, 0
    )
    assert not [name for name in found if name[0] == "nebula_workers"]


def test_trials_queue_seconds_and_workers_are_those_of_the_database(service, admin):
    at = datetime(2026, 3, 29, 12, tzinfo=UTC)
    with service.database.begin() as session:
        studies = [
            Study(name=str(n), spec={}, trials_total=2, state=state)
            for n, state in enumerate(["queued"] * 3 + ["running"])
        ]
        studies[0].failures = 2
        session.add_all(studies)
        session.flush()
        session.add_all(
            Trial(study_id=studies[3].id, number=n, generation=0, candidate=n, score=1.0, seconds=0.5) for n in range(2)
        )
        session.add(
            ManagerBeat(
                beat_at=at,
                pool_reached=True,
                tasks=7,
                evaluations=5,
                render_seconds=1.5,
                embed_seconds=2.5,
                score_seconds=0.25,
            )
        )
        session.add_all(
            WorkerBeat(address=f"tcp://{n}", name=str(n), host="h", device="cuda", seen_at=at) for n in range(2)
        )
    found = collected(admin)
    expected = {
        ("nebula_studies", "queued"): 3,
        ("nebula_studies", "running"): 1,
        ("nebula_trials_total",): 2,
        ("nebula_trial_failures_total",): 2,
        ("nebula_workers", "cuda"): 2,
        ("nebula_queue",): 7,
        ("nebula_pool_reached",): 1,
        ("nebula_manager_beat_timestamp_seconds",): at.timestamp(),
        ("nebula_evaluations_total",): 5,
        ("nebula_render_seconds_total",): 1.5,
        ("nebula_embed_seconds_total",): 2.5,
        ("nebula_score_seconds_total",): 0.25,
    }
    assert {name: found[name] for name in expected} == expected


def test_a_key_is_needed(service):
    with service.client(None) as nobody, service.client("viewer") as viewer:
        assert nobody.get("/metrics").status_code == 401
        assert viewer.get("/metrics").status_code == 200
