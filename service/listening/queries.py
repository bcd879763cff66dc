"""What is asked of the tests in the database."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import Text, cast, func, select
from sqlalchemy.orm import Session

from service.corpora.elsewhere import NamingTest
from service.database.pages import page
from service.errors import Conflict, NotFound
from service.listening.spec import ListeningSpec
from service.listening.stages import VisitStage
from service.listening.states import ListeningState
from service.listening.tables import ListeningParticipant, ListeningQuestion, ListeningTest


@dataclass(frozen=True)
class Counts:
    """All that is known of a test's answers before it is unblinded.

    Attributes:
        opened: Browsers in which the link was opened, withdrawn ones not counted.
        joined: Those of them in which somebody consented.
        completed: Those of them in which somebody is done.
        answers: Finished questions, without practice.
    """

    opened: int
    joined: int
    completed: int
    answers: int


def find(session: Session, test_id: str, changing: bool = False) -> ListeningTest:
    """Returns a test; with `changing`, held until the transaction ends.

    Raises:
        NotFound: There is none of that id.
    """
    test = session.get(ListeningTest, test_id, with_for_update=changing or None, populate_existing=changing)
    if test is None:
        raise NotFound(f"listening test {test_id!r}: there is none")
    return test


def spec_of(test: ListeningTest) -> ListeningSpec:
    """Returns the spec of a test."""
    return ListeningSpec.model_validate(test.spec)


@dataclass(frozen=True)
class _Sealed:
    """A spec that does not change any more; two are the same if their test and its commitment are."""

    test_id: str
    commitment: str
    form: dict[str, Any] = field(compare=False)


@lru_cache(maxsize=64)
def _read(sealed: _Sealed) -> ListeningSpec:
    return ListeningSpec.model_validate(sealed.form)


def sealed_spec_of(test: ListeningTest) -> ListeningSpec:
    """Returns the spec of a test that is committed to, which is read once: participants ask for it all the time."""
    return _read(_Sealed(test.id, str(test.commitment), test.spec))


def listed(session: Session, after: str | None, limit: int) -> tuple[list[ListeningTest], str | None]:
    """Returns a piece of the list of tests, the newest first, and where the next piece begins."""
    order = (ListeningTest.created_at, ListeningTest.id)
    return page(session, select(ListeningTest), order, after, limit)


def naming_corpus(session: Session, corpus_id: str) -> list[NamingTest]:
    """Returns the tests whose plan names a corpus, the newest first."""
    # Ids are found in the plan's text: nothing else in it looks like one.
    named = cast(ListeningTest.spec, Text).contains(corpus_id)
    columns = (ListeningTest.id, ListeningTest.spec["name"].as_string(), ListeningTest.commitment.is_not(None))
    query = select(*columns).where(named).order_by(ListeningTest.created_at.desc(), ListeningTest.id)
    return [NamingTest(*row) for row in session.execute(query)]


def counts(session: Session, test_ids: list[str]) -> dict[str, Counts]:
    """Returns what is known of the answers of tests."""
    consented = func.count().filter(ListeningParticipant.stage != VisitStage.CONSENT)
    people = select(
        ListeningParticipant.test_id, func.count(), consented, func.count(ListeningParticipant.completed_at)
    ).group_by(ListeningParticipant.test_id)
    joined = {row[0]: row for row in session.execute(people.where(ListeningParticipant.test_id.in_(test_ids)))}
    finished = (
        select(ListeningParticipant.test_id, func.count())
        .join(ListeningQuestion, ListeningQuestion.participant_id == ListeningParticipant.id)
        .where(ListeningParticipant.test_id.in_(test_ids), ListeningQuestion.finished, ~ListeningQuestion.practice)
        .group_by(ListeningParticipant.test_id)
    )
    answers: dict[str, int] = dict(session.execute(finished).all())
    return {
        test_id: Counts(*(joined[test_id][1:] if test_id in joined else (0, 0, 0)), answers.get(test_id, 0))
        for test_id in test_ids
    }


def sealing(session: Session) -> list[str]:
    """Returns the ids of tests whose sounds are to be rendered, the oldest first."""
    query = select(ListeningTest.id).where(ListeningTest.state == ListeningState.SEALING)
    return list(session.scalars(query.order_by(ListeningTest.created_at)))


def folders(session: Session) -> list[str]:
    """Returns the names of the folders of all tests."""
    return [name for name in session.scalars(select(ListeningTest.folder)) if name is not None]


def used_seeds(session: Session) -> frozenset[int]:
    """Returns the seeds of all sounds that tests have played."""
    maps: list[dict[str, Any] | None] = list(session.scalars(select(ListeningTest.key_map)))
    stimuli = [stimulus for key_map in maps if key_map for stimulus in key_map["stimuli"].values()]
    return frozenset(stimulus["source"]["seed"] for stimulus in stimuli if "seed" in stimulus["source"])


def require_unblinded(test: ListeningTest) -> None:
    """Passes once it may be known which sound was which.

    Raises:
        Conflict: Not yet.
    """
    if test.state is not ListeningState.UNBLINDED:
        raise Conflict(f"listening test: is {test.state.value}, expected unblinded")
