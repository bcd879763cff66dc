"""Fetching and verifying weights, against a server on this machine that can misbehave."""

import hashlib
import http.server
import json
import re
import threading

import pytest
from typer.testing import CliRunner

from nebula.cli import app
from nebula.distances import weights
from nebula.distances.weights import WeightsFile, WeightsState
from nebula.errors import ArgumentError, WeightsError

CONTENT = bytes(range(256)) * 4000


def blob(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class Server(http.server.ThreadingHTTPServer):
    """Serves one content, whole or in part; `misbehaviour` says how it fails, `asked` what it was asked for."""

    content = CONTENT
    misbehaviour = ""
    asked: list[str | None]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server
        wanted = self.headers["Range"]
        server.asked.append(wanted)
        if server.misbehaviour == "404":
            self.send_error(404)
            return
        first = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1]) if wanted and server.misbehaviour != "no range" else 0
        if first >= len(server.content):
            self.send_error(416)
            return
        body = server.content[first:]
        self.send_response(206 if first else 200)
        if first:
            self.send_header("Content-Range", f"bytes {first}-{len(server.content) - 1}/{len(server.content)}")
        if server.misbehaviour != "no length":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if server.misbehaviour == "breaks off" else body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with Server(("127.0.0.1", 0), Handler) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def file(server):
    return WeightsFile("toy", "toy.h5.gz", f"http://127.0.0.1:{server.server_port}/models", blob(CONTENT))


def test_a_file_is_fetched_once(server, file, tmp_path):
    steps = []
    folder = tmp_path / "new" / "folder"
    assert weights.fetch(file, folder, lambda done, total: steps.append((done, total)))
    assert file.path(folder).read_bytes() == CONTENT
    assert file.state(folder, check=True) is WeightsState.VERIFIED
    done = [done for done, _ in steps]
    assert done == sorted(set(done))
    assert steps[-1] == (len(CONTENT), len(CONTENT))
    assert not weights.fetch(file, folder)
    assert server.asked == [None]


def test_an_interrupted_download_is_continued(server, file, tmp_path):
    server.misbehaviour = "breaks off"
    with pytest.raises(WeightsError, match=r"broke off"):
        weights.fetch(file, tmp_path)
    have = file.path(tmp_path).with_name("toy.h5.gz.part").stat().st_size
    assert 0 < have <= len(CONTENT) // 2
    assert file.state(tmp_path) is WeightsState.PARTIAL
    server.misbehaviour = ""
    assert weights.fetch(file, tmp_path)
    assert server.asked == [None, f"bytes={have}-"]
    assert file.path(tmp_path).read_bytes() == CONTENT
    assert not file.path(tmp_path).with_name("toy.h5.gz.part").exists()


@pytest.mark.parametrize("misbehaviour", ["no range", "no length"])
def test_a_simple_server_will_do(server, file, tmp_path, misbehaviour):
    file.path(tmp_path).with_name("toy.h5.gz.part").write_bytes(CONTENT[:5000])
    server.misbehaviour = misbehaviour
    assert weights.fetch(file, tmp_path)
    assert file.path(tmp_path).read_bytes() == CONTENT


def test_a_partial_file_that_is_whole_is_verified_and_kept(server, file, tmp_path):
    file.path(tmp_path).with_name("toy.h5.gz.part").write_bytes(CONTENT)
    assert weights.fetch(file, tmp_path)
    assert file.path(tmp_path).read_bytes() == CONTENT


def test_corrupted_content_is_refused_and_deleted(server, file, tmp_path):
    server.content = CONTENT[:-1] + b"x"
    with pytest.raises(WeightsError) as error:
        weights.fetch(file, tmp_path)
    found = f"got git blob id {blob(server.content)} from {file.source}, expected {blob(CONTENT)}"
    assert str(error.value) == f"{file.name}: {found}; it was deleted"
    assert file.state(tmp_path) is WeightsState.MISSING
    server.content = CONTENT
    assert weights.fetch(file, tmp_path)


def test_a_corrupted_beginning_does_not_survive_a_continued_download(server, file, tmp_path):
    file.path(tmp_path).with_name("toy.h5.gz.part").write_bytes(b"x" * 1000)
    with pytest.raises(WeightsError, match="it was deleted"):
        weights.fetch(file, tmp_path)
    assert weights.fetch(file, tmp_path)


def test_a_damaged_file_is_fetched_again(server, file, tmp_path):
    file.path(tmp_path).write_bytes(b"damaged")
    assert file.state(tmp_path) is WeightsState.UNCHECKED
    assert file.state(tmp_path, check=True) is WeightsState.DAMAGED
    assert weights.fetch(file, tmp_path)
    assert file.state(tmp_path, check=True) is WeightsState.VERIFIED


def test_what_a_server_refuses_is_said_in_one_line_with_what_to_do(server, file, tmp_path):
    server.misbehaviour = "404"
    with pytest.raises(WeightsError) as error:
        weights.fetch(file, tmp_path)
    assert str(error.value) == (
        f"{file.source}/toy.h5.gz answered 404 Not Found; run the command again, "
        f"or download it elsewhere and put it at {tmp_path / 'toy.h5.gz'}"
    )


def test_without_a_network_one_line_says_what_to_do(tmp_path):
    with Server(("127.0.0.1", 0), Handler) as closed:
        port = closed.server_port
    file = WeightsFile("toy", "toy.h5.gz", f"http://127.0.0.1:{port}", blob(CONTENT))
    with pytest.raises(WeightsError) as error:
        weights.fetch(file, tmp_path)
    assert "could not be reached" in str(error.value)
    assert str(error.value).endswith(f"download it elsewhere and put it at {tmp_path / 'toy.h5.gz'}")
    assert "\n" not in str(error.value)


def test_two_that_fetch_at_once_download_once(server, file, tmp_path):
    threads = [threading.Thread(target=weights.fetch, args=(file, tmp_path)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert server.asked == [None]


def test_a_blob_id_is_gits(tmp_path):
    path = tmp_path / "hello"
    path.write_bytes(b"hello world\n")
    # What `git hash-object` prints for these bytes.
    assert weights.blob_id(path) == "3b18e512dba79e4c8300dd08aeb37f8e728b8dad"


def test_every_picture_and_content_of_openl3_has_a_file():
    names = {file.name for file in weights.FILES}
    assert names == {
        f"openl3_audio_{picture}_{content}-v0_4_0.h5.gz"
        for picture in ("linear", "mel128", "mel256")
        for content in ("music", "env")
    }
    assert all(re.fullmatch("[0-9a-f]{40}", file.blob_id) for file in weights.FILES)
    assert len({file.blob_id for file in weights.FILES}) == 6
    known = {file.name: file.blob_id for file in weights.FILES}
    assert known["openl3_audio_mel256_music-v0_4_0.h5.gz"] == "15e483646fa3d4091a463f0affbb706e6bbbb098"


def test_groups_and_names_choose_files():
    assert weights.choose([]) == weights.choose(["openl3"]) == weights.FILES
    name = "openl3_audio_linear_env-v0_4_0.h5.gz"
    assert [file.name for file in weights.choose([name])] == [name]
    with pytest.raises(ArgumentError, match="weights: got 'vggish', expected one of openl3, openl3_audio_linear_env"):
        weights.choose(["vggish"])


@pytest.fixture
def command(file, monkeypatch, tmp_path):
    monkeypatch.setattr(weights, "FILES", (file,))

    def run(*arguments):
        return CliRunner().invoke(app, ["weights", *arguments, "--folder", str(tmp_path)])

    return run


def states(result):
    return [item["state"] for item in json.loads(result.stdout)["items"]]


def test_the_command_lists_fetches_and_verifies(command, file, tmp_path):
    assert states(command("list", "--json")) == ["missing"]
    fetched = command("fetch", "toy", "--json")
    assert fetched.exit_code == 0
    assert json.loads(fetched.stdout)["items"] == [
        {
            "group": "toy",
            "name": "toy.h5.gz",
            "state": "verified",
            "path": str(tmp_path / "toy.h5.gz"),
            "url": f"{file.source}/toy.h5.gz",
            "blob_id": blob(CONTENT),
        }
    ]
    assert states(command("list", "--json")) == ["present"]
    verified = command("verify")
    assert verified.exit_code == 0
    assert "toy.h5.gz" in verified.stdout
    assert "verified" in verified.stdout


def test_the_command_fails_where_verification_does(command, file, tmp_path):
    missing = command("verify", "--json")
    assert states(missing) == ["missing"]
    assert isinstance(missing.exception, WeightsError)
    file.path(tmp_path).write_bytes(CONTENT[1:])
    damaged = command("verify", "--json")
    assert states(damaged) == ["damaged"]
    assert str(damaged.exception) == "toy.h5.gz: not the published content; delete and run `nebula weights fetch`"
