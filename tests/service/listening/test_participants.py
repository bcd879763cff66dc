"""Participants over HTTP: joining, answering, resuming, withdrawing, and everything that is refused."""

import csv
import io
import json

import pytest
import soundfile
from listening_lab import Person
from sqlalchemy import event, select
from sqlalchemy.exc import InvalidRequestError

from service.listening import answering
from service.listening.page_schemas import AnswerPut
from service.listening.tables import ListeningParticipant


@pytest.fixture(scope="module")
def rating(lab):
    """An open test of single ratings with a questionnaire and practice, and its invite."""
    spec = {
        "version": 1,
        "name": "rating",
        "method": "rating",
        "sounds": 2,
        "practice": 1,
        "seconds": 0.3,
        "playlist": 2,
        "tags": ["percussive", "unpleasant"],
        "systems": [{"name": "made by hand", "nebula": "drum"}, {"name": "untouched", "nebula": "default"}],
        "questionnaire": [
            {"key": "mixing", "text": "Do you mix?", "options": ["yes", "no"]},
            {"key": "remarks", "text": "Anything else?", "kind": "text", "required": False},
        ],
        "completion_url": "https://app.prolific.com/submissions/complete?cc=C123",
    }
    return lab.open(spec)


@pytest.fixture(scope="module")
def comparison(lab):
    """Invite of an open test of comparisons."""
    spec = {
        "version": 1,
        "name": "comparison",
        "method": "preference",
        "sounds": 3,
        "seconds": 0.3,
        "tie": True,
        "systems": [{"name": "made by hand", "nebula": "drum"}, {"name": "untouched", "nebula": "default"}],
    }
    return lab.open(spec)[1]


def test_a_participant_goes_all_the_way(lab, rating):
    test, invite = rating
    person = Person(lab, invite, prolific={"PROLIFIC_PID": "5f1", "STUDY_ID": "s", "SESSION_ID": "x"})
    seen = person.look()
    assert (seen["stage"], seen["trial"], seen["questionnaire"]) == ("consent", None, [])
    for stage, said in (
        ("consent", {}),
        ("device", {"device": "headphones"}),
        ("volume", {"heard": True, "outputs": 6}),
    ):
        # Once more, because the answer was lost.
        for _ in range(2):
            assert person.put("stage", {"stage": stage, "answer": said}).json() == {"saved": True}
    seen = person.look()
    assert (seen["stage"], seen["progress"]) == ("practice", {"done": 0, "total": 1})
    assert seen["trial"]["practice"] is True
    assert person.put("stage", {"stage": "practice"}).status_code == 409
    assert person.answer(seen["trial"], ratings={"A": 50}).json() == {"saved": True}
    assert (person.look()["stage"], person.look()["trial"]) == ("practice", None)
    person.put("stage", {"stage": "practice"})
    heard = []
    for number in range(4):
        seen = person.look()
        assert (seen["stage"], seen["progress"]) == ("test", {"done": number, "total": 4})
        trial = seen["trial"]
        assert (trial["practice"], trial["method"], trial["choices"]) == (False, "rating", [])
        assert trial["scale"]["labels"] == ["bad", "poor", "fair", "good", "excellent"]
        (slot,) = trial["slots"]
        assert (slot["slot"], len(slot["audio"])) == ("A", 2)
        for address in slot["audio"]:
            sound, rate_hz = soundfile.read(io.BytesIO(person.client.get(address).content))
            assert rate_hz == 44100
            heard.append(tuple(sound[:100]))
        person.answer(trial, ratings={"A": 12.5 * number}, tags=["percussive"], plays={"A": 2}, seconds=3.5)
    assert len(set(heard)) == 8
    seen = person.look()
    assert (seen["stage"], [field["key"] for field in seen["questionnaire"]]) == (
        "questionnaire",
        ["mixing", "remarks"],
    )
    assert person.put("questionnaire", {"answers": {"remarks": "é"}}).json() == {"saved": True}
    assert person.look()["questionnaire_saved"] == {"remarks": "é"}
    refused = person.put("questionnaire", {"answers": {"remarks": "é"}, "finished": True})
    assert refused.json()["error"]["message"] == "answers: got none for 'mixing', expected one"
    done = {"answers": {"mixing": "yes", "remarks": "é"}, "finished": True}
    assert [person.put("questionnaire", done).status_code for _ in range(2)] == [200, 200]
    seen = person.look()
    assert (seen["stage"], seen["completion_url"]) == (
        "thanks",
        "https://app.prolific.com/submissions/complete?cc=C123",
    )
    counts = lab.show(test)["counts"]
    assert (counts["completed"], counts["answers"]) == (1, 4)


def test_a_reload_resumes_at_the_same_trial_with_what_was_said(lab, comparison):
    person = Person(lab, comparison)
    seen = person.arrive()
    assert seen["trial"]["saved"] is None
    first = {"choice": "B", "plays": {"A": 1, "B": 2}, "seconds": 2.5, "finished": False}
    person.answer(seen["trial"], edit=7, **first)
    again = person.look()
    assert again["trial"]["saved"] == {"edit": 7, "ratings": {}, "tags": []} | first
    del again["trial"]["saved"], seen["trial"]["saved"]
    assert again == seen


def stored(lab, table="listening_trials"):
    with lab.database.engine.connect() as connection:
        rows = connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY 1").all()
    return [tuple(row) for row in rows]


def test_an_answer_sent_again_is_stored_once_and_an_older_one_not_at_all(lab, comparison):
    person = Person(lab, comparison)
    trial = person.arrive()["trial"]
    assert person.answer(trial, edit=1, finished=False, choice="A").status_code == 200
    assert person.answer(trial, edit=3, finished=False, choice="B").status_code == 200
    before = stored(lab)
    assert person.answer(trial, edit=3, finished=False, choice="B").json() == {"saved": True}
    for edit, choice in ((1, "A"), (2, "tie"), (3, "A")):
        late = person.answer(trial, edit=edit, finished=False, choice=choice)
        assert (late.status_code, late.json()["error"]["message"]) == (
            409,
            f"edit: got {edit}, expected more than 3, which is saved",
        )
    assert stored(lab) == before
    assert person.answer(trial, edit=4, choice="tie").status_code == 200
    before = stored(lab)
    assert person.answer(trial, edit=4, choice="tie").status_code == 200
    assert person.answer(trial, edit=5, choice="A").status_code == 409
    assert stored(lab) == before
    assert person.look()["progress"] == {"done": 1, "total": 3}


def test_an_answer_costs_five_statements(lab, comparison):
    """Whose it is, whether the test is open, what is asked; the answer, and that somebody is there.

    Each costs more in Python than in the database, and a class of people answers at once.
    """
    person = Person(lab, comparison)
    trial, token = person.arrive()["trial"], person.path.rpartition("/")[2]
    asked = []
    with lab.database.begin() as session:
        event.listen(session.connection(), "after_cursor_execute", lambda *said: asked.append(said[2].split()[0]))
        answering.answer(session, token, trial["id"], AnswerPut(edit=1, choice="A"))
        session.flush()
        assert asked == ["SELECT", "SELECT", "SELECT", "UPDATE", "UPDATE"]
    saved = person.look()["trial"]["saved"]
    assert (saved["edit"], saved["choice"]) == (1, "A")


def test_the_answer_is_the_same_bytes_whatever_was_chosen(lab, comparison):
    person = Person(lab, comparison)
    trial, answers = person.arrive()["trial"], []
    for edit, choice in enumerate(("A", "B", "tie", None), start=1):
        answer = person.client.put(
            f"{person.path}/trials/{trial['id']}",
            json={"edit": edit, "choice": choice},
            headers={"X-Request-ID": "the-same-for-all"},
        )
        heads = {name: value for name, value in answer.headers.items() if name != "date"}
        answers.append((answer.status_code, heads, answer.content))
    assert all(answer == answers[0] for answer in answers)
    assert answers[0][2] == b'{"saved":true}'


GARBAGE = {
    "no edit": {"choice": "A"},
    "edit of 0": {"edit": 0, "choice": "A"},
    "a slot that is not there": {"edit": 1, "choice": "C"},
    "a word for a slot": {"edit": 1, "choice": "drum"},
    "a rating in a comparison": {"edit": 1, "ratings": {"A": 3}},
    "a tag that is not there": {"edit": 1, "choice": "A", "tags": ["loud"]},
    "plays of a slot that is not there": {"edit": 1, "choice": "A", "plays": {"L": 1}},
    "plays below 0": {"edit": 1, "choice": "A", "plays": {"A": -1}},
    "seconds below 0": {"edit": 1, "choice": "A", "seconds": -1},
    "an unknown key": {"edit": 1, "choice": "A", "system": "drum"},
    "nothing chosen in the end": {"edit": 1, "finished": True},
    "a list": [],
    "an endless number": '{"edit": 1, "seconds": NaN}',
    "a broken text": '{"edit": 1,',
    "an edit without end": '{"edit": ' + "9" * 4000 + "}",
    "a null character": {"edit": 1, "tags": ["\0"]},
}


@pytest.mark.parametrize("body", GARBAGE.values(), ids=GARBAGE)
def test_malformed_answers_are_refused_and_nothing_is_stored(lab, comparison, body):
    person = Person(lab, comparison)
    trial = person.arrive()["trial"]
    before = stored(lab)
    content = body if isinstance(body, str) else json.dumps(body)
    answer = person.client.put(
        f"{person.path}/trials/{trial['id']}", content=content, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422
    assert set(answer.json()["error"]) == {"code", "message", "request_id", "details"}
    assert stored(lab) == before


def test_oversized_answers_are_refused_and_nothing_is_stored(lab, comparison):
    person = Person(lab, comparison)
    before = stored(lab, "listeners")
    huge = person.put("stage", {"stage": "consent", "answer": {"text": "x" * 2**20}})
    assert (huge.status_code, huge.json()["error"]["code"]) == (413, "too_large")
    assert stored(lab, "listeners") == before


@pytest.mark.parametrize(
    ("stage", "answer"),
    [
        ("consent", {"device": "headphones"}),
        ("device", {"device": "a radio"}),
        ("device", {"device": {"device": "headphones"}}),
        ("device", {f"key {number}": "x" for number in range(100)}),
        ("device", {"check": {"kind": "huggins", "rounds": [{"target": 1, "answer": [1]}], "correct": 0, "total": 6}}),
        ("volume", {"heard": "\0"}),
        ("practice", {"nested": [[]]}),
    ],
)
def test_a_stage_takes_what_it_asks_and_nothing_else(lab, comparison, stage, answer):
    person = Person(lab, comparison)
    before = stored(lab, "listeners")
    refused = person.put("stage", {"stage": stage, "answer": answer})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "unprocessable")
    assert stored(lab, "listeners") == before


def test_answers_of_any_depth_and_key_that_are_stored_already_are_exported(lab):
    test, invite = lab.open(
        {
            "version": 1,
            "name": "of old",
            "method": "preference",
            "sounds": 1,
            "seconds": 0.3,
            "systems": [{"name": "made by hand", "nebula": "drum"}, {"name": "untouched", "nebula": "default"}],
        }
    )
    person = Person(lab, invite)
    assert person.answer(person.arrive()["trial"], choice="A").status_code == 200
    nested = []
    for _ in range(800):
        nested = [nested]
    odd = {f"key {number}": "x" for number in range(99)} | {"device": "monitors", "nested": nested}
    with lab.database.begin() as session:
        listener = session.scalars(select(ListeningParticipant).where(ListeningParticipant.test_id == test)).one()
        listener.stages = listener.stages | {"device": odd, "volume": {"outputs": 6}}
    lab.do(test, "close")
    lab.do(test, "unblind")
    path = f"/v1/listening-tests/{test}"
    (exported,) = lab.experimenter.get(f"{path}/answers").json()["participants"]
    kept = exported["stages"]["device"]
    assert {key: kept[key] for key in odd if key != "nested"} == {key: odd[key] for key in odd if key != "nested"}
    inner = kept["nested"]
    while isinstance(inner, list):
        (inner,) = inner
    assert inner.count("[") > 700
    head, row, *_ = csv.reader(io.StringIO(lab.experimenter.get(f"{path}/answers.csv").text))
    assert [column for column in head if column.startswith("answer_")] == ["answer_device"]
    assert row[-1] == "monitors"
    assert row[head.index("outputs")] == "6"
    assert lab.experimenter.get(f"{path}/analysis").status_code == 200


def test_another_persons_trial_and_one_to_come_are_not_there(lab, comparison):
    person, other = Person(lab, comparison), Person(lab, comparison)
    mine, theirs = person.arrive()["trial"], other.arrive()["trial"]
    person.answer(mine, choice="A")
    before = stored(lab)
    with lab.database.engine.connect() as connection:
        listener = connection.exec_driver_sql("SELECT listener_id FROM listening_trials WHERE id = ?", (mine["id"],))
        query = "SELECT id FROM listening_trials WHERE listener_id = ? ORDER BY number DESC LIMIT 1"
        (last,) = connection.exec_driver_sql(query, (listener.scalar(),)).scalars()
    refused = [person.answer({"id": trial}, choice="A") for trial in (theirs["id"], last, "garbage", "x" * 200)]
    assert {answer.status_code for answer in refused} == {404}
    assert len({answer.json()["error"]["message"] for answer in refused[:3]}) == 1
    assert stored(lab) == before


def test_stages_come_in_order(lab, comparison):
    person = Person(lab, comparison)
    assert person.put("stage", {"stage": "volume"}).json()["error"]["message"] == ("stage: is consent, expected volume")
    assert person.put("stage", {"stage": "test"}).status_code == 422
    assert person.put("questionnaire", {"answers": {}}).status_code == 409
    trial = person.arrive()["trial"]
    assert trial["practice"] is False


def test_who_only_opened_the_link_has_not_joined(lab, ab):
    test, invite = lab.open(ab | {"sounds": 1})
    people = [Person(lab, invite) for _ in range(3)]
    assert lab.show(test)["counts"] == {"opened": 3, "joined": 0, "completed": 0, "answers": 0}
    people[0].put("stage", {"stage": "consent", "answer": {}})
    trial = people[1].arrive()["trial"]
    people[1].answer(trial, choice="A")
    assert lab.show(test)["counts"] == {"opened": 3, "joined": 2, "completed": 1, "answers": 1}
    people[1].client.post(f"{people[1].path}/withdrawal")
    assert lab.show(test)["counts"] == {"opened": 2, "joined": 1, "completed": 0, "answers": 0}


def test_withdrawal_deletes_everything(lab, comparison):
    person = Person(lab, comparison)
    person.answer(person.arrive()["trial"], choice="A")
    tables = ("listeners", "listening_trials", "listening_sounds")
    before = [len(stored(lab, table)) for table in tables]
    assert person.client.post(f"{person.path}/withdrawal").json() == {"withdrawn": True}
    assert [len(stored(lab, table)) - count for table, count in zip(tables, before, strict=True)] == [-1, -3, -6]
    assert person.client.get(person.path).status_code == 404
    assert person.client.post(f"{person.path}/withdrawal").status_code == 404


def test_after_close_everything_is_gone_but_withdrawal(lab, ab):
    test, invite = lab.open(ab | {"sounds": 1})
    people = [Person(lab, invite) for _ in range(2)]
    trial = people[0].arrive()["trial"]
    address = trial["slots"][0]["audio"][0]
    lab.do(test, "close")
    before = stored(lab)
    late = [
        people[0].answer(trial, choice="A"),
        people[0].put("stage", {"stage": "consent"}),
        people[0].put("questionnaire", {"answers": {}}),
        people[0].client.get(people[0].path),
        people[0].client.get(address),
        people[0].client.post(f"/v1/listen/{invite}/sessions", json={}),
    ]
    assert [(answer.status_code, answer.json()["error"]["code"]) for answer in late] == [(410, "gone")] * 6
    assert stored(lab) == before
    assert people[0].client.post(f"{people[0].path}/withdrawal").status_code == 200
    lab.do(test, "unblind")
    assert people[1].client.post(f"{people[1].path}/withdrawal").status_code == 410


def test_an_invite_that_leads_nowhere_is_not_there(lab, ab):
    test = lab.seal(ab | {"sounds": 1})
    assert lab.show(test)["invite"] is None
    answer = lab.client().post("/v1/listen/AAAAAAAAAAAAAAAAAAAAAA/sessions", json={})
    assert (answer.status_code, answer.json()["error"]["message"]) == (404, "invitation: there is none like this")


@pytest.mark.parametrize("changing", [False, True])
def test_what_answers_participants_cannot_read_the_key_map(lab, comparison, changing):
    token = Person(lab, comparison).path.rpartition("/")[2]
    with lab.database.begin() as session:
        listener = answering.find(session, token, changing)
        assert listener.test.commitment is not None
        with pytest.raises(InvalidRequestError, match=r"key_map.*raiseload"):
            _ = listener.test.key_map
