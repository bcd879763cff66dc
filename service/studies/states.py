"""What a study can be, and every legal move between.

                       ┌────────── resume ──────────┐
                       ▼                            │
    (posted) ──> queued ──claim──> running ──pause──> paused
                   │  │              │ │ │            │
                   │  └──pause───────┼─┼─┼──> paused  ├── stop, cancel ──> stopped
                   │                 │ │ └── stop ──> stopping ──> stopped
                   ├─ stop, cancel ──┼─┼──> stopped        └── fail ──> failed
                   │                 │ └── end ──> done
                   │                 └── fail ──> failed ── resume ──> queued
                   └ (a manager that died leaves running and stopping as they are; the next one goes on with them)

The API makes the moves of studies that no worker is busy with, at once. Of a running study it only notes the wish, in
`Study.wish`; the manager, alone, moves it within seconds.
"""

from enum import StrEnum


class State(StrEnum):
    """What a study is doing."""

    QUEUED = "queued"  #: waits for the manager
    RUNNING = "running"  #: trials are being scored
    PAUSED = "paused"  #: keeps what it has, and waits for `resume`
    STOPPING = "stopping"  #: no new trials; the best so far are being re-scored
    STOPPED = "stopped"  #: ended by a person before its last trial
    FAILED = "failed"  #: ended by a fault, which `Study.reason` tells
    DONE = "done"  #: all trials, finalists and results are there


class Verb(StrEnum):
    """What a person can ask of a study."""

    PAUSE = "pause"  #: let go of the workers, keep what is finished
    RESUME = "resume"  #: go on where it was paused or failed
    STOP = "stop"  #: finish the trials that run, re-score the best so far, write results
    CANCEL = "cancel"  #: drop what runs, write no results


class Event(StrEnum):
    """What the manager does with a study."""

    CLAIM = "claim"  #: begins or goes on with it
    FINISH = "finish"  #: all that was left of it is done
    FAIL = "fail"  #: it cannot go on


#: State after a verb or event; what is not here is refused.
MOVES: dict[tuple[State, Verb | Event], State] = {
    (State.QUEUED, Verb.PAUSE): State.PAUSED,
    (State.QUEUED, Verb.STOP): State.STOPPED,
    (State.QUEUED, Verb.CANCEL): State.STOPPED,
    (State.QUEUED, Event.CLAIM): State.RUNNING,
    (State.RUNNING, Verb.PAUSE): State.PAUSED,
    (State.RUNNING, Verb.STOP): State.STOPPING,
    (State.RUNNING, Verb.CANCEL): State.STOPPED,
    (State.RUNNING, Event.FINISH): State.DONE,
    (State.RUNNING, Event.FAIL): State.FAILED,
    (State.PAUSED, Verb.RESUME): State.QUEUED,
    (State.PAUSED, Verb.STOP): State.STOPPED,
    (State.PAUSED, Verb.CANCEL): State.STOPPED,
    (State.STOPPING, Verb.CANCEL): State.STOPPED,
    (State.STOPPING, Event.FINISH): State.STOPPED,
    (State.STOPPING, Event.FAIL): State.FAILED,
    (State.FAILED, Verb.RESUME): State.QUEUED,
}

#: States in which the manager works on a study.
ACTIVE = frozenset({State.RUNNING, State.STOPPING})

#: States in which a study needs its target and start, because it runs or may run again: a failed one can be resumed.
NEEDING = (State.QUEUED, State.RUNNING, State.PAUSED, State.STOPPING, State.FAILED)

#: States in which nothing happens to a study any more unless somebody resumes it.
ENDED = frozenset({State.STOPPED, State.FAILED, State.DONE})
