"""Matches over HTTP: asked for, listed, heard, taken along and deleted; and what a manager makes of them."""

import io
import json

import numpy as np
import pytest
import soundfile
import torch
from sqlalchemy import select

from nebula import Nebula, synths
from nebula.embedding import player_of
from nebula.synths.dx7_bank import read_bank
from service.accounts.tables import AuditEntry
from service.matches import queries
from service.matches.tables import MatchState, RecordingMatch

MANY = 200


@pytest.fixture
def corpus(admin, percussion):
    """Id of a corpus of three recordings and a file that is none."""
    files = [("files", (path.name, path.read_bytes())) for path in sorted(percussion.iterdir())[:3]]
    answer = admin.post("/v1/corpora", data={"name": "hits"}, files=[*files, ("files", ("text.wav", b"text"))])
    assert answer.status_code == 201
    return answer.json()["id"]


def found(database, match_id, synth="voice", seed=9):
    """Enters a sound of this seed as what was found; returns its unit parameters."""
    unit = synths.get(synth).sample([seed])[0].tolist()
    with database.begin() as session:
        queries.finish(session, match_id, unit, 0.25, 0.5)
    return torch.tensor([unit])


def error(answer, status):
    assert answer.status_code == status
    return answer.json()["error"]["message"]


def test_a_match_is_asked_for_found_heard_taken_along_and_deleted(service, admin, corpus, database):
    asked = admin.post("/v1/matches", json={"corpus": corpus, "sound": 1, "generations": 3})
    assert asked.status_code == 201
    answer = asked.json()
    path = f"/v1/matches/{answer['id']}"
    waits = {
        "id": answer["id"],
        "state": "queued",
        "reason": "",
        "corpus": corpus,
        "corpus_name": "hits",
        "sound": 1,
        "recording": "hit-01.wav",
        "synth": "voice",
        "bank": 8192,
        "generations": 3,
        "seed": 0,
        "distance": None,
        "nearest_random_sound": None,
        "created_at": answer["created_at"],
        "ended_at": None,
        "preset_formats": [],
    }
    assert answer == waits
    for piece in ("sound.flac", "sound.wav", "preset"):
        assert error(admin.get(f"{path}/{piece}"), 409) == f"match '{answer['id']}': is queued, expected done"
    unit = found(database, answer["id"])
    done = admin.get(path).json()
    assert (done["state"], done["distance"], done["nearest_random_sound"]) == ("done", 0.25, 0.5)
    assert done["preset_formats"] == ["json", "csv"]
    uniform = Nebula.uniform("voice")
    expected = player_of(uniform).render(unit, uniform, torch.tensor([0]))[0].numpy()
    for kind in ("flac", "wav"):
        sound = admin.get(f"{path}/sound.{kind}")
        assert sound.headers["Content-Type"] == f"audio/{kind}"
        audio, rate = soundfile.read(io.BytesIO(sound.content))
        assert rate == 44100
        # 24 bits are half a step of 2^-23 off at most, and one at full scale.
        assert float(np.abs(audio - expected).max()) <= 2**-22
    (preset,) = json.loads(admin.get(f"{path}/preset").content)["presets"]
    assert preset["name"] == "hit-01"
    physical = player_of(uniform).physical(unit, uniform)[0]
    assert preset["parameters"]["keyboard.duration"]["value"] == pytest.approx(float(physical[1]), rel=1e-6)
    message = error(admin.get(f"{path}/preset", params={"format": "syx"}), 422)
    assert message == "format: got 'syx', expected one of json, csv"

    assert [item["id"] for item in admin.get("/v1/matches").json()["items"]] == [answer["id"]]
    assert admin.delete(path).status_code == 204
    assert error(admin.get(path), 404) == f"match '{answer['id']}': there is none"
    with database.read() as session:
        actions = [entry.action for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert actions[-2:] == ["match.post", "match.delete"]


def test_a_match_of_the_dx7_is_a_bank_whose_first_voice_it_is(admin, corpus, database):
    match_id = admin.post("/v1/matches", json={"corpus": corpus, "synth": "dx7"}).json()["id"]
    unit = found(database, match_id, "dx7")
    answer = admin.get(f"/v1/matches/{match_id}/preset")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{match_id}.syx"'
    dx7, uniform = synths.get("dx7"), Nebula.uniform("dx7")
    assert answer.content == dx7.presets(player_of(uniform).physical(unit, uniform), ["hit-00"], "syx")
    assert read_bank(answer.content)[0][0] == "hit-00"


def test_what_cannot_be_matched_is_refused_in_one_line(admin, corpus):
    def said(status, **body):
        return error(admin.post("/v1/matches", json={"corpus": corpus} | body), status)

    assert said(404, corpus="0" * 16) == "corpus '0000000000000000': there is none"
    assert said(404, sound=7) == f"sound 7 of corpus {corpus!r}: there is none, it has 4 from 0"
    assert said(409, sound=3).startswith("sound 'text.wav': ")
    assert said(422, synth="theremin").startswith("synth: got 'theremin', expected one of voice, ")
    assert said(422, synth="plugin:/etc/passwd").startswith("synth: got 'plugin:/etc/passwd', a plugin that is not")


def test_a_viewer_may_look_and_no_more(service, admin, corpus):
    match_id = admin.post("/v1/matches", json={"corpus": corpus}).json()["id"]
    with service.client("viewer") as viewer:
        assert viewer.get(f"/v1/matches/{match_id}").status_code == 200
        assert viewer.get("/v1/matches").status_code == 200
        assert viewer.post("/v1/matches", json={"corpus": corpus}).status_code == 403
        assert viewer.delete(f"/v1/matches/{match_id}").status_code == 403
    with service.client(None) as stranger:
        assert stranger.get("/v1/matches").status_code == 401


def entered(database, count=1, **values):
    with database.begin() as session:
        row = {"corpus": "0" * 16, "corpus_name": "c", "sound": 0, "recording": "r", "synth": "voice"}
        matches = [RecordingMatch(**row, bank=32, generations=0, seed=0, **values) for _ in range(count)]
        session.add_all(matches)
    return [match.id for match in matches]


def test_no_more_wait_than_are_worked_off_in_a_while(admin, corpus, database):
    entered(database, MANY - 1)
    assert admin.post("/v1/matches", json={"corpus": corpus}).status_code == 201
    message = f"matches: {MANY} wait already, expected fewer than {MANY}; ask again later"
    assert error(admin.post("/v1/matches", json={"corpus": corpus}), 409) == message


def test_what_ran_when_its_manager_ended_comes_before_what_waits(database):
    first, second = entered(database, 2)
    (ran,) = entered(database, state=MatchState.RUNNING)
    order = []
    for _ in range(3):
        with database.begin() as session:
            following = queries.next_in_line(session)
            order.append(following.id)
            queries.fail(session, following.id, "over")
    assert order[0] == ran
    assert set(order[1:]) == {first, second}
    with database.read() as session:
        assert queries.next_in_line(session) is None


def test_what_was_deleted_meanwhile_stays_deleted(database):
    (match_id,) = entered(database)
    with database.begin() as session:
        session.delete(queries.find(session, match_id))
    found(database, match_id)
    with database.read() as session:
        assert session.get(RecordingMatch, match_id) is None
