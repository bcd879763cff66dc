"""What `docker-compose.yml` says works: its commands, started as compose would, run a study together.

There is no container engine here. Host names, ports and mounted folders are put in place of those inside containers,
and nothing else of a service's command or environment is changed.
"""

import os
import re
import secrets
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest
import yaml
from ports import free_port
from sqlalchemy import make_url

from nebula.tuning import StudySpec
from service.settings import Settings

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
COMPOSE = yaml.safe_load(FILE.read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service.get("image") == "nebula"}


def test_it_follows_the_compose_schema():
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", FILE]
    found = subprocess.run(command, capture_output=True, text=True)
    assert (found.returncode, found.stdout.strip()) == (0, "ok -- validation done")


def test_every_variable_is_a_setting_and_every_secret_is_given_as_a_file():
    known = {f"NEBULA_{name.upper()}" for name in Settings.model_fields}
    for service in SERVICES.values():
        variables = service.get("environment", {})
        assert {name for name in variables if name.startswith("NEBULA_")} <= known
        mounted = {value.removeprefix("/run/secrets/") for value in variables.values() if "/run/secrets/" in value}
        assert mounted == set(service.get("secrets", []))
        assert mounted <= set(COMPOSE["secrets"])
    assert all(source["file"].startswith("secrets/") for source in COMPOSE["secrets"].values())


def test_the_image_has_the_folders_that_are_mounted():
    image = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    for service in OURS.values():
        for volume in service.get("volumes", ()):
            assert f'"{volume.split(":")[1]}"' in image


class Stand:
    """Where what is inside containers lies outside of them.

    Args:
        folder: For volumes and secrets.
        postgres: A server that takes any password.
    """

    def __init__(self, folder, postgres):
        self.folder, self.processes, self.port = folder, {}, free_port()
        database = make_url(postgres.new_database())
        (folder / "secrets").mkdir()
        for secret in COMPOSE["secrets"]:
            (folder / "secrets" / secret).write_text(f"{secrets.token_hex(32)}\n")
        self.key = (folder / "secrets" / "admin_key").read_text().strip()
        self._places = {
            "postgres:5432/nebula": f"127.0.0.1:{database.port}/{database.database}",
            "/run/secrets": str(folder / "secrets"),
            "/var/lib/nebula": str(folder / "home"),
            "scheduler:": "127.0.0.1:",
            "0.0.0.0": "127.0.0.1",
            "8786": str(free_port()),
            "8000": str(self.port),
        }

    def outside(self, text):
        """Returns a text of the file as it is outside, with variables that nobody set at their defaults."""
        text = re.sub(r"\$\{\w+:-(.*?)\}", r"\1", text)
        for inside, place in self._places.items():
            text = text.replace(inside, place)
        return text

    def environment(self, service):
        given = {name: self.outside(value) for name, value in service.get("environment", {}).items()}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return {"PATH": path, "XDG_CACHE_HOME": str(self.folder / "cache"), "OMP_NUM_THREADS": "1", **given}

    def start(self, name):
        service = SERVICES[name]
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                [self.outside(part) for part in service["command"]],
                env=self.environment(service),
                cwd=self.folder,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def is_healthy(self, name):
        _, *command = SERVICES[name]["healthcheck"]["test"]
        command = [self.outside(part) for part in command]
        found = subprocess.run(command, env=self.environment(SERVICES[name]), capture_output=True, cwd=self.folder)
        return found.returncode == 0

    def wait_for(self, what, seconds=120):
        """Returns the first answer of `what` that is true; a process that ends meanwhile is told about."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for name, process in self.processes.items():
                assert process.poll() is None, (self.folder / f"{name}.log").read_text()[-2000:]
            if answer := what():
                return answer
            time.sleep(0.3)
        raise AssertionError({name: (self.folder / f"{name}.log").read_text()[-1000:] for name in self.processes})

    def stop(self):
        for process in reversed(self.processes.values()):
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture
def stand(tmp_path, postgres):
    stand = Stand(tmp_path, postgres)
    yield stand
    stand.stop()


@pytest.mark.slow
def test_its_commands_run_a_study_together(stand):
    stand.start("scheduler")
    stand.start("api")
    for name in ("scheduler", "api"):
        stand.wait_for(lambda name=name: stand.is_healthy(name))
    stand.start("manager")
    stand.start("worker")
    # Without a target, at whose sounds classifiers would listen in the end for longer than all else takes.
    spec = StudySpec.load("diversity").with_trials(4).with_changes({"sounds_per_trial": 8})
    small = spec.model_dump(mode="json") | {"finalists": {"count": 1, "repeats": 2}}
    headers = {"Authorization": f"Bearer {stand.key}"}
    with httpx2.Client(base_url=f"http://127.0.0.1:{stand.port}", headers=headers, timeout=30) as client:
        answer = client.post("/v1/studies", json=small)
        assert answer.status_code == 201, answer.text
        where = f"/v1/studies/{answer.json()['id']}"

        def ended():
            study = client.get(where).json()
            return study if study["state"] not in ("queued", "running") else None

        study = stand.wait_for(ended, 240)
        assert (study["state"], study["trials_done"], study["reason"]) == ("done", 4, "")
        assert len(client.get(f"{where}/nebula").json()) == 156
    # Nothing but secrets says who may do what.
    assert httpx2.get(f"http://127.0.0.1:{stand.port}{where}").status_code == 401
