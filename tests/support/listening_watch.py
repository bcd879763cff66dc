"""Watching everything that the server tells a participant: what a curious one could see, and what the truth is."""

import base64
import io
import json
import logging
import time
from dataclasses import dataclass, field

import soundfile
import torch
from listening_lab import Person
from sqlalchemy import select
from sqlalchemy.orm import object_session

from service.accounts.queries import digest
from service.api.logs import JsonFormatter
from service.listening.tables import ListeningParticipant, ListeningQuestion, ListeningSound, ListeningTest


@dataclass(frozen=True)
class Slot:
    """One sound as a participant meets it, and what it really is.

    Attributes:
        trial: Number of the trial.
        slot: Its letter, or `reference`.
        address: Where it was.
        response: The answer.
        seconds: Until it was there.
        system: What made it.
    """

    trial: int
    slot: str
    address: str
    response: object
    seconds: float
    system: str

    @property
    def token(self):
        """The last part of its address."""
        return self.address.rpartition("/")[2]

    @property
    def sound(self):
        """Its samples."""
        return torch.from_numpy(soundfile.read(io.BytesIO(self.response.content), dtype="float32")[0])


@dataclass
class Walk:
    """One participant's way through a test."""

    person: Person
    test: str
    responses: list = field(default_factory=list)
    sessions: list = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    logs: str = ""

    def trials(self):
        """Returns the slots of each trial."""
        numbers = sorted({slot.trial for slot in self.slots})
        return [[slot for slot in self.slots if slot.trial == number] for number in numbers]


def walk(lab, test, invite, trials=None):
    """Returns what one participant saw who listens to everything.

    Args:
        lab: The server.
        test: Id of the test.
        invite: Its invite.
        trials: After how many trials to stop; all if not given.
    """
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(JsonFormatter())
    logging.getLogger().addHandler(handler)
    level, logger = logging.getLogger("service").level, logging.getLogger("service")
    logger.setLevel(logging.INFO)
    try:
        person = Person(lab, invite)
        seen = Walk(person, test)

        def note(response):
            response.read()
            seen.responses.append(response)

        person.client.event_hooks = {"response": [note]}
        person.client.headers["X-Request-ID"] = "the-same-for-all"
        page = person.arrive()
        truth = systems(lab, person)
        number = 0
        while page["trial"] is not None and (trials is None or number < trials):
            seen.sessions.append(page)
            trial = page["trial"]
            slots = [(slot["slot"], address) for slot in trial["slots"] for address in slot["audio"]]
            for slot, address in slots + [("reference", address) for address in trial["reference"] or []]:
                began = time.perf_counter()
                response = person.client.get(address)
                seconds = time.perf_counter() - began
                token = address.rpartition("/")[2]
                seen.slots.append(Slot(number, slot, address, response, seconds, truth.get(token, "unknown")))
            said = {slot["slot"]: 50 + place for place, slot in enumerate(trial["slots"])}
            answer = {"choice": "A"} if trial["method"] == "preference" else {"ratings": said}
            person.answer(trial, **answer)
            page = person.look()
            number += 1
        seen.sessions.append(page)
    finally:
        logging.getLogger().removeHandler(handler)
        logger.setLevel(level)
    seen.logs = lines.getvalue()
    return seen


def systems(lab, person):
    """Returns the system behind each token of a participant."""
    with lab.database.read() as session:
        listener = session.scalars(
            select(ListeningParticipant).where(
                ListeningParticipant.session_digest == digest(person.path.rpartition("/")[2])
            )
        ).one()
        stimuli = session.get(ListeningTest, listener.test_id).key_map["stimuli"]
        query = select(ListeningSound).join(ListeningQuestion).where(ListeningQuestion.participant_id == listener.id)
        return {sound.token: stimuli[sound.stimulus]["system"] for sound in session.scalars(query)}


def role_of(test, sound):
    """Returns the system behind a sound, for servers that leak on purpose: no request of a participant loads it."""
    session = object_session(test)
    query = select(ListeningTest.key_map).where(ListeningTest.id == test.id)
    key_map = test.key_map if session is None else session.scalar(query)
    return key_map["stimuli"][sound.stimulus]["system"]


def secrets_of(lab, test):
    """Returns every word that tells what a sound is: names, ids, seeds, files, roles."""
    with lab.database.read() as session:
        found = session.get(ListeningTest, test)
        spec, stimuli = found.spec, found.key_map["stimuli"]
        words = {test, found.folder, found.salt, found.secret, *stimuli}
        words |= {str(stimulus["source"]["seed"]) for stimulus in stimuli.values() if "seed" in stimulus["source"]}
        words |= {stimulus["system"] for stimulus in stimuli.values()} - {"reference"}
        for source in [*spec["systems"], spec["reference"] or {}]:
            words |= {source.get("name"), source.get("nebula")} - {None}
        return words | {"hidden"}


def texts(response):
    """Yields all that an answer says: the address, the head, the body, and what is coded in it."""
    yield str(response.request.url)
    yield json.dumps(list(response.headers.multi_items()))
    body = response.content
    yield body.decode("utf-8", "replace")
    yield body.decode("utf-16-le", "replace")
    for word in body.decode("latin-1").replace('"', " ").replace("/", " ").split():
        if 8 <= len(word) <= 200:
            for decode in (base64.b64decode, base64.urlsafe_b64decode, bytes.fromhex):
                try:
                    yield decode(word).decode("latin-1")
                except ValueError:
                    continue
