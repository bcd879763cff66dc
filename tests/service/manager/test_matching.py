"""Matches with a real manager and a real worker: found, begun anew, left when deleted, and failed in one line."""

import time

import pytest
from listening_lab import uploaded

from nebula import Corpus, distances
from nebula.matching import Effort, find_jobs, make_bank, match
from service.matches.schemas import MOST_GENERATIONS
from service.matches.tables import MatchState, RecordingMatch
from service.settings import Settings

pytestmark = pytest.mark.slow

EFFORT = Effort(bank=32, generations=2)

_PATIENCE_SECONDS = 300


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request, tmp_path):
    url = request.getfixturevalue("postgres").new_database() if request.param == "postgresql" else ""
    return Settings.read(home=tmp_path / "home", database_url=url)


def enter(site, corpus, generations=EFFORT.generations, **values):
    """Enters a match of the third recording as the API does; returns its id."""
    with site.database.begin() as session:
        row = {"corpus": corpus, "corpus_name": "hits", "sound": 2, "recording": "hit-02.wav", "synth": "voice"}
        made = RecordingMatch(**row, bank=EFFORT.bank, generations=generations, seed=EFFORT.seed, **values)
        session.add(made)
    return made.id


def wait(site, match_id, states):
    """Waits until a match is in one of some states, and returns it."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        with site.database.read() as session:
            found = session.get(RecordingMatch, match_id)
        if found.state in states:
            return found
        assert time.monotonic() < deadline, (found.state, found.reason)
        time.sleep(0.05)


def test_matches_are_found_begun_anew_left_and_failed(site, few_hits):
    corpus = uploaded(site.settings, few_hits)
    ran = enter(site, corpus, state=MatchState.RUNNING)  # as a manager that is killed leaves it
    endless, last = enter(site, corpus, MOST_GENERATIONS), enter(site, corpus)
    hopeless = enter(site, "0" * 16)
    site.start("manager", "--workers", "1")
    ended = (MatchState.DONE, MatchState.FAILED)
    done = wait(site, ran, ended)
    assert done.state is MatchState.DONE, done.reason

    distance = distances.get("log-mel")
    (job,) = find_jobs([Corpus.open(few_hits).subset(["hit-02.wav"])], few_hits, "voice", distance, EFFORT)
    expected = match(job.vector, make_bank("voice", distance, EFFORT), distance, EFFORT)
    assert done.unit == expected.unit.tolist()
    assert (done.distance, done.nearest_random_sound) == (expected.distance, expected.retrieved)

    wait(site, endless, [MatchState.RUNNING])
    with site.database.begin() as session:
        session.delete(session.get(RecordingMatch, endless))
    assert wait(site, last, ended).unit == done.unit
    failed = wait(site, hopeless, ended)
    assert (failed.state, failed.reason) == (MatchState.FAILED, "corpus '0000000000000000': there is none")


def test_matches_in_a_row_begin_with_one_bank(site, few_hits):
    corpus = uploaded(site.settings, few_hits)
    alike = [enter(site, corpus) for _ in range(3)]
    other = enter(site, corpus, generations=3)
    hopeless, after = enter(site, "0" * 16), enter(site, corpus)
    site.start("manager", "--workers", "1")
    ended = (MatchState.DONE, MatchState.FAILED)
    found = [wait(site, match_id, ended) for match_id in (*alike, other, hopeless, after)]
    assert [match.state for match in found] == [*[MatchState.DONE] * 4, MatchState.FAILED, MatchState.DONE]
    assert len({tuple(match.unit) for match in (*found[:3], found[5])}) == 1
    assert found == sorted(found, key=lambda match: match.ended_at)
    # Of the three; of the other one; and after the one that failed.
    assert site.said().count("matches: begin with a bank of 32 random sounds of voice") == 3
