"""`nebula serve` and `nebula key`, as people run them."""

import os
import re
import signal
import subprocess
import sys
import time

import httpx2
import psutil
import pytest
import torch
from strangers import listening

from nebula.audio import wav_bytes
from service.accounts import queries
from service.database.opening import opened
from service.errors import SettingsError
from service.server import admit
from service.settings import Settings

NEBULA = [sys.executable, "-m", "nebula"]


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.fixture
def log(tmp_path):
    """What servers and their managers say of themselves."""
    return tmp_path / "log"


@pytest.fixture
def serve(home, log):
    """Starts `nebula serve`; returns the process and the first line it prints."""
    started = []

    def start(*arguments):
        with log.open("a") as said:
            process = subprocess.Popen(
                [*NEBULA, "serve", "--home", home, "--port", "0", "--workers", "1", *arguments],
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
            )
        started.append(process)
        return process, process.stdout.readline().strip()

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def run(*arguments):
    return subprocess.run([*NEBULA, *arguments], capture_output=True, text=True, check=False)


def wait_until(true, seconds=120):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_the_first_start_on_loopback_makes_a_key_and_later_ones_do_not(home):
    with opened(Settings.read(home=home)) as database:
        token = admit(database, Settings.read(home=home))
        assert admit(database, Settings.read(home=home)) is None
        with database.read() as session:
            assert queries.caller_of_key(session, token).role == "admin"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.1", "lab.example"])
def test_where_others_can_reach_it_there_has_to_be_a_key(home, host):
    settings = Settings.read(home=home, host=host)
    with opened(settings) as database:
        with pytest.raises(SettingsError, match=f"host: got '{host}', which others can reach, and there is no key"):
            admit(database, settings)
        with database.read() as session:
            assert queries.valid_keys(session) == 0


def test_a_key_may_come_in_a_file_and_is_not_revived_once_revoked(home, tmp_path):
    file = tmp_path / "key"
    file.write_text("x" * 32 + "\n")
    settings = Settings.read(home=home, host="0.0.0.0", key_file=file)
    with opened(settings) as database:
        assert admit(database, settings) is None
        with database.begin() as session:
            assert queries.caller_of_key(session, "x" * 32).name == "key file"
            queries.caller_of_key(session, "x" * 32)
        assert admit(database, settings) is None
        with database.read() as session:
            assert queries.valid_keys(session) == 1


@pytest.mark.parametrize("content", ["", "x" * 31])
def test_a_key_that_can_be_guessed_is_refused(home, tmp_path, content):
    file = tmp_path / "key"
    file.write_text(content)
    settings = Settings.read(home=home, key_file=file)
    with (
        opened(settings) as database,
        pytest.raises(SettingsError, match=f"^key_file: got {len(content)} characters, expected 32 to 200$"),
    ):
        admit(database, settings)


def test_keys_are_made_listed_and_revoked_by_command(home):
    made = run("key", "create", "lab", "--role", "admin", "--home", home)
    assert re.fullmatch(r"nebula_[A-Za-z0-9_-]{43}\n", made.stdout)
    listed = run("key", "list", "--home", home)
    assert "lab" in listed.stdout
    (key_id,) = re.findall(r"\b[0-9a-f]{16}\b", listed.stdout)
    refused = run("key", "revoke", key_id, "--home", home)
    assert (refused.returncode, refused.stderr) == (
        1,
        f"nebula: key '{key_id}': the last one of an admin, make another one first\n",
    )


@pytest.mark.slow
def test_one_command_is_the_whole_service(serve, log):
    process, link = serve()
    address, _, token = link.partition("?token=")
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", address)
    with httpx2.Client(base_url=address, timeout=30) as client:
        client.get("/", params={"token": token})
        assert client.get("/v1/session").json()["role"] == "admin"

        def manager():
            return client.get("/v1/system").json()["manager"]

        wait_until(lambda: manager()["alive"])

        # A manager that dies is started again, and says so.
        (companion,) = psutil.Process(process.pid).children()
        companion.kill()
        wait_until(lambda: [child.pid for child in psutil.Process(process.pid).children()] not in ([], [companion.pid]))
        before = manager()["beat_at"]
        wait_until(lambda: manager()["beat_at"] > before)

    # Nobody but this machine can knock at any of its processes.
    assert {host for host, _ in listening(psutil.Process(process.pid))} == {"127.0.0.1"}
    family = psutil.Process(process.pid).children(recursive=True)
    log.write_text("")
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert psutil.wait_procs(family, timeout=10)[1] == []
    # The manager has ended in order as well.
    assert "Fatal Python error" not in log.read_text()
    assert "the manager ended" not in log.read_text()

    process, link = serve()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", link)  # the key was shown once


@pytest.mark.slow
def test_a_server_that_is_killed_leaves_no_manager_behind(serve):
    process, _ = serve()
    wait_until(lambda: psutil.Process(process.pid).children())
    family = psutil.Process(process.pid).children(recursive=True)
    os.kill(process.pid, signal.SIGKILL)
    assert psutil.wait_procs(family, timeout=60)[1] == []


@pytest.mark.slow
def test_it_refuses_in_one_line_to_start_where_others_can_reach_it_without_a_key(home):
    refused = run("serve", "--home", home, "--host", "0.0.0.0", "--port", "0")
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1] == (
        "nebula: host: got '0.0.0.0', which others can reach, and there is no key yet: make one with "
        "'nebula key create NAME --role admin'"
    )


@pytest.mark.slow
def test_a_second_server_on_one_home_is_refused_and_the_first_loses_nothing(serve, home):
    process, link = serve("--no-manager")
    address, _, token = link.partition("?token=")
    sounds = [f"{number}.wav" for number in range(11)]
    second = []

    def body():
        for number, name in enumerate(sounds):
            if number == 5:  # in the middle of the first one's upload
                second.append(run("serve", "--home", home, "--port", "0", "--no-manager"))
            yield f'--x\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode()
            yield wav_bytes(torch.full((4410,), 0.1), 44100, seed=0) + b"\r\n"
        yield b"--x--\r\n"

    headers = {"Authorization": f"Bearer {token}", "Content-Type": "multipart/form-data; boundary=x"}
    corpus = httpx2.post(f"{address}v1/corpora", content=body(), headers=headers, timeout=60).json()
    assert (corpus["state"], corpus["sounds_usable"]) == ("ready", 11)
    assert (second[0].returncode, second[0].stdout) == (1, "")
    assert second[0].stderr.splitlines()[-1] == (
        f"nebula: home: got '{home}', which another server uses, expected one server a home; stop that one, or choose "
        "another home"
    )
    process.kill()
    process.wait()
    assert serve("--no-manager")[1].startswith("http://")  # a server that died holds nothing
