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


class StudyState(StrEnum):
    """What a study is doing."""

    QUEUED = "queued"  #: waits for the manager
    RUNNING = "running"  #: trials are being scored
    PAUSED = "paused"  #: keeps what it has, and waits for `resume`
    STOPPING = "stopping"  #: no new trials; the best so far are being re-scored
    STOPPED = "stopped"  #: ended by a person before its last trial
    FAILED = "failed"  #: ended by a fault, which `Study.reason` tells
    DONE = "done"  #: all trials, finalists and results are there


class StudyOrder(StrEnum):
    """Which studies a list begins with."""

    NEWEST = "newest"  #: by when they were posted
    NAME = "name"
    SCORE = "score"  #: only those that were re-scored, the smallest first


class StudyVerb(StrEnum):
    """What a person can ask of a study."""

    PAUSE = "pause"  #: let go of the workers, keep what is finished
    RESUME = "resume"  #: go on where it was paused or failed
    STOP = "stop"  #: finish the trials that run, re-score the best so far, write results
    CANCEL = "cancel"  #: drop what runs, write no results
    SKIP = "skip"  #: write results without asking classifiers, or without asking them further


class ManagerVerb(StrEnum):
    """What the manager does with a study."""

    CLAIM = "claim"  #: begins or goes on with it
    FINISH = "finish"  #: all that was left of it is done
    FAIL = "fail"  #: it cannot go on


#: State after a verb or event; what is not here is refused.
MOVES: dict[tuple[StudyState, StudyVerb | ManagerVerb], StudyState] = {
    (StudyState.QUEUED, StudyVerb.PAUSE): StudyState.PAUSED,
    (StudyState.QUEUED, StudyVerb.STOP): StudyState.STOPPED,
    (StudyState.QUEUED, StudyVerb.CANCEL): StudyState.STOPPED,
    (StudyState.QUEUED, ManagerVerb.CLAIM): StudyState.RUNNING,
    (StudyState.RUNNING, StudyVerb.PAUSE): StudyState.PAUSED,
    (StudyState.RUNNING, StudyVerb.STOP): StudyState.STOPPING,
    (StudyState.RUNNING, StudyVerb.CANCEL): StudyState.STOPPED,
    (StudyState.RUNNING, StudyVerb.SKIP): StudyState.RUNNING,
    (StudyState.RUNNING, ManagerVerb.FINISH): StudyState.DONE,
    (StudyState.RUNNING, ManagerVerb.FAIL): StudyState.FAILED,
    (StudyState.PAUSED, StudyVerb.RESUME): StudyState.QUEUED,
    (StudyState.PAUSED, StudyVerb.STOP): StudyState.STOPPED,
    (StudyState.PAUSED, StudyVerb.CANCEL): StudyState.STOPPED,
    (StudyState.STOPPING, StudyVerb.CANCEL): StudyState.STOPPED,
    (StudyState.STOPPING, ManagerVerb.FINISH): StudyState.STOPPED,
    (StudyState.STOPPING, ManagerVerb.FAIL): StudyState.FAILED,
    (StudyState.FAILED, StudyVerb.RESUME): StudyState.QUEUED,
}

#: States in which the manager works on a study.
ACTIVE = frozenset({StudyState.RUNNING, StudyState.STOPPING})

#: States in which a study needs its target and start, because it runs or may run again: a failed one can be resumed.
NEEDING = (StudyState.QUEUED, StudyState.RUNNING, StudyState.PAUSED, StudyState.STOPPING, StudyState.FAILED)

#: States in which nothing happens to a study any more unless somebody resumes it.
ENDED = frozenset({StudyState.STOPPED, StudyState.FAILED, StudyState.DONE})
