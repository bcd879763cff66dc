"""Streams of what happens to studies: from now on, from where one was, and to many at once."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import pytest
from posted_study import SPEC

from service.studies.moves import tell
from service.studies.tables import StudyEvent


def events_of(response):
    """Yields (id, kind, data) of the events in a stream."""
    event = {}
    for line in response.iter_lines():
        if not line and "data" in event:
            yield int(event["id"]), event["event"], json.loads(event["data"])
            event = {}
        elif line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            event[name] = value


def read_events(response, count):
    """Returns (id, kind, data) of the first events in a stream."""
    return list(islice(events_of(response), count))


KNOCK = {"number": -1}


def present(service, study_id, stream):
    """Returns the events of a stream that has begun to tell what happens now: one is told until it says so."""
    heard, events = threading.Event(), events_of(stream)

    def knock():
        while not heard.wait(0.02):
            with service.database.begin() as session:
                tell(session, study_id, "trial", KNOCK)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(knock)
        try:
            assert next(events)[2] == KNOCK
        finally:
            heard.set()
    return (event for event in events if event[2] != KNOCK)


def test_a_stream_tells_what_happens_from_now_on(service, admin, study):
    with service.client("viewer") as client, client.stream("GET", f"/v1/studies/{study['id']}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        events = present(service, study["id"], stream)
        admin.post(f"/v1/studies/{study['id']}/pause")
        _, kind, data = next(events)
    assert (kind, data) == ("state", {"state": "paused", "reason": ""})


@pytest.mark.parametrize("way", ["header", "query"])
def test_a_stream_that_was_cut_off_goes_on_where_it_was(service, admin, study, way):
    with service.database.begin() as session:
        for number in range(1200):  # more than is read from the database at once
            tell(session, study["id"], "trial", {"number": number})
    path = f"/v1/studies/{study['id']}/events"
    with admin.stream("GET", path, headers={"Last-Event-ID": "0"}) as stream:
        begun = read_events(stream, 5)
    last = begun[-1][0]
    again = {"headers": {"Last-Event-ID": str(last)}} if way == "header" else {"params": {"after": last}}
    with admin.stream("GET", path, **again) as stream:
        events = events_of(stream)
        rest = list(islice(events, 1196))
        admin.post(f"/v1/studies/{study['id']}/stop")
        rest.append(next(events))
    assert begun[0][1:] == ("state", {"state": "queued", "reason": ""})
    assert [data["number"] for _, kind, data in begun + rest if kind == "trial"] == list(range(1200))
    assert rest[-1][1:] == ("state", {"state": "stopped", "reason": ""})


def test_many_follow_several_studies_and_each_hears_of_its_own(service, admin):
    ids = [admin.post("/v1/studies", json=SPEC).json()["id"] for _ in range(3)]
    heard = {}

    def follow(study_id, number):
        with (
            service.client("viewer") as client,
            client.stream("GET", f"/v1/studies/{study_id}/events", params={"after": 0}) as stream,
        ):
            heard[study_id, number] = [data for _, kind, data in read_events(stream, 21) if kind == "trial"]

    threads = [threading.Thread(target=follow, args=(study_id, number)) for study_id in ids for number in range(4)]
    for thread in threads:
        thread.start()
    for number in range(20):
        with service.database.begin() as session:
            for study_id in ids:
                tell(session, study_id, "trial", {"number": number, "of": study_id})
    for thread in threads:
        thread.join()
    for (study_id, _), data in heard.items():
        assert data == [{"number": number, "of": study_id} for number in range(20)]


def test_what_was_committed_late_is_told_though_its_number_is_smaller(service, admin):
    first, second = (admin.post("/v1/studies", json=SPEC).json()["id"] for _ in range(2))
    streams = [admin.stream("GET", f"/v1/studies/{study_id}/events") for study_id in (first, second)]
    with streams[0] as one, streams[1] as other:
        late, early = present(service, first, one), present(service, second, other)
        with service.database.begin() as session:
            session.add(StudyEvent(id=5000, study_id=second, kind="trial", data={}))
        assert next(early)[0] == 5000
        with service.database.begin() as session:
            session.add(StudyEvent(id=4999, study_id=first, kind="trial", data={"late": True}))
            # Comes in the place of one that is left out.
            session.add(StudyEvent(id=5001, study_id=first, kind="trial", data={}))
        assert next(late)[0] == 4999


def test_a_server_that_stops_does_not_wait_for_streams(service, admin, study):
    began = time.monotonic()
    with admin.stream("GET", f"/v1/studies/{study['id']}/events") as stream:
        service.stop()
        assert read_events(stream, 1) == []
    assert time.monotonic() - began < 10  # what requests get to end, and streams never would
