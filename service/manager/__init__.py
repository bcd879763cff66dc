"""The manager: the one process that works on studies and matches.

    database ──queued, wishes──> manager ──a thread each──> run ──> nebula.tuning.tune ──tasks──> pool
       ▲                            │                        │
       └──── lease, pool, states ───┘     mirror: trials, events, best so far

- `lease`: that only one manager works at a time
- `manager`: what to begin, go on with, leave and end, over and over
- `run`: one study in a thread of its own
- `matching`: matches, one at a time beside the studies
- `mirror`: a study's progress as rows, the same ones however often it is told
- `forecast`: when a study will be done
- `shares`: how the pool is shared out
- `pool`: the workers, and what is known about them
- `process`: the command: from the settings to a manager that works until it is told to stop
- `tables`: the lease, the pool's figures and the workers

Everything that must survive is in the database and in Optuna's ledger. A manager that dies leaves running and stopping
studies as they are; the next one goes on with them, and begins the match anew that was searched for. Whatever happened
in between, a trial is in the ledger whole or not at all, and the mirror is set right from the ledger before a study
goes on.
"""
