"""A database that is away or damaged and a disk that is full are told in a sentence, and over when they are over."""

import os
import signal
import subprocess
import sys
import time

import pytest
from interrupts import hear_interrupts
from listening_lab import running
from small_disk import small_disk

from service.database import Database
from service.database.opening import opened
from service.settings import Settings
from service.studies.states import StudyState
from service.studies.tables import Study

AWAY = "the database does not answer at present"
FULL = "the disk of the server is full"


def refusal(response):
    """Returns what is said in an answer of 503, after checking that it says when to come again."""
    assert (response.status_code, response.headers["retry-after"]) == (503, "5"), response.text
    assert response.json()["error"]["code"] == "unavailable"
    return response.json()["error"]["message"]


def run(home, *arguments):
    """Returns what a command leaves on standard error, and its status."""
    environment = os.environ | {"NEBULA_HOME": str(home)}
    command = [sys.executable, "-m", "nebula", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.stderr, done.returncode


@pytest.mark.slow
def test_a_database_that_is_away_is_told_in_a_sentence_until_it_is_back(mortal, tmp_path, caplog):
    with running(tmp_path / "home", database_url=mortal.new_database()) as lab:
        admin, stranger = lab.client("admin"), lab.client()
        ask = {
            "a list": lambda: admin.get("/v1/studies"),
            "a change": lambda: admin.post("/v1/keys", json={"name": "Ada", "role": "viewer"}),
            "a login": lambda: stranger.post("/v1/session", json={"token": lab.keys["admin"]}),
            "a link that logs in": lambda: stranger.get("/", params={"token": lab.keys["admin"]}),
            "a participant": lambda: stranger.post(f"/v1/listen/{'a' * 22}/sessions", json={}),
            "an upload": lambda: admin.post("/v1/corpora", files=[("files", ("a.wav", b"RIFF"))]),
            "the dashboard": lambda: admin.get("/dashboard/"),
            "a probe": lambda: stranger.get("/readyz"),
        }
        before = {name: request().status_code for name, request in ask.items()}
        mortal.kill()
        for _ in range(2):  # on connections that were there, and on new ones
            assert {name: refusal(request()) for name, request in ask.items()} == dict.fromkeys(ask, AWAY)
        assert stranger.get("/healthz").status_code == 200
        mortal.start()
        assert {name: request().status_code for name, request in ask.items()} == before
    assert "Traceback" not in caplog.text


@pytest.mark.slow
def test_a_follower_of_a_study_whose_database_goes_away_is_told_to_come_back(mortal, tmp_path, caplog):
    with running(tmp_path / "home", database_url=mortal.new_database()) as lab:
        with lab.database.begin() as session:
            study = Study(name="drums", spec={}, trials_total=1)
            session.add(study)
        path = f"/v1/studies/{study.id}/events"
        viewer = lab.client("viewer")
        with viewer.stream("GET", path) as stream:
            assert stream.status_code == 200
            mortal.kill()
            assert refusal(lab.client("viewer").get(path)) == AWAY
        mortal.start()
        with viewer.stream("GET", path) as stream:
            assert stream.status_code == 200
    assert "Traceback" not in caplog.text


def test_what_a_full_disk_cannot_take_is_told_in_a_sentence_and_the_rest_is_answered(tmp_path, caplog):
    with small_disk(tmp_path / "disk", megabytes=8) as disk, running(disk.folder / "home") as lab:
        admin = lab.client("admin")
        ask = {
            "a change": lambda: admin.post("/v1/keys", json={"name": "Ada", "role": "viewer"}),
            "a login": lambda: lab.client().post("/v1/session", json={"token": lab.keys["admin"]}),
            "an upload": lambda: admin.post("/v1/corpora", files=[("files", ("a.wav", bytes(100_000)))]),
        }
        disk.fill()
        uploaded = "upload: cannot be written (No space left on device)"
        said = dict.fromkeys(ask, FULL) | {"an upload": uploaded}
        assert {name: refusal(request()) for name, request in ask.items()} == said
        assert admin.get("/v1/keys").status_code == 200
        assert list((lab.home / "corpora").glob("*")) == []
        disk.free()
        assert {name: request().status_code for name, request in ask.items()} == dict.fromkeys(ask, 201)
    assert "Traceback" not in caplog.text


def test_a_key_that_a_full_disk_cannot_take_is_refused_in_one_line(tmp_path):
    with small_disk(tmp_path / "disk", megabytes=8) as disk:
        home = disk.folder / "home"
        with opened(Settings.read(home=home)):
            pass
        disk.fill()
        said = f"nebula: {FULL}: sqlite:///{home}/nebula.db (disk I/O error)\n"
        assert run(home, "key", "create", "Ada") == (said, 1)


def test_an_upload_that_fits_where_its_row_does_not_leaves_nothing(tmp_path):
    with small_disk(tmp_path / "disk", megabytes=8) as disk, running(disk.folder / "home") as lab:
        admin = lab.client("admin")
        page = 4096
        disk.fill(leave_bytes=27 * page)
        # Two pages are left, and every row takes a page of the write-ahead log.
        files = [("files", ("a.wav", bytes(25 * page)))]
        assert refusal(admin.post("/v1/corpora", files=files)) == FULL
        assert list((lab.home / "corpora").glob("*")) == []
        disk.free()
        assert admin.post("/v1/corpora", files=files).status_code == 201
        assert len(list((lab.home / "corpora").glob("*"))) == 1


@pytest.mark.parametrize("command", [("key", "list"), ("key", "create", "Ada"), ("serve", "--port", "0")])
def test_a_damaged_database_is_refused_in_one_line(tmp_path, command):
    path = tmp_path / "nebula.db"
    path.write_bytes(b"no database at all " * 500)
    said, status = run(tmp_path, *command)
    damaged = "the database is damaged; restore a backup"
    assert (said, status) == (f"nebula: {damaged}: sqlite:///{path} (file is not a database)\n", 1)


@pytest.mark.slow
def test_a_study_whose_trials_are_in_a_damaged_database_fails_and_says_so(tmp_path):
    (tmp_path / "optuna.db").write_bytes(b"no database at all " * 500)
    spec = {
        "version": 1,
        "name": "drums",
        "objective": "diversify",
        "search": {"phases": [{"sampler": "random", "trials": 1}]},
    }
    with opened(Settings.read(home=tmp_path)) as database:
        with database.begin() as session:
            study = Study(name="drums", spec=spec, trials_total=1)
            session.add(study)
        manager = subprocess.Popen(
            [sys.executable, "-m", "nebula", "manager", "--workers", "1"],
            env=os.environ | {"NEBULA_HOME": str(tmp_path)},
            stderr=subprocess.DEVNULL,
        )
        try:
            failed = ended(database, study.id)
        finally:
            manager.terminate()
            manager.wait()
    assert (failed.state, failed.reason) == (
        StudyState.FAILED,
        f"study 'drums {study.id}': optuna.db is damaged (file is not a database); restore a backup, or move the file "
        "away to begin anew",
    )


def ended(database: Database, study_id: str) -> Study:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with database.read() as session:
            study = session.get(Study, study_id)
        if study.state not in (StudyState.QUEUED, StudyState.RUNNING):
            return study
        time.sleep(0.1)
    pytest.fail(f"{study.state}, {study.reason}")


@pytest.mark.slow
def test_a_server_that_is_interrupted_before_it_answers_ends_in_one_line(tmp_path):
    command = [sys.executable, "-m", "nebula", "serve", "--port", "0", "--home", tmp_path]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=hear_interrupts
    ) as server:
        while not (tmp_path / "server.lock").exists():
            time.sleep(0.01)
        server.send_signal(signal.SIGINT)
        _, said = server.communicate(timeout=120)
    assert b"Traceback" not in said
    # By the interrupt, or in order where the server was about to answer.
    assert server.returncode in (0, 130)
    assert (b"nebula: stopped\n" in said) == (server.returncode == 130)
