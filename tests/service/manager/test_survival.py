"""Processes die, one at a time and at random moments; the study ends as if nothing had happened."""

import random
import signal
import socket
import subprocess
import sys

import psutil
import pytest
from postgres import Postgres

from service.settings import Settings
from service.studies.results import study_folder
from service.studies.states import State

pytestmark = pytest.mark.slow

TRIALS = 200


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, percussion, toml):
    """The nebula that the command line finds when nothing happens."""
    folder = tmp_path_factory.mktemp("undisturbed")
    path = folder / "spec.toml"
    path.write_text(toml(TRIALS))
    command = [sys.executable, "-m", "nebula", "tune", path, "--out", folder, "--target", percussion]
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


def test_workers_manager_and_database_die_and_nothing_is_lost(site, spec, mortal, undisturbed):
    chance = random.Random(0)
    victims = ["worker", "manager", "worker", "manager", *(["database"] * 2 if mortal else [])]
    chance.shuffle(victims)
    moments = sorted(chance.sample(range(TRIALS - 5), len(victims)))
    study_id = site.post(spec(TRIALS))
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
        else:
            mortal.kill()
            mortal.start()
        killed.append((victim, site.study(study_id).state))
    # All happened while the study was under way, so that they could have harmed it.
    assert killed == [(victim, State.RUNNING) for victim in victims]
    study = site.wait(study_id, lambda study: study.state is State.DONE)
    assert (study.trials_done, study.failures, study.reason) == (TRIALS, 0, "")
    site.assert_whole(study_id, TRIALS)
    assert (study_folder(site.settings.home, study_id) / "nebula.json").read_bytes() == undisturbed


@pytest.mark.parametrize("mortal", ["sqlite"], indirect=True)
def test_a_worker_of_another_machine_is_cut_off_in_mid_trial_and_the_study_ends(site, spec, undisturbed):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    # Fewer seconds than a worker may be busy with starting on a machine that has better things to do would be too few.
    site.start("scheduler", "--port", str(port), NEBULA_SILENCE_SECONDS="15")
    machines = [site.start("worker", address, "--workers", "1") for _ in range(2)]
    site.start("manager", "--scheduler", address)
    study_id = site.post(spec(TRIALS))
    site.wait(study_id, lambda study: study.trials_done >= 30)
    # As a cable that is pulled out: nothing is heard any more, and no connection is closed.
    for process in (psutil.Process(machines[0].pid), *site.workers(machines[0])):
        process.send_signal(signal.SIGSTOP)
    study = site.wait(study_id, lambda study: study.state is State.DONE)
    assert (study.trials_done, study.failures) == (TRIALS, 0)
    site.assert_whole(study_id, TRIALS)
    assert (study_folder(site.settings.home, study_id) / "nebula.json").read_bytes() == undisturbed
