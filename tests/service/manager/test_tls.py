"""A pool in which everybody shows a certificate, made by the commands of the documentation."""

import re
import subprocess
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from ports import free_port
from strangers import listening

from nebula.errors import ArgumentError, StudyDisconnected
from nebula.tuning import Tls
from nebula.tuning.cluster import Workplace
from nebula.tuning.workers import Workers
from service.errors import SettingsError
from service.settings import Settings
from service.studies.states import StudyState

PAGE = Path(__file__).parents[3] / "docs" / "slurm.md"
FILES = {"tls_ca": "ca.pem", "tls_cert": "pool.pem", "tls_key": "pool.key"}


@pytest.fixture
def certificates(tmp_path):
    """What the commands of the documentation make."""
    return make(tmp_path)


def make(folder):
    """Runs the commands of the page in a folder; returns where they leave their files, by setting."""
    text = PAGE.read_text(encoding="utf-8")
    commands = re.findall(r"```sh\n(openssl.*?)```", text, re.DOTALL)
    assert len(commands) == 1
    subprocess.run(["bash", "-euc", commands[0]], cwd=folder, check=True, capture_output=True)
    return {name: str(folder / file) for name, file in FILES.items()}


@pytest.fixture
def settings(tmp_path, certificates):
    return Settings.read(home=tmp_path / "home", **certificates)


@pytest.mark.slow
def test_a_study_runs_between_machines_that_know_each_other_and_strangers_are_kept_out(site, spec, tmp_path):
    port = free_port()
    address = f"tls://127.0.0.1:{port}"
    scheduler = site.start("scheduler", "--port", str(port))
    machine = site.start("worker", address, "--workers", "1")
    site.start("manager", "--scheduler", address)
    study_id = site.post(spec(24))
    site.wait(study_id, lambda study: study.state is StudyState.DONE)
    site.assert_whole(study_id, 24)
    with closing(Workplace(Workers(scheduler=address, tls=site.settings.tls))) as known:
        assert [worker.device for worker in known.look()] == ["cpu"]
    # A watcher and its worker, where they reach the scheduler; and nowhere a web server.
    assert listening(psutil.Process(scheduler.pid)) == {("127.0.0.1", port)}
    assert [host for host, _ in listening(psutil.Process(machine.pid))] == ["127.0.0.1"] * 2
    strange = tmp_path / "strange"
    strange.mkdir()
    stranger = Tls(*(Path(path) for path in make(strange).values()))
    with pytest.raises(StudyDisconnected, match=rf"^scheduler '{address}': does not answer"):
        Workplace(Workers(scheduler=address, tls=stranger)).look()


def test_a_part_of_the_files_is_not_enough(tmp_path, certificates):
    settings = Settings.read(home=tmp_path, tls_ca=certificates["tls_ca"])
    words = r"^NEBULA_TLS_CA, NEBULA_TLS_CERT, NEBULA_TLS_KEY: got 1 of them, expected all three or none$"
    with pytest.raises(SettingsError, match=words):
        _ = settings.tls
    with pytest.raises(ArgumentError, match=r"^scheduler: got 'tls://a:1' without TLS, expected its three files too$"):
        Workplace(Workers(scheduler="tls://a:1"))
    missing = Tls(Path(certificates["tls_ca"]), tmp_path / "nothing", Path(certificates["tls_key"]))
    with pytest.raises(ArgumentError, match=r"^TLS: got '.*nothing', expected the path of a file$"):
        _ = missing.security
