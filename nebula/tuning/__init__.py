"""From a study spec to the nebula it finds.

    spec ──> manager ──proposes──> pool ──scores──> ledger ──> finalists ──> results
               ▲  samplers over the space     objective against the target     report
               └────────────────────────────────────┘

- `spec`: what to tune, towards what, with how much effort
- `space`: points of a unit box and the nebulae they stand for
- `samplers`: what proposes points, one generation at a time
- `gradient`: the one that credits every sound, `auto`
- `generations`: what they learn from
- `flatness`: when more trials no longer help
- `seeds`: which sounds are drawn when
- `target`: what to tune towards
- `objective`: what a candidate is worth, a pure function
- `pool`: the Dask workers that compute it
- `workers`: which ones; `cluster`: the processes they are on this machine, and `machines` on several
- `trials`: what these begin with
- `servers`: Dask's, as we run them, and `tls`, what they show to one another
- `ledger`: finished trials and finalists, in an Optuna storage; `optuna_rows`: how they are entered there;
  `kept`: these rows, read singly or deleted; `artifacts`: what its dashboard plays
- `matching`: recordings matched one by one on the pool
- `control`: what others may ask of a running study, and `progress`, what it tells them
- `manager`: the loop over all of these
- `judging`: what judges make of the nebula that was found
- `outcome`, `results`, `report`: what a finished study leaves
"""

from typing import TYPE_CHECKING

from nebula.lazy import names_from

if TYPE_CHECKING:
    from nebula.tuning.cluster import Workplace
    from nebula.tuning.control import Control
    from nebula.tuning.kept import forget_study, kept_artifacts, kept_finalist, kept_trial
    from nebula.tuning.ledger import Entry, Finalist, Storage, prepare_storage
    from nebula.tuning.machines import serve_scheduler, serve_workers
    from nebula.tuning.manager import tune
    from nebula.tuning.matching import Searches
    from nebula.tuning.objective import Evaluation, evaluate
    from nebula.tuning.outcome import Outcome
    from nebula.tuning.pool import Failure
    from nebula.tuning.progress import (
        ImportanceFound,
        Rescored,
        StudyNews,
        StudyProgress,
        StudyWatcher,
        TrialFinished,
        TrialsKept,
    )
    from nebula.tuning.space import Space
    from nebula.tuning.spec import StudySpec
    from nebula.tuning.target import load_target
    from nebula.tuning.tls import Tls
    from nebula.tuning.workers import Workers
else:
    __getattr__ = names_from(
        __name__,
        {
            "Control": "nebula.tuning.control",
            "Entry": "nebula.tuning.ledger",
            "Evaluation": "nebula.tuning.objective",
            "Failure": "nebula.tuning.pool",
            "Finalist": "nebula.tuning.ledger",
            "Outcome": "nebula.tuning.outcome",
            "ImportanceFound": "nebula.tuning.progress",
            "Rescored": "nebula.tuning.progress",
            "StudyNews": "nebula.tuning.progress",
            "StudyProgress": "nebula.tuning.progress",
            "StudyWatcher": "nebula.tuning.progress",
            "TrialFinished": "nebula.tuning.progress",
            "TrialsKept": "nebula.tuning.progress",
            "Searches": "nebula.tuning.matching",
            "Workers": "nebula.tuning.workers",
            "Space": "nebula.tuning.space",
            "Storage": "nebula.tuning.ledger",
            "StudySpec": "nebula.tuning.spec",
            "Tls": "nebula.tuning.tls",
            "Workplace": "nebula.tuning.cluster",
            "evaluate": "nebula.tuning.objective",
            "forget_study": "nebula.tuning.kept",
            "kept_artifacts": "nebula.tuning.kept",
            "kept_finalist": "nebula.tuning.kept",
            "kept_trial": "nebula.tuning.kept",
            "load_target": "nebula.tuning.target",
            "prepare_storage": "nebula.tuning.ledger",
            "serve_scheduler": "nebula.tuning.machines",
            "serve_workers": "nebula.tuning.machines",
            "tune": "nebula.tuning.manager",
        },
    )

__all__ = [
    "Control",
    "Entry",
    "Evaluation",
    "Failure",
    "Finalist",
    "ImportanceFound",
    "Outcome",
    "Rescored",
    "Searches",
    "Space",
    "Storage",
    "StudyNews",
    "StudyProgress",
    "StudySpec",
    "StudyWatcher",
    "Tls",
    "TrialFinished",
    "TrialsKept",
    "Workers",
    "Workplace",
    "evaluate",
    "forget_study",
    "kept_artifacts",
    "kept_finalist",
    "kept_trial",
    "load_target",
    "prepare_storage",
    "serve_scheduler",
    "serve_workers",
    "tune",
]
