"""A preview is what participants meet, with other sounds and fewer trials, and nothing is kept of it."""

import sqlite3

import pytest
from listening_lab import Person
from sqlalchemy import func, select

from nebula import Nebula
from service.errors import NotFound
from service.listening import joining
from service.listening.previews import PRACTICE, TRIALS, Previews, shortened
from service.listening.spec import ListeningSpec
from service.listening.stimuli import FRESH_SEEDS, TRIED_SEEDS, Sources
from service.listening.tables import ListeningParticipant, ListeningTest
from service.listening.wording import planned

REMARKS = [{"key": "remarks", "text": "Anything else?", "kind": "text", "required": False}]


def preview(lab, spec):
    """Returns the invite of a new preview."""
    answer = lab.experimenter.post("/v1/listening-tests/previews", json=spec)
    assert answer.status_code == 201, answer.text
    return answer.json()["path"].removeprefix("/listen/")


def contents(home):
    """Returns what lies in the home folder, and every row of its database but for keys that were used just now."""
    files = {
        path.relative_to(home): path.is_file() for path in home.rglob("*") if not path.name.endswith(("-wal", "-shm"))
    }
    with sqlite3.connect(home / "nebula.db") as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: database.execute(f'SELECT count(*) FROM "{name}"').fetchall() for name in tables}
    return files, rows


def test_a_plan_is_gone_through_to_its_end_and_nothing_is_kept(lab, ab):
    plan = ab | {"sounds": 64, "practice": 2, "questionnaire": REMARKS}
    before = contents(lab.home)
    person = Person(lab, preview(lab, plan))
    expected = planned(ListeningSpec.model_validate(plan))
    assert "64 pairs" in expected.consent
    seen = person.look()
    assert seen["texts"] == expected.model_dump()
    seen = person.arrive()
    assert (seen["progress"], seen["texts"]) == ({"done": 0, "total": TRIALS}, expected.model_dump())
    sounds = set()
    for _ in range(TRIALS):
        trial = person.look()["trial"]
        for slot in trial["slots"]:
            played = person.client.get(slot["audio"][0])
            assert (played.status_code, played.headers["cache-control"]) == (200, "no-store")
            sounds.add(played.content)
        assert person.answer(trial, choice="A").json() == {"saved": True}
    assert len(sounds) == 2 * TRIALS
    assert person.look()["stage"] == "questionnaire"
    assert person.put("questionnaire", {"answers": {"remarks": "ü"}, "finished": True}).status_code == 200
    assert person.look()["stage"] == "thanks"
    assert contents(lab.home) == before


def drum():
    return Sources({name: Nebula.load(name) for name in ("drum", "default")}, {})


def test_its_seeds_are_those_that_no_sealed_test_draws_and_it_goes_with_the_server(ab):
    previews = Previews()
    with pytest.raises(NotFound, match=r"^preview: there is none like this$"):
        _ = previews.database
    assert previews.make(ListeningSpec.model_validate(ab), drum()).startswith("preview-")
    with previews.database.read() as session:
        test = session.scalars(select(ListeningTest)).one()
        seeds = [each["source"]["seed"] for each in test.key_map["stimuli"].values()]
        played = previews.store.root / test.folder
    assert len(seeds) == len(set(seeds)) == 2 * TRIALS
    assert all(seed in TRIED_SEEDS for seed in seeds)
    assert set(TRIED_SEEDS).isdisjoint((FRESH_SEEDS.start, FRESH_SEEDS.stop - 1))
    assert len(list(played.iterdir())) == 2 * TRIALS
    previews.close()
    assert not played.exists()


def test_the_oldest_makes_room_with_whoever_looked_at_it(ab):
    previews, spec = Previews(), ListeningSpec.model_validate(ab | {"sounds": 1, "seconds": 0.2})
    invites = [previews.make(spec, drum()) for _ in range(17)]
    with previews.database.begin() as session:
        with pytest.raises(NotFound, match=r"^invitation: there is none like this$"):
            joining.join(session, invites[0], {})
        joining.join(session, invites[1], {})
    assert len(list(previews.store.root.iterdir())) == 16
    previews.make(spec, drum())
    with previews.database.read() as session:
        assert session.scalar(select(func.count()).select_from(ListeningParticipant)) == 0
    previews.close()


def test_listed_items_are_cut_down_to_a_few_of_the_first_group():
    items = [
        {"name": f"{group}-{number}", "sounds": {"by hand": ["x.wav"]}, "group": group, "practice": number == 0}
        for group in (0, 1)
        for number in range(7)
    ]
    plan = ListeningSpec.load("mushra-24").model_copy(update={"corpus": "c"})
    listed = {"systems": [{"name": "by hand"}], "items": items, "reference": {"name": "r", "nebula": "drum"}}
    plan = ListeningSpec.model_validate(plan.model_dump(mode="json") | listed | {"texts": {}})
    short = shortened(plan)
    assert [item.name for item in short.items] == ["0-0", "0-1", "0-2", "0-3"]
    assert "6 sets" in short.texts.consent
    assert short.plan.screening == plan.plan.screening


@pytest.mark.parametrize(
    ("method", "systems", "trials"), [("rating", 1, 3), ("rating", 2, 2), ("multi-stimulus", 2, 3)]
)
def test_drawn_trials_are_few_whatever_the_method(ab, method, systems, trials):
    plan = ab | {"method": method, "systems": ab["systems"][:systems], "tie": False, "practice": 9, "sounds": 40}
    short = shortened(ListeningSpec.model_validate(plan))
    assert (short.sounds, short.practice) == (trials, PRACTICE)


def test_what_cannot_be_planned_cannot_be_previewed(lab, ab):
    for spec, status, said in (
        (ab | {"texts": {"consent": "You will hear 64 pairs."}}, 422, "texts.consent: names 64 trials, and 4"),
        (ab | {"systems": [{"name": "a", "nebula": "nowhere"}, ab["systems"][0]]}, 404, "nowhere"),
    ):
        answer = lab.experimenter.post("/v1/listening-tests/previews", json=spec)
        assert answer.status_code == status, answer.text
        assert said in answer.json()["error"]["message"]
    assert lab.client("viewer").post("/v1/listening-tests/previews", json=ab).status_code == 403
    assert lab.client().get("/v1/listen/sessions/preview-none").status_code == 404
    assert lab.client().post("/v1/listen/preview-none/sessions", json={}).status_code == 404
