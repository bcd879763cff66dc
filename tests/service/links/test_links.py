"""Links for others: what whoever has one sees and hears, nothing else, and nothing after it was withdrawn."""

import io
import json
import re

import pytest
import soundfile
from found_study import found_study
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from nebula.synths import allow_plugins
from nebula.tuning import StudySpec
from service.accounts.tables import AuditEntry
from service.errors import TooMany
from service.links.schemas import SOUNDS
from service.links.shared_endpoints import Visits
from service.links.tables import LinkKind, SharedLink
from service.studies.results import study_folder

AMSYNTH = "/usr/lib/vst/amsynth_vst.so"

PATH = re.compile(r"/shared/([A-Za-z0-9_-]{22})")


@pytest.fixture
def anybody(service):
    """Somebody without a key."""
    with service.client(None) as client:
        yield client


@pytest.fixture
def study(service, database):
    """Returns the id of a study that has found `drum`, with these changes to its spec."""

    def made(name="kicks", provenance=None, **changes):
        study = found_study(database, service.home, name, StudySpec.load("quickstart").with_changes(changes), trials=4)
        folder = study_folder(service.home, study)
        (folder / "nebula.provenance.json").write_text(json.dumps(provenance or {}))
        return study

    return made


def token(admin, **subject):
    answer = admin.post("/v1/links", json=subject)
    assert answer.status_code == 201, answer.text
    return PATH.fullmatch(answer.json()["path"])[1]


def error(answer, status):
    assert answer.status_code == status, answer.text
    return answer.json()["error"]["message"]


def test_a_nebula_is_seen_and_heard_without_a_key_until_its_link_is_withdrawn(admin, anybody, database):
    made = admin.post("/v1/links", json={"nebula": "drum"}).json()
    assert (made["kind"], made["title"]) == ("nebula", "drum")
    shared = f"/v1{made['path']}"
    shown = anybody.get(shared).json()
    assert (shown["title"], shown["synth"], shown["verdict"]) == ("drum", "voice", None)
    (side,) = shown["sides"]
    assert side["sounds"] == [f"{shared}/sounds/nebula/{seed}.flac" for seed in range(SOUNDS)]
    heard = anybody.get(side["sounds"][1])
    assert heard.content == admin.get("/v1/nebulae/drum/sounds/1.flac").content
    assert soundfile.info(io.BytesIO(heard.content)).samplerate == 44100
    assert anybody.get(side["sounds"][1], params={"as": "picture"}).headers["Content-Type"] == "image/png"

    assert admin.delete(f"/v1/links/{made['id']}").status_code == 204
    gone = error(anybody.get(shared), 404)
    assert gone == error(anybody.get("/v1/shared/" + "x" * 22), 404) == "link: there is none like this"
    assert error(anybody.get(side["sounds"][1]), 404) == gone
    assert admin.get("/v1/links").json()["items"] == []
    with database.read() as session:
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.subject == made["id"])).all()
    assert actions == ["link.create", "link.withdraw"]


def test_the_page_goes_nowhere_else_and_is_the_same_wherever_there_is_nothing(admin, anybody):
    made = admin.post("/v1/links", json={"nebula": "drum"}).json()
    page = anybody.get(made["path"])
    assert page.status_code == 200
    sound = anybody.get(f"/v1{made['path']}/sounds/nebula/0.flac")
    admin.delete(f"/v1/links/{made['id']}")
    withdrawn, unknown, odd = (anybody.get(path) for path in (made["path"], "/shared/" + "x" * 22, "/shared/%C3%A4"))
    assert {answer.status_code for answer in (withdrawn, unknown, odd)} == {404}
    assert withdrawn.text == unknown.text == odd.text
    for answer in (page, sound, withdrawn):
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert sound.headers["Cache-Control"] == "private, no-cache"


def test_a_study_shows_its_answer_and_no_more_than_that(admin, anybody, study, service, corpus):
    reason = f"the recordings in {service.home}/corpora/1 are too few"
    study_id = study(target=corpus, provenance={"listener": reason})
    other = study("snares")
    shared = f"/v1/shared/{token(admin, study=study_id)}"
    text = anybody.get(shared).text
    shown = json.loads(text)
    assert (shown["kind"], shown["title"], shown["target"], shown["start"]) == ("study", "kicks", "hits", "uniform")
    assert [side["role"] for side in shown["sides"]] == ["found", "start"]
    for secret in (str(service.home), corpus, study_id, other, "sounds_per_trial", "curves"):
        assert secret not in text
    assert anybody.get(f"{shared}/sounds/found/0.flac").content == (
        admin.get(f"/v1/nebulae/{study_id}/sounds/0.flac").content
    )
    nothing = "link: there is no such thing to be shown, or not at present"
    # Neither recordings nor other sounds, nor anything else of the API.
    assert error(anybody.get(f"{shared}/sounds/target/0.flac"), 404) == nothing
    assert error(anybody.get(f"{shared}/sounds/nebula/0.flac"), 404) == nothing
    for path in (f"{shared}/sounds/found/{SOUNDS}.flac", f"{shared}/sounds/{other}/0.flac", f"{shared}/findings"):
        assert anybody.get(path).status_code == 404
    headers = {"Authorization": f"Bearer {shared.removeprefix('/v1/shared/')}"}
    assert anybody.get(f"/v1/studies/{study_id}", headers=headers).status_code == 401


@pytest.fixture
def corpus(admin, percussion):
    """Id of a corpus of three recordings."""
    files = [("files", (path.name, path.read_bytes())) for path in sorted(percussion.iterdir())[:3]]
    return admin.post("/v1/corpora", data={"name": "hits"}, files=files).json()["id"]


def test_a_nebula_as_target_is_heard_and_one_that_people_keep_is_not(admin, anybody, study):
    shipped = anybody.get(f"/v1/shared/{token(admin, study=study(target='drum'))}").json()
    assert [side["role"] for side in shipped["sides"]] == ["target", "found", "start"]
    exported = admin.get("/v1/nebulae/drum/export").json()
    admin.post("/v1/nebulae", json={"name": "mine", "nebula": exported})
    kept = f"/v1/shared/{token(admin, study=study('others', target='mine'))}"
    assert [side["role"] for side in anybody.get(kept).json()["sides"]] == ["found", "start"]
    assert error(anybody.get(f"{kept}/sounds/target/0.flac"), 404).startswith("link: there is no such thing")


def test_a_plugin_is_named_without_its_folder(admin, anybody, study):
    allow_plugins([AMSYNTH])
    search = StudySpec.load("quickstart").search.model_dump() | {"start": f"uniform-plugin:{AMSYNTH}"}
    shared = f"/v1/shared/{token(admin, study=study(synth=f'plugin:{AMSYNTH}', search=search))}"
    shown = anybody.get(shared)
    assert (shown.json()["synth"], shown.json()["start"]) == ("plugin:amsynth_vst.so", "uniform-plugin:amsynth_vst.so")
    assert "/usr" not in shown.text
    # What is wrong with it is nothing for those who look either.
    allow_plugins([])
    assert error(anybody.get(shared), 404) == "link: there is no such thing to be shown, or not at present"


def test_a_link_goes_with_what_it_shows_and_stays_with_it_when_it_is_renamed(admin, anybody, study):
    exported = admin.get("/v1/nebulae/drum/export").json()
    admin.post("/v1/nebulae", json={"name": "first", "nebula": exported})
    shared = f"/v1/shared/{token(admin, nebula='first')}"
    assert admin.patch("/v1/nebulae/first", json={"name": "second"}).status_code == 200
    assert anybody.get(shared).json()["title"] == "second"
    assert [link["title"] for link in admin.get("/v1/links", params={"nebula": "second"}).json()["items"]] == ["second"]
    admin.delete("/v1/nebulae/second")
    admin.post("/v1/nebulae", json={"name": "second", "nebula": exported})
    assert anybody.get(shared).status_code == 404

    study_id = study()
    links = [f"/v1/shared/{token(admin, **subject)}" for subject in ({"study": study_id}, {"nebula": study_id})]
    assert [anybody.get(link).json()["kind"] for link in links] == ["study", "nebula"]
    assert len(admin.get("/v1/links", params={"study": study_id}).json()["items"]) == 1
    assert admin.delete(f"/v1/studies/{study_id}").status_code == 204
    assert [anybody.get(link).status_code for link in links] == [404, 404]


def test_what_cannot_be_shared_is_refused(admin):
    refused = error(admin.post("/v1/links", json={}), 422)
    assert refused == "body: study, nebula: got neither, expected one of them"
    assert "got both" in error(admin.post("/v1/links", json={"study": "0" * 16, "nebula": "drum"}), 422)
    assert "there is none" in error(admin.post("/v1/links", json={"study": "0" * 16}), 404)
    assert "there is none" in error(admin.post("/v1/links", json={"nebula": "nothing"}), 404)
    assert "there is none" in error(admin.delete("/v1/links/" + "0" * 16), 404)
    assert "got both" in error(admin.get("/v1/links", params={"study": "0" * 16, "nebula": "drum"}), 400)


def test_who_may_only_look_neither_shares_nor_sees_links(service):
    with service.client("viewer") as viewer:
        assert viewer.post("/v1/links", json={"nebula": "drum"}).status_code == 403
        assert viewer.get("/v1/links").status_code == 403


def test_a_link_shows_one_thing(database):
    with database.begin() as session:
        session.add(SharedLink(token="t", kind=LinkKind.NEBULA))
        with pytest.raises(IntegrityError, match="shows_one_thing"):
            session.flush()
        session.rollback()


def test_an_address_that_asks_again_and_again_is_slowed_down():
    visits = Visits()
    for _ in range(6000):
        visits.check("here")
        visits.count("here")
    visits.check("there")
    with pytest.raises(TooMany, match="link: 6000 requests came from this address, the next is possible in 3600 s"):
        visits.check("here")
