"""Processes die, one at a time and at random moments; the study ends as if nothing had happened."""

import json
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing

import httpx2
import psutil
import pytest
from ports import free_port, wait_for_port
from postgres import Postgres

from service.accounts import queries
from service.accounts.caller import COMMAND_LINE
from service.accounts.roles import Role
from service.settings import Settings
from service.studies.results import study_folder
from service.studies.states import StudyState

pytestmark = pytest.mark.slow

TRIALS = 80

_PATIENCE_SECONDS = 120


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, few_hits, toml):
    """The nebula that the command line finds when nothing happens."""
    folder = tmp_path_factory.mktemp("undisturbed")
    path = folder / "spec.toml"
    path.write_text(toml(TRIALS))
    command = [sys.executable, "-m", "nebula", "tune", path, "--out", folder, "--target", few_hits]
    subprocess.run(command, check=True, timeout=600, capture_output=True)
    return (folder / "nebula.json").read_bytes()


@pytest.fixture(params=["sqlite", "postgresql"])
def mortal(request):
    """A PostgreSQL server that may be killed; None for SQLite, which has no process."""
    if request.param == "sqlite":
        yield None
        return
    server = Postgres()
    server.start()
    yield server
    server.remove()


@pytest.fixture
def settings(mortal, tmp_path):
    url = mortal.new_database() if mortal else ""
    return Settings.read(home=tmp_path / "home", database_url=url)


class Api:
    """The API, started again whenever it ends, as docker-compose.yml has it: without the database it cannot begin.

    Attributes:
        port: Where it listens.
    """

    def __init__(self, site):
        self.port = free_port()
        self._start = lambda: site.start("serve", "--no-manager", "--port", str(self.port))
        self._process, self._closing, self._lock = self._start(), False, threading.Lock()
        self._thread = threading.Thread(target=self._keep_running, daemon=True)
        self._thread.start()

    def _keep_running(self):
        while True:
            self._process.wait()
            with self._lock:
                if self._closing:
                    return
                self._process = self._start()

    def kill(self):
        """Kills it with signal 9."""
        self._process.kill()

    def close(self):
        """Ends it for good."""
        with self._lock:
            self._closing = True
            self._process.kill()
        self._thread.join()


class Onlooker:
    """A client that follows a study as a browser does: when the stream breaks it comes back and says what it knows."""

    def __init__(self, new_client, study_id):
        self._new_client, self._path = new_client, f"/v1/studies/{study_id}/events"
        self.trials, self._known, self._done = [], "0", threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def _follow(self):
        while not self._done.is_set():
            try:
                self._listen()
            except httpx2.HTTPError:
                time.sleep(0.1)

    def _listen(self):
        headers, kind = {"Last-Event-ID": self._known}, ""
        with self._new_client() as client, client.stream("GET", self._path, headers=headers) as stream:
            for line in stream.iter_lines() if stream.status_code == 200 else ():
                name, _, value = line.partition(": ")
                if name == "event":
                    kind = value
                elif name == "data" and kind == "trial":
                    self.trials.append(json.loads(value)["number"])
                elif name == "data" and kind == "state" and json.loads(value)["state"] == StudyState.DONE:
                    self._done.set()
                elif name == "id":
                    self._known = value
                if not line and self._done.is_set():
                    return

    def wait(self):
        """Waits until the study is done, as the events tell it, and returns the numbers of the trials it heard of."""
        self._thread.join(_PATIENCE_SECONDS)
        assert self._done.is_set(), f"heard of {len(self.trials)} trials, and nothing since"
        return self.trials


@pytest.fixture
def api(site):
    with closing(Api(site)) as api:
        yield api


def test_workers_manager_api_and_database_die_and_nothing_is_lost(site, spec, mortal, undisturbed, api):
    chance = random.Random(0)
    victims = ["worker", "manager", "api", "worker", "manager", "api", *(["database"] * 2 if mortal else [])]
    chance.shuffle(victims)
    moments = sorted(chance.sample(range(TRIALS - 5), len(victims)))
    token = queries.new_token()
    with site.database.begin() as session:
        queries.create_key(session, COMMAND_LINE, "tests", Role.EXPERIMENTER, token)

    def new_client():
        headers = {"Authorization": f"Bearer {token}"}
        return httpx2.Client(base_url=f"http://127.0.0.1:{api.port}", headers=headers, timeout=20)

    wait_for_port(api.port)
    with new_client() as client:
        study_id = client.post("/v1/studies", json=spec(TRIALS).model_dump(mode="json")).raise_for_status().json()["id"]
    onlooker = Onlooker(new_client, study_id)
    manager = site.start("manager", "--workers", "2")
    killed = []
    for moment, victim in zip(moments, victims, strict=True):
        site.wait(study_id, lambda study, moment=moment: study.trials_done >= moment)
        if victim == "worker":
            for worker in site.workers(manager)[:1]:
                worker.kill()
        elif victim == "manager":
            manager.kill()
            manager.wait()
            manager = site.start("manager", "--workers", "2")
        elif victim == "api":
            api.kill()
        else:
            mortal.kill()
            mortal.start()
        killed.append((victim, site.study(study_id).state))
    # All happened while the study was under way, so that they could have harmed it.
    assert killed == [(victim, StudyState.RUNNING) for victim in victims]
    study = site.wait(study_id, lambda study: study.state is StudyState.DONE)
    assert (study.trials_done, study.failures, study.reason) == (TRIALS, 0, "")
    site.assert_whole(study_id, TRIALS)
    assert onlooker.wait() == list(range(TRIALS))
    with new_client() as client:
        assert client.get(f"/v1/studies/{study_id}/nebula").content == undisturbed


def test_a_scheduler_dies_and_a_worker_of_another_machine_is_cut_off_in_mid_trial_and_the_study_ends(
    site, spec, undisturbed
):
    address = f"tcp://127.0.0.1:{(port := free_port())}"

    def start_scheduler():
        # Fewer seconds than a worker may be busy with starting on a machine that has better things to do would be too
        # few.
        return site.start("scheduler", "--port", str(port), NEBULA_SILENCE_SECONDS="15")

    scheduler = start_scheduler()
    machines = [site.start("worker", address, "--workers", "1") for _ in range(2)]
    manager = site.start("manager", "--scheduler", address)
    study_id = site.post(spec(TRIALS))
    site.wait(study_id, lambda study: study.trials_done >= 20)
    scheduler.kill()
    site.wait(study_id, lambda study: study.reason.startswith("waits: "))
    start_scheduler()
    site.wait(study_id, lambda study: study.trials_done >= 40)
    assert manager.poll() is None
    # As a cable that is pulled out: nothing is heard any more, and no connection is closed.
    for process in (psutil.Process(machines[0].pid), *site.workers(machines[0])):
        process.send_signal(signal.SIGSTOP)
    study = site.wait(study_id, lambda study: study.state is StudyState.DONE)
    assert (study.trials_done, study.failures) == (TRIALS, 0)
    site.assert_whole(study_id, TRIALS)
    assert (study_folder(site.settings.home, study_id) / "nebula.json").read_bytes() == undisturbed
