"""A server on SQLite, whoever experiments with it, and people who take part in its listening tests."""

import io
import os
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager

import httpx2
import soundfile
from ports import free_port, wait_for_port
from sqlalchemy import select

from service.accounts import queries
from service.accounts.caller import COMMAND_LINE
from service.accounts.roles import Role
from service.application import create_app
from service.database import Database
from service.database.migrations import migrate
from service.listening import answering
from service.listening.tables import ListeningQuestion
from service.server import Server
from service.settings import Settings


class Lab:
    """A running server and whoever experiments with it.

    Attributes:
        url: Where it is.
        home: Its files.
        database: Its database.
        keys: A key of each role.
    """

    def __init__(self, url, home, database, keys):
        self.url, self.home, self.database, self.keys = url, home, database, keys
        self._clients = []
        self.experimenter = self.client("experimenter")

    def client(self, role=None):
        """Returns a client with the key of a role, or a participant's, who has none."""
        headers = {"Authorization": f"Bearer {self.keys[role]}"} if role else {}
        client = httpx2.Client(base_url=self.url, headers=headers, timeout=300, verify=False)
        self._clients.append(client)
        return client

    def close(self):
        """Ends all clients."""
        for client in self._clients:
            client.close()

    def plan(self, spec):
        """Returns the id of a new draft."""
        answer = self.experimenter.post("/v1/listening-tests", json=spec)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def upload(self, name, sounds, rate_hz=44100):
        """Returns the id of a new corpus of sounds, by their names: samples with a column for each channel."""
        files = []
        for each, samples in sounds.items():
            content = io.BytesIO()
            soundfile.write(content, samples, rate_hz, "PCM_16", format="WAV")
            files.append(("files", (each, content.getvalue(), "audio/wav")))
        answer = self.experimenter.post("/v1/corpora", data={"name": name}, files=files)
        assert answer.status_code == 201, answer.text
        corpus = answer.json()["id"]
        while (state := self.experimenter.get(f"/v1/corpora/{corpus}").json()["state"]) == "reading":
            time.sleep(0.02)
        assert state == "ready"
        return corpus

    def do(self, test, verb, status=200):
        """Does something to a test, and returns the answer."""
        answer = self.experimenter.post(f"/v1/listening-tests/{test}/{verb}")
        assert answer.status_code == status, answer.text
        return answer.json()

    def show(self, test):
        """Returns what an experimenter sees of a test."""
        return self.experimenter.get(f"/v1/listening-tests/{test}").json()

    def seal(self, spec):
        """Returns the id of a new test that is sealed."""
        test = self.plan(spec)
        self.seal_draft(test)
        return test

    def seal_draft(self, test):
        """Seals a draft."""
        self.do(test, "seal", 202)
        self.wait_for_seal(test)

    def wait_for_seal(self, test):
        """Waits until a test is sealed that is being sealed."""
        while (shown := self.show(test))["state"] == "sealing":
            time.sleep(0.02)
        assert shown["state"] == "sealed", shown["reason"]

    def open(self, spec):
        """Returns id and invite of a new test that is open."""
        test = self.seal(spec)
        return test, self.do(test, "open")["invite"].removeprefix("/listen/")


class Person:
    """A participant over HTTP."""

    def __init__(self, lab, invite, **said):
        self.client = lab.client()
        answer = self.client.post(f"/v1/listen/{invite}/sessions", json=said)
        assert answer.status_code == 201, answer.text
        self.path = f"/v1/listen/sessions/{answer.json()['session']}"

    def look(self):
        """Returns what the page is told."""
        answer = self.client.get(self.path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def put(self, path, body):
        """Returns the answer to something said."""
        return self.client.put(f"{self.path}/{path}", json=body)

    def arrive(self, device="headphones"):
        """Goes through the stages before the test, and returns what the page is told there."""
        for stage in ("consent", "device", "volume"):
            said = {"device": device} if stage == "device" else {}
            assert self.put("stage", {"stage": stage, "answer": said}).status_code == 200
        if (seen := self.look())["stage"] == "practice":
            while (trial := self.look()["trial"]) is not None:
                slots = [slot["slot"] for slot in trial["slots"]]
                # Without a scale they are put in order.
                ratings = dict.fromkeys(slots, 50) if trial["scale"] else {slot: n for n, slot in enumerate(slots, 1)}
                said = {"choice": trial["choices"][0]} if trial["choices"] else {"ratings": ratings}
                assert self.answer(trial, **said).status_code == 200
            assert self.put("stage", {"stage": "practice"}).status_code == 200
            seen = self.look()
        assert seen["stage"] == "test"
        return seen

    def answer(self, trial, edit=1, finished=True, **said):
        """Returns the response to an answer."""
        return self.put(f"trials/{trial['id']}", {"edit": edit, "finished": finished, **said})


@contextmanager
def running(home, port=0, database_url=""):
    """Yields a lab whose server is a thread, with new keys; on any free port and on SQLite if nothing is given."""
    settings = Settings.read(home=home, port=port, database_url=database_url)
    with _admitted(settings) as (database, keys):
        server = Server(create_app(settings), "127.0.0.1", port)
        thread = threading.Thread(target=server.answer)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            with closing(Lab(f"http://127.0.0.1:{server.port}", home, database, keys)) as lab:
                yield lab
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def serving(home):
    """Yields a lab whose server is a process, as users have it, so that many who ask do not hold up who answers."""
    port = free_port()
    settings = Settings.read(home=home, port=port)
    with _admitted(settings) as (database, keys):
        command = [sys.executable, "-m", "nebula", "serve", "--no-manager", "--port", str(port)]
        environment, quiet = os.environ | {"NEBULA_HOME": str(home)}, subprocess.DEVNULL
        with subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet) as server:
            try:
                wait_for_port(port)
                with closing(Lab(f"http://127.0.0.1:{port}", home, database, keys)) as lab:
                    yield lab
            finally:
                server.terminate()


@contextmanager
def _admitted(settings):
    settings.home.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database)
    migrate(database)
    keys = {role.value: queries.new_token() for role in Role}
    with database.begin() as session:
        for role, token in keys.items():
            queries.create_key(session, COMMAND_LINE, f"the {role}", Role(role), token)
    with closing(database):
        yield database, keys


def systems_of(lab, person):
    """Returns a participant's key, and their trials with the system in each slot: what nobody outside can know."""
    with lab.database.read() as session:
        listener = answering.find(session, person.path.rpartition("/")[2])
        query = select(ListeningQuestion).where(
            ListeningQuestion.participant_id == listener.id, ~ListeningQuestion.practice
        )
        trials = session.scalars(query.order_by(ListeningQuestion.number)).all()
        return listener.id, [(trial.id, trial.systems) for trial in trials]


def saved_answers(lab, person):
    """Returns what the server has saved of a participant's trials, in order."""
    with lab.database.read() as session:
        listener = answering.find(session, person.path.rpartition("/")[2])
        query = select(ListeningQuestion.answer).where(ListeningQuestion.participant_id == listener.id)
        found = session.scalars(query.order_by(ListeningQuestion.number))
        return [answer for answer in found if answer is not None]


def uploaded(settings, folder):
    """Returns the id of a corpus of a folder's files, brought by the API."""
    with running(settings.home, database_url=settings.database_url) as lab:
        files = [("files", (path.name, path.read_bytes())) for path in sorted(folder.iterdir())]
        corpus = lab.experimenter.post("/v1/corpora", files=files).json()["id"]
        while lab.experimenter.get(f"/v1/corpora/{corpus}").json()["state"] != "ready":
            time.sleep(0.05)
    return corpus
