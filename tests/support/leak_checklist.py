"""The leak checklist, line by line: what has to hold of all that a participant or an experimenter is told over HTTP."""

import json
import random
import re
from collections import Counter
from pathlib import Path

import torch
from listening_lab import Person
from listening_watch import secrets_of, systems, texts, walk
from scipy import stats

import service.listening
from nebula.audio import spread
from service.listening import answering, joining
from service.listening.audit import chunks
from service.listening.design import questions
from service.listening.spec import ListeningSpec
from service.listening.tables import ListeningTest

SPEC = {
    "version": 1,
    "name": "the canary test",
    "method": "mushra",
    "sounds": 2,
    "seconds": 0.25,
    "systems": [{"name": "Quagga system", "nebula": "Quagga7"}, {"name": "Zebra system", "nebula": "Zebra9"}],
    "reference": {"name": "Okapi system", "nebula": "Okapi3"},
    "anchors_hz": [3500],
    "analysis": {"resamples": 100},
}
RATE_HZ = 44100


def line_1_no_answer_names_a_source(lab, subject, seen):
    secret = secrets_of(lab, subject[0])
    for response in seen.responses:
        for text in texts(response):
            for word in secret:
                assert word.casefold() not in text.casefold(), word
        assert "set-cookie" not in response.headers
    for response in shell(lab, subject).values():
        assert not [word for word in secret - {"hidden"} if word.casefold() in response.text.casefold()]


def shell(lab, subject):
    """Returns the page that a browser is given, and every file that it may load, by address."""
    client = lab.client()
    page = client.get(f"/listen/{subject[1]}")
    assert page.status_code == 200
    folder = Path(service.listening.__file__).parent / "page" / "assets"
    found = {str(page.request.url): page}
    for path in sorted(folder.iterdir()):
        found[path.name] = client.get(f"/assets/listening/{path.name}")
        assert found[path.name].status_code == 200, path.name
    return found


def line_2_tokens_are_128_random_bits_and_none_recurs(lab, subject, seen):
    other = walk(lab, *subject, trials=1)
    tokens = [slot.token for slot in (*seen.slots, *other.slots)]
    tokens += [page["trial"]["id"] for page in (*seen.sessions, *other.sessions) if page["trial"]]
    distinct = set(tokens)
    assert len({slot.token for slot in seen.slots}) == len(seen.slots)
    assert {slot.token for slot in seen.slots}.isdisjoint(slot.token for slot in other.slots)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", token) for token in distinct)
    # 22 characters of 6 bits; the last one has 2. Each character is as likely as any other.
    letters = Counter("".join(token[:-1] for token in distinct))
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    assert stats.chisquare([letters[letter] for letter in alphabet]).pvalue > 1e-6


def line_3_hidden_and_open_reference_differ_in_bytes_and_not_in_sound(lab, subject, seen):
    for slots in seen.trials():
        (opened,) = [slot for slot in slots if slot.slot == "reference"]
        (hidden,) = [slot for slot in slots if slot.slot != "reference" and slot.system == "reference"]
        assert hidden.token != opened.token
        assert hidden.response.content != opened.response.content
        assert float((hidden.sound - opened.sound).abs().max()) <= 4 / 2**15
        # Neither do other slots share bytes, and nobody knows the dither from the address.
        assert len({slot.response.content for slot in slots}) == len(slots)


def line_4_heads_of_sounds_are_the_same_and_keep_nothing(lab, subject, seen):
    heads = []
    for slot in seen.slots:
        head = {name.lower(): value for name, value in slot.response.headers.items()}
        for name in ("etag", "last-modified", "content-disposition", "server-timing", "set-cookie", "server"):
            assert name not in head
        assert head["cache-control"] == "no-store"
        del head["date"]
        heads.append((slot.trial, slot.response.status_code, sorted(head.items())))
    for slots in ([head for head in heads if head[0] == trial] for trial, _, _ in heads):
        assert all(head == slots[0] for head in slots)


def line_5_sounds_of_a_trial_have_one_format_and_size(lab, subject, seen):
    for slots in seen.trials():
        assert len({slot.response.headers["content-length"] for slot in slots}) == 1
        assert len({slot.response.content[:44] for slot in slots}) == 1
        for slot in slots:
            assert slot.response.headers["content-type"] == "audio/wav"
            assert "content-encoding" not in slot.response.headers
            assert slot.response.request.headers["accept-encoding"].startswith("gzip")


def line_6_sounds_hold_nothing_but_sound(lab, subject, seen):
    for slot in seen.slots:
        assert chunks(slot.response.content) == ["fmt ", "data"]


def line_7_sounds_of_a_trial_are_aligned(lab, subject, seen):
    for slots in seen.trials():
        found = spread(torch.stack([slot.sound for slot in slots]).unsqueeze(1), RATE_HZ)
        assert found.loudness_lu <= 0.5
        assert found.onset_seconds <= 0.011
        assert found.tail_seconds <= 0.011
        assert found.peak < 1
        assert found.offset < 1e-3


def line_8_sounds_are_there_before_and_come_as_fast_as_each_other(lab, subject, seen):
    with lab.database.read() as session:
        test = session.get(ListeningTest, subject[0])
        folder, opened = lab.home / "listening" / test.folder, test.opened_at.timestamp()
    assert max(path.stat().st_ctime for path in folder.iterdir()) < opened
    times = {"Quagga system": [], "Zebra system": []}
    for _ in range(12):
        for slot in walk(lab, *subject, trials=1).slots:
            if slot.system in times:
                times[slot.system].append(slot.seconds)
    first, second = times.values()
    # A rank test: one slow answer of a busy machine decides nothing. Fails by chance once in 10,000 times.
    assert stats.mannwhitneyu(first, second).pvalue > 1e-4


def line_9_nobody_can_foresee_an_order(lab, subject, seen):
    orders = set()
    for _ in range(8):
        random.seed(1)
        person = Person(lab, subject[1])
        orders.add(json.dumps(order_of(lab, person)))
    # 48 orders of slots of two trials of four, twice: at most two of eight alike, but once in a million.
    assert len(orders) >= 5


def order_of(lab, person):
    with lab.database.read() as session:
        listener = answering.find(session, person.path.rpartition("/")[2])
        questions = session.scalars(
            answering.select(answering.ListeningQuestion)
            .where(answering.ListeningQuestion.participant_id == listener.id)
            .order_by(answering.ListeningQuestion.number)
        )
        return [(question.key, question.systems) for question in questions]


def line_10_only_the_current_trial_can_be_fetched(lab, subject, seen):
    person, other = Person(lab, subject[1]), Person(lab, subject[1])
    here = {"X-Request-ID": "the-same-for-all"}
    trial = person.arrive()["trial"]
    theirs = other.arrive()["trial"]["slots"][0]["audio"][0].rpartition("/")[2]
    now = {address.rpartition("/")[2] for slot in trial["slots"] for address in slot["audio"]}
    now |= {address.rpartition("/")[2] for address in trial["reference"]}
    future = next(token for token in systems(lab, person) if token not in now)
    answers = [
        person.client.get(f"{person.path}/audio/{token}", headers=here)
        for token in (theirs, future, "A" * 22, "nothing", "../../x", seen.slots[0].token)
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers[:4]}) == 1
    assert all(person.client.get(f"{person.path}/audio/{token}").status_code == 200 for token in now)


def line_11_no_other_route_joins_a_token_to_a_nebula(lab, subject, seen):
    tokens = [slot.token for slot in seen.slots] + [seen.person.path.rpartition("/")[2]]
    with lab.database.read() as session:
        test = session.get(ListeningTest, subject[0])
        tokens += [test.folder, *test.key_map["stimuli"], test.salt, test.secret]
        tokens += [str(stimulus["source"].get("seed")) for stimulus in test.key_map["stimuli"].values()]
    paths = lab.experimenter.get("/v1/openapi.json").json()["paths"]
    asked = [path for path, verbs in paths.items() if "get" in verbs and "event" not in path]
    assert len(asked) > 15
    for role in ("viewer", "experimenter", "admin"):
        client = lab.client(role)
        for path in asked:
            address = path.replace("{test_id}", subject[0]).replace("{name}", "Quagga7").replace("{seed}", "0")
            content = client.get(re.sub(r"\{\w+\}", "0" * 16, address)).content.decode("latin-1")
            assert not [token for token in tokens if token in content], address
    for path in ("/v1/openapi.json", "/dashboard", "/static", "/listening", f"/listen/{subject[1]}", "/"):
        content = lab.client("admin").get(path).content.decode("latin-1")
        assert not [token for token in tokens if token in content], path


def line_12_the_answer_to_an_answer_is_the_same_bytes(lab, subject, seen):
    person = Person(lab, subject[1])
    trial, answers = person.arrive()["trial"], set()
    person.client.headers["X-Request-ID"] = "the-same-for-all"
    for edit, ratings in enumerate(({"A": 0}, {"A": 100}, {"B": 50, "C": 3.5}, {}), start=1):
        answer = person.answer(trial, edit=edit, finished=False, ratings=ratings)
        head = {name: value for name, value in answer.headers.items() if name != "date"}
        answers.add((answer.status_code, json.dumps(head), answer.content))
    assert len(answers) == 1
    assert not re.search(r"(?i)correct|result|score", answers.pop()[2].decode())


def line_13_experimenters_see_counts_only(lab, subject, seen):
    person = Person(lab, subject[1])
    trial = person.arrive()["trial"]
    shown = []
    for edit, ratings in enumerate(({"A": 0, "B": 100}, {"A": 100, "B": 0}), start=1):
        assert person.answer(trial, edit=edit, finished=False, ratings=ratings).status_code == 200
        shown.append(lab.show(subject[0]))
    assert shown[0] == shown[1]
    assert set(shown[0]["counts"]) == {"opened", "joined", "completed", "answers"}
    for path in ("answers", "answers.csv", "analysis", "report", "key"):
        assert lab.experimenter.get(f"/v1/listening-tests/{subject[0]}/{path}").status_code == 409


def line_14_logs_and_errors_name_no_source(lab, subject, seen):
    assert seen.logs.count('"path"') > 10
    secret = secrets_of(lab, subject[0])
    assert not [word for word in secret if word.casefold() in seen.logs.casefold()]


def line_15_nothing_on_the_page_shows_what_a_sound_looks_like(lab, subject, seen):
    told = {"id", "practice", "method", "slots", "reference", "one_is_reference", "scale", "choices", "saved"}
    told |= {"tags", "tag_texts", "text"}
    for page in seen.sessions:
        if page["trial"]:
            assert set(page["trial"]) == told
            for slot in page["trial"]["slots"]:
                assert set(slot) == {"slot", "audio"}
                assert all(re.fullmatch(r"[\w/-]+", address) for address in slot["audio"])
    for response in shell(lab, subject).values():
        assert not re.search(r"(?i)canvas|analyser|getChannelData\(.*draw|waveform|spectrum", response.text)


def line_16_every_system_is_as_often_in_every_slot(lab, subject, seen):
    asked, generator = questions(ListeningSpec.model_validate(SPEC)), random.Random(5)
    counts = Counter()
    for _ in range(300):
        for placement in joining.arrange(asked, [0], generator)[1]:
            counts.update(enumerate(placement.slots))
    table = [[counts[slot, system] for slot in range(4)] for system in {system for _, system in counts}]
    assert len(table) == 4
    # Balanced within each participant, so that the counts vary less than at random.
    assert all(stats.chisquare(row).pvalue > 1e-3 for row in table)


def line_17_nothing_comes_from_previews_and_there_is_no_service_worker(lab, subject, seen):
    assert all(re.fullmatch(r"/v1/listen/sessions/[\w-]{22}/audio/[\w-]{22}", slot.address) for slot in seen.slots)
    assert lab.client().get("/v1/nebulae/Quagga7/sounds/0.flac").status_code == 401
    for response in seen.responses:
        assert "service-worker-allowed" not in response.headers
        assert b"serviceWorker" not in response.content
    for response in shell(lab, subject).values():
        assert not re.search(r"serviceWorker|/v1/nebulae|/v1/studies", response.text)


def line_18_after_close_answers_are_gone(lab, subject, seen):
    test, invite = lab.open({**SPEC, "sounds": 1})
    person = Person(lab, invite)
    trial = person.arrive()["trial"]
    published = lab.show(test)["commitment"]
    lab.do(test, "close")
    assert person.answer(trial, ratings=dict.fromkeys("ABCD", 1)).status_code == 410
    assert lab.do(test, "unblind")["verified"] is True
    with lab.database.begin() as session:
        found = session.get(ListeningTest, test)
        changed = json.loads(json.dumps(found.key_map))
        one, other, *_ = changed["stimuli"].values()
        one["system"], other["system"] = other["system"], one["system"]
        found.key_map = changed
    key = lab.experimenter.get(f"/v1/listening-tests/{test}/key").json()
    assert (key["verified"], key["commitment"]) == (False, published)


def line_20_what_is_out_of_scope_is_said(lab, subject, seen):
    words = " ".join(service.listening.__doc__.split())
    assert "a participant who analyses the sounds themselves, rather than listening, is out of scope" in words


LINES = {int(name.split("_")[1]): check for name, check in list(globals().items()) if re.match(r"line_\d+_", name)}
