"""The states of a listening test, and the legal moves between them.

`open` and what follows cannot be taken back; what was rendered and committed to cannot be edited.
"""

from enum import StrEnum

from service.errors import Conflict, Gone


class ListeningState(StrEnum):
    """Where a test is in its life."""

    DRAFT = "draft"  #: can be edited
    SEALING = "sealing"  #: its sounds are being rendered
    SEALED = "sealed"  #: sounds and plan are fixed and committed to
    OPEN = "open"  #: participants answer
    CLOSED = "closed"  #: nobody answers any more
    UNBLINDED = "unblinded"  #: it is known which sound was which


class ListeningVerb(StrEnum):
    """What can be done to a test."""

    EDIT = "edit"  #: another spec
    SEAL = "seal"  #: draw seeds, render, align, commit
    CANCEL = "cancel"  #: a draft again
    FINISH = "finish"  #: rendering has ended; said by the server
    FAIL = "fail"  #: rendering cannot end; said by the server
    OPEN = "open"  #: audit, and let participants in
    CLOSE = "close"  #: no more answers
    UNBLIND = "unblind"  #: show the key map
    DELETE = "delete"  #: with everything in it


#: State after a verb; what is not here is refused.
MOVES: dict[tuple[ListeningState, ListeningVerb], ListeningState | None] = {
    (ListeningState.DRAFT, ListeningVerb.EDIT): ListeningState.DRAFT,
    (ListeningState.DRAFT, ListeningVerb.SEAL): ListeningState.SEALING,
    (ListeningState.SEALING, ListeningVerb.FINISH): ListeningState.SEALED,
    (ListeningState.SEALING, ListeningVerb.FAIL): ListeningState.DRAFT,
    (ListeningState.SEALING, ListeningVerb.CANCEL): ListeningState.DRAFT,
    (ListeningState.SEALED, ListeningVerb.OPEN): ListeningState.OPEN,
    (ListeningState.OPEN, ListeningVerb.CLOSE): ListeningState.CLOSED,
    (ListeningState.CLOSED, ListeningVerb.UNBLIND): ListeningState.UNBLINDED,
    (ListeningState.DRAFT, ListeningVerb.DELETE): None,
    (ListeningState.SEALED, ListeningVerb.DELETE): None,
}

#: States in which it is over for participants.
OVER = frozenset({ListeningState.CLOSED, ListeningState.UNBLINDED})


def after(state: ListeningState, verb: ListeningVerb) -> ListeningState | None:
    """Returns the state after a verb, None if the test is then gone.

    Raises:
        Gone: It was done already, or it is too late for it.
        Conflict: It is too early for it.
    """
    if (state, verb) in MOVES:
        return MOVES[state, verb]
    starts = [start for start, move in MOVES if move is verb]
    order = list(ListeningState)
    expected = " or ".join(start.value for start in starts)
    message = f"listening test: is {state.value}, expected {expected} to {verb.value}"
    if state in OVER and order.index(state) > max(order.index(start) for start in starts):
        raise Gone(message)
    raise Conflict(message)
