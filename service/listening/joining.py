"""Joining a test: a session, a group, an order, slots, and an address for every sound in them."""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from service.accounts.queries import digest
from service.database import new_id, now
from service.errors import Gone, NotFound
from service.listening import queries
from service.listening.design import arrange, design, letters, questions
from service.listening.spec import REFERENCE, ListeningSpec
from service.listening.stages import VisitStage
from service.listening.states import OVER, ListeningState
from service.listening.tables import ListeningParticipant, ListeningQuestion, ListeningSound, ListeningTest

_TOKEN_BYTES = 16  # 128 bits, 22 characters


def new_token() -> str:
    """Returns a token that nobody can guess."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def open_test(session: Session, invite: str, changing: bool = False) -> ListeningTest:
    """Returns the test that an invite leads to; with `changing`, held until the transaction ends.

    Raises:
        NotFound: It leads nowhere.
        Gone: The test is over.
    """
    query = select(ListeningTest).where(ListeningTest.invite == invite)
    test = session.scalars(query.with_for_update() if changing else query).one_or_none()
    if test is None or test.state not in OVER | {ListeningState.OPEN}:
        raise NotFound("invitation: there is none like this")
    if test.state in OVER:
        raise Gone("listening test: it is over, thank you")
    return test


def join(session: Session, invite: str, recruited: dict[str, str], prefix: str = "") -> str:
    """Returns the token of a new participant's session.

    Args:
        session: The transaction.
        invite: As the link has it.
        recruited: What a recruiter's link said.
        prefix: Begins the token.

    Raises:
        NotFound: The invite leads nowhere.
        Gone: The test is over.
    """
    # Held: of two who join at once, the second one's group is drawn when the first one's is known.
    test = open_test(session, invite, changing=True)
    spec, token = queries.spec_of(test), prefix + new_token()
    group, drawn = draw_questions(test, spec, lambda groups: _participants(session, test, spec, groups))
    participant = ListeningParticipant(
        id=new_id(),
        test_id=test.id,
        session_digest=digest(token),
        group=group,
        stage=VisitStage.CONSENT,
        recruited=recruited,
    )
    session.add(participant)
    session.flush()
    for question in drawn:
        question.participant_id = participant.id
    session.add_all(drawn)
    return token


def draw_questions(
    test: ListeningTest, spec: ListeningSpec, participants: Callable[[int], list[int]]
) -> tuple[int, list[ListeningQuestion]]:
    """Returns group and questions of a new participant, with an address for every sound.

    Args:
        test: Sealed.
        spec: Its own.
        participants: Of a number of groups, how many participants each has.
    """
    asked = questions(spec)
    group, placements = arrange(asked, participants(len(design(asked).groups)))
    practice = {question.key for question in asked if question.practice}
    stimuli = _stimuli(test)
    return group, [
        ListeningQuestion(
            id=new_token(),
            number=number,
            practice=placement.item in practice,
            key=placement.item,
            systems=list(placement.slots),
            sounds=[
                ListeningSound(token=new_token(), slot=slot, place=place, stimulus=stimulus)
                for slot, system in _slots(placement.slots, spec)
                for place, stimulus in enumerate(stimuli[placement.item, system])
            ],
        )
        for number, placement in enumerate(placements)
    ]


def dither_seed(test: ListeningTest, token: str) -> int:
    """Returns the seed of the dither of a sound under an address: each has its own, and nobody can know it."""
    return int.from_bytes(hashlib.sha256(f"{test.secret}{token}".encode()).digest())


def _slots(systems: Sequence[str], spec: ListeningSpec) -> list[tuple[str, str]]:
    """Returns each slot with what plays in it; the open reference is one of its own."""
    slots = list(zip(letters(spec.method, len(systems)), systems, strict=True))
    return [*slots, (REFERENCE, REFERENCE)] if spec.has_open_reference else slots


def _participants(session: Session, test: ListeningTest, spec: ListeningSpec, groups: int) -> list[int]:
    """Returns how many participants each group has: those who are done, and those who were seen lately."""
    seen_since = now() - timedelta(minutes=spec.vanished_minutes)
    query = (
        select(ListeningParticipant.group, func.count())
        .where(
            ListeningParticipant.test_id == test.id,
            or_(ListeningParticipant.completed_at.is_not(None), ListeningParticipant.seen_at >= seen_since),
        )
        .group_by(ListeningParticipant.group)
    )
    found = dict(session.execute(query).all())
    return [found.get(group, 0) for group in range(groups)]


def _stimuli(test: ListeningTest) -> dict[tuple[str, str], list[str]]:
    """Returns the files of each playlist, by question and system."""
    assert test.key_map is not None
    ordered = sorted(test.key_map["stimuli"].items(), key=lambda entry: int(entry[1]["place"]))
    found: dict[tuple[str, str], list[str]] = {}
    for name, stimulus in ordered:
        found.setdefault((stimulus["question"], stimulus["system"]), []).append(name)
    return found
