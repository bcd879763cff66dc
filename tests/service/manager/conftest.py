"""Real processes: the manager, the scheduler and workers, as the commands start them, on a database of either kind."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import optuna
import psutil
import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from workers import workers_below

from nebula.tuning import StudySpec
from service.database import Database
from service.database.migrations import migrate
from service.studies.results import ledger_name
from service.studies.states import ENDED
from service.studies.tables import Study, Trial

#: Tunes little, so that entering a trial takes little; four sounds are enough for scores to differ.
SPEC = """
version = 1
name = "small"
objective = "match"
sounds_per_trial = 4
seed = 5
[search]
frozen = ["adsr_*", "lfo_*", "mod_matrix.*"]
[[search.phases]]
sampler = "random"
trials = {random}
[[search.phases]]
sampler = "cma-es"
trials = {cma_es}
[finalists]
count = 2
repeats = 2
"""

_PATIENCE_SECONDS = 900


class Site:
    """One home and database, and the processes over them.

    Args:
        settings: Where home and database are.
        folder: For what the processes say.
    """

    def __init__(self, settings, folder):
        self.settings = settings
        self.database = Database(settings.database)
        settings.home.mkdir(parents=True, exist_ok=True)
        migrate(self.database)
        self._log = folder / "log"
        self._processes = []

    def start(self, *arguments, **variables):
        """Starts a `nebula` command, with more environment variables if given."""
        values = self.settings.model_dump(exclude_none=True)
        environment = os.environ | {f"NEBULA_{name.upper()}": str(value) for name, value in values.items()} | variables
        environment["PYTHONFAULTHANDLER"] = "1"
        with self._log.open("a") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "nebula", *arguments], env=environment, stdout=log, stderr=log
            )
        self._processes.append(process)
        return process

    def said(self) -> str:
        """Returns what the processes have written to their logs."""
        return self._log.read_text()

    def post(self, spec: StudySpec, **more) -> str:
        """Enters a study as the API does; returns its id."""
        content = spec.model_dump(mode="json")
        with self.database.begin() as session:
            study = Study(name=spec.name, spec=content, trials_total=spec.trials, **more)
            session.add(study)
        return study.id

    def study(self, study_id) -> Study:
        """Returns a study as it is; waits for a database that is away."""
        while True:
            with suppress(OperationalError), self.database.read() as session:
                return session.get(Study, study_id)
            time.sleep(0.1)

    def wish(self, study_id, verb):
        """Asks the manager for something."""
        with self.database.begin() as session:
            session.get(Study, study_id).wish = verb

    def wait(self, study_id, condition) -> Study:
        """Waits until a study is as wanted, and returns it."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            study = self.study(study_id)
            if condition(study):
                return study
            assert study.state not in ENDED, (study.state, study.reason)
            time.sleep(0.05)
        # Python prints the stacks of all threads as each of them ends.
        for process in self._processes:
            process.send_signal(signal.SIGABRT)
        time.sleep(2)
        pytest.fail(f"{study.state}, {study.trials_done} trials, {study.reason}\n{self.said()[-20_000:]}")

    def wait_for_end(self, study_id) -> Study:
        """Waits until nothing happens to a study any more, and returns it."""
        return self.wait(study_id, lambda study: study.state in ENDED)

    def rows(self, study_id) -> list[tuple[int, int, float]]:
        """Returns generation, candidate and score of the trials in the mirror."""
        with self.database.read() as session:
            found = session.scalars(select(Trial).where(Trial.study_id == study_id))
            return sorted((trial.generation, trial.candidate, trial.score) for trial in found)

    def ledger(self, study_id) -> list[optuna.trial.FrozenTrial]:
        """Returns the trials in Optuna's storage, whatever their state."""
        name = ledger_name(self.study(study_id).name, study_id)
        storage = optuna.storages.RDBStorage(self.settings.optuna_storage)
        found = optuna.load_study(study_name=name, storage=storage).get_trials(deepcopy=False)
        storage.engine.dispose()
        return found

    def assert_whole(self, study_id, trials):
        """Asserts that exactly so many trials are there, finished, none twice, and the mirror says the same."""
        ledger = self.ledger(study_id)
        assert [trial.state for trial in ledger] == [optuna.trial.TrialState.COMPLETE] * trials
        kept = sorted((t.user_attrs["generation"], t.user_attrs["candidate"], t.value) for t in ledger)
        assert len({trial[:2] for trial in kept}) == trials
        assert self.rows(study_id) == kept

    def workers(self, process) -> list[psutil.Process]:
        """Returns the worker processes below a process."""
        with suppress(psutil.NoSuchProcess):
            return workers_below(process.pid)
        return []

    def close(self):
        """Ends all processes."""
        for process in self._processes:
            with suppress(psutil.NoSuchProcess):
                for child in psutil.Process(process.pid).children(recursive=True):
                    with suppress(psutil.NoSuchProcess):
                        child.kill()
            process.kill()
            process.wait()
        self.database.close()


@pytest.fixture
def site(settings, few_hits, tmp_path):
    """A home and an empty database, without processes."""
    site = Site(settings.model_copy(update={"target_folders": str(few_hits)}), tmp_path)
    yield site
    site.close()


@pytest.fixture(scope="module")
def sites(tmp_path_factory):
    """Makes homes and databases that all tests of a module share, by their settings."""
    made = []

    def make(settings):
        made.append(Site(settings, tmp_path_factory.mktemp("site")))
        return made[-1]

    yield make
    for site in made:
        site.close()


@pytest.fixture(scope="session")
def toml():
    """The text of a spec of so many trials, which leaves the target to be named."""
    return lambda trials: SPEC.format(random=20, cma_es=trials - 20)


@pytest.fixture
def spec(few_hits, toml):
    """A spec of so many trials towards a few hits."""
    return lambda trials: StudySpec.from_toml(toml(trials)).with_changes({"target": str(few_hits)})
