"""What a study has found so far, in an Optuna storage that only the study manager writes.

A trial is entered when it is finished, in one transaction, as a complete record. There is therefore no moment at which
a killed process leaves a trial half-told or running: the study holds exactly the trials that were finished.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import optuna
from filelock import FileLock, Timeout
from optuna.exceptions import StorageInternalError
from optuna.storages import RDBStorage
from optuna.study import StudyDirection
from sqlalchemy import URL, make_url
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError, SQLAlchemyError

from nebula import discrepancy
from nebula.draws import Correlation
from nebula.errors import StudyDisconnected, StudyError
from nebula.messages import short
from nebula.nebulae import Nebula
from nebula.tuning.optuna_rows import TrialRows, distributions
from nebula.tuning.space import Space
from nebula.tuning.spec import StudySpec

#: With fewer trials the importance of hyperparameters is not computed: it would be that of chance.
IMPORTANCE_TRIALS = 20

_SQLITE_BUSY_SECONDS = 60


@dataclass(frozen=True)
class Entry:
    """A finished trial.

    Attributes:
        generation: Which set of draws it was scored on, counted over all phases.
        candidate: Its place among the proposals of its generation.
        nebula: What was scored.
        score: As in `Evaluation`.
        seconds: What rendering, embedding and scoring took.
        influences: Of each sound on the score, for samplers that learn from them.
        numbers: Of a mixture's components, as `Space.kept` returns them; from 1 on without a gap if empty.
    """

    generation: int
    candidate: int
    nebula: Nebula
    score: float
    seconds: float
    influences: tuple[float, ...] | None = None
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Finalist:
    """A candidate re-scored on fresh seeds.

    Attributes:
        origin: `trial G.C` (generation and candidate), `centre` of the search distribution, or `start`.
        nebula: What was scored.
        scores: One for each repeat; repeat r has the same seeds for all finalists.
    """

    origin: str
    nebula: Nebula
    scores: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Mean of the scores."""
        return sum(self.scores) / len(self.scores)

    @property
    def interval(self) -> "discrepancy.Interval":
        """The 95 % interval of their mean; scores, of whichever objective, are never below 0."""
        return discrepancy.mean_interval(self.scores, least=0.0)


class Ledger:
    """The trials and finalists of one study; made by `open_ledger`.

    Attributes:
        name: Of the study in the storage.
        best: The best score so far, None before the first.
    """

    def __init__(self, storage: RDBStorage, name: str, spec: StudySpec, space: Space, target: str) -> None:
        self._space, self._spec, self._storage = space, spec, storage
        self.name = name
        self._study = self._open(name)
        self._admit(target)
        self._rows = TrialRows(storage, self._study)
        #: Which candidate of a generation holds its correlation.
        self._holders: dict[int, int] = {}
        self._entries = {(entry.generation, entry.candidate): entry for entry in self._stored()}
        self.best = min((entry.score for entry in self._entries.values()), key=spec.loss, default=None)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def entries(self) -> list[Entry]:
        """Finished trials by generation and candidate, whatever order they finished in."""
        return [self._entries[key] for key in sorted(self._entries)]

    def find(self, generation: int, candidate: int) -> Entry | None:
        """Returns a finished trial, or None if it is still to be done."""
        return self._entries.get((generation, candidate))

    def would_lead(self, score: float) -> bool:
        """Returns whether a score is better than all so far."""
        return self.best is None or self._spec.loss(score) < self._spec.loss(self.best)

    def add(self, entry: Entry, artifacts: Mapping[str, str] = MappingProxyType({})) -> None:
        """Enters a finished trial.

        Args:
            entry: The trial.
            artifacts: What Optuna's dashboard shows beside it, as system attributes.
        """
        kept: dict[str, Any] = {"generation": entry.generation, "candidate": entry.candidate, "seconds": entry.seconds}
        if entry.influences is not None:
            kept["influences"] = entry.influences
        if self._space.rank and entry.nebula.correlation is not None:
            kept |= self._kept_correlation(entry.generation, entry.candidate, entry.nebula.correlation)
        # A mixture that has dropped components has no values of these.
        values = self._space.values(entry.nebula, entry.numbers)
        self._rows.add(
            optuna.trial.create_trial(
                params=values,
                distributions={name: kind for name, kind in distributions(self._space).items() if name in values},
                value=entry.score,
                user_attrs=kept,
                system_attrs=dict(artifacts),
            )
        )
        self._entries[entry.generation, entry.candidate] = entry
        if self.would_lead(entry.score):
            self.best = entry.score

    def finalists(self) -> dict[str, Finalist]:
        """Returns the finalists re-scored so far, by origin."""
        found = {}
        for trial in self._finals().get_trials(deepcopy=False):
            kept = trial.user_attrs
            found[kept["origin"]] = Finalist(kept["origin"], self._finalist(kept), tuple(kept["scores"]))
        return found

    def add_finalist(self, finalist: Finalist) -> None:
        """Enters a finalist with all its scores."""
        self._finals().add_trial(
            optuna.trial.create_trial(
                value=finalist.mean,
                user_attrs={
                    "origin": finalist.origin,
                    "nebula": finalist.nebula.to_json(),
                    "scores": list(finalist.scores),
                },
            )
        )

    def _finalist(self, kept: Mapping[str, Any]) -> Nebula:
        if "nebula" in kept:
            return Nebula.from_json(kept["nebula"], kept["origin"])
        # Earlier versions kept its parts.
        curves, symmetric, synth = tuple(kept["curves"]), tuple(kept["symmetric"]), self._space.start.synth
        return Nebula(curves, symmetric, kept["origin"], _correlation(kept), synth)

    def importance(self) -> dict[str, float]:
        """Returns how much of the spread between good and other trials each hyperparameter explains, largest first.

        The shares sum to 1. PED-ANOVA (Watanabe et al. 2023); empty with fewer than 20 trials.
        """
        if len(self._entries) < IMPORTANCE_TRIALS:
            return {}
        evaluator = optuna.importance.PedAnovaImportanceEvaluator()
        return dict(optuna.importance.get_param_importances(self._study, evaluator=evaluator))

    def _open(self, name: str) -> optuna.Study:
        direction = StudyDirection.MINIMIZE if self._spec.objective == "match" else StudyDirection.MAXIMIZE
        return optuna.create_study(storage=self._storage, study_name=name, direction=direction, load_if_exists=True)

    def _finals(self) -> optuna.Study:
        # Named by the number of trials: a study that goes on has new finalists, and finished trials cannot change.
        return self._open(f"{self.name}: finalists after {len(self)} trials")

    def _kept_correlation(self, generation: int, candidate: int, correlation: Correlation) -> dict[str, Any]:
        """The attributes that say a trial's correlation: itself, 127 kB for the Voice, or which trial holds the same.

        A sampler that tunes the correlation gives all candidates of a generation the same one.
        """
        holder = self._holders.get(generation)
        if holder is not None and self._entries[generation, holder].nebula.correlation == correlation:
            return {"loadings_of_candidate": holder}
        self._holders[generation] = candidate
        return {"loadings": correlation.loadings}

    def _stored(self) -> Iterator[Entry]:
        trials = self._study.get_trials(deepcopy=False)
        # Earlier versions kept the correlation with each trial; then every one of them holds its own.
        held = {
            (trial.user_attrs["generation"], trial.user_attrs["candidate"]): correlation
            for trial in trials
            if (correlation := _correlation(trial.user_attrs)) is not None
        }
        for generation, candidate in held:
            self._holders[generation] = candidate
        for trial in trials:
            kept = trial.user_attrs
            generation, candidate = kept["generation"], kept["candidate"]
            correlation = held.get((generation, kept.get("loadings_of_candidate", candidate)))
            assert trial.value is not None
            yield Entry(
                generation,
                candidate,
                self._space.from_values(trial.params, f"trial {generation}.{candidate}", correlation),
                trial.value,
                kept["seconds"],
                tuple(kept["influences"]) if "influences" in kept else None,
                self._space.numbers(trial.params),
            )

    def _admit(self, target: str) -> None:
        """Refuses a ledger that belongs to another study."""
        kept = self._study.user_attrs
        ours = _identity(self._spec)
        if "spec" in kept:
            for key, value in _identity(StudySpec.parse(kept["spec"])).items():
                if ours[key] != value:
                    raise StudyError(f"holds another study: {key}: got {short(ours[key])}, expected {short(value)}")
            if kept["target"] != target:
                raise StudyError("holds a study towards other sounds: the content of the target has changed")
            before = StudySpec.parse(kept["spec"]).trials
            if self._spec.trials < before:
                raise StudyError(f"holds a study of {before} trials, more than the {self._spec.trials} asked for")
        self._study.set_user_attr("spec", self._spec.model_dump(mode="json"))
        self._study.set_user_attr("target", target)


@dataclass(frozen=True)
class Storage:
    """A database that holds the ledgers of many studies.

    Attributes:
        url: SQLAlchemy URL.
        study: What this study is called there; no other one may be.
        artifacts: Folder of an Optuna artifact store, in which some sounds of each new best are kept; None keeps none.
    """

    url: str
    study: str
    artifacts: Path | None = None


@contextmanager
def open_ledger(
    folder: Path, spec: StudySpec, space: Space, target: str, storage: Storage | None = None
) -> Iterator[Ledger]:
    """Yields the ledger of the study that a folder belongs to, new or continued, for this process alone.

    Args:
        folder: Made if missing. No other process may work in it meanwhile.
        spec: The study. A ledger that holds another one is refused; one that differs only in having more trials in its
            last phase is the same study, longer.
        space: What the study varies.
        target: Fingerprint of the target.
        storage: Where the ledger is kept; `study.db` in the folder if None.

    Raises:
        StudyError: The folder cannot be written, is in use, or the ledger belongs to another study.
        StudyDisconnected: The storage's database does not answer.
    """
    own = Storage(URL.create("sqlite", database=str(folder / "study.db")).render_as_string(), spec.name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (
            FileLock(folder / ".lock", timeout=0, mode=0o644),
            _opened((storage or own).url) as opened,
        ):
            yield _ledger(opened, (storage or own).study, folder, spec, space, target)
    except Timeout as error:
        raise StudyError(f"out {str(folder)!r}: another process is working in it") from error
    except (SQLAlchemyError, StorageInternalError) as error:
        if storage is None:
            raise StudyError(f"out {str(folder)!r}: study.db cannot be used ({_root(error)})") from error
        if _is_damage(error):
            raise StudyError(f"study {storage.study!r}: {_damaged(storage.url, error)}") from error
        if _is_refusal(error):
            raise StudyError(f"study {storage.study!r}: its database refuses it ({_root(error)})") from error
        raise StudyDisconnected(f"study {storage.study!r}: its database does not answer ({_root(error)})") from error
    except OSError as error:
        raise StudyError(f"out {str(folder)!r}: cannot be written ({error.strerror or error})") from error


def prepare_storage(url: str) -> None:
    """Makes a database ready to hold ledgers that several threads and processes open at once.

    Raises:
        StudyError: It is damaged.
        StudyDisconnected: It does not answer.
    """
    try:
        with _opened(url) as storage:
            if storage.engine.dialect.name == "sqlite":
                # Readers of the file, such as the dashboard, then wait for no writer; the file remembers it.
                with storage.engine.connect() as connection:
                    connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    except (SQLAlchemyError, StorageInternalError) as error:
        if _is_damage(error):
            raise StudyError(_damaged(url, error)) from error
        raise StudyDisconnected(f"the database of trials does not answer ({_root(error)})") from error


def _ledger(storage: RDBStorage, name: str, folder: Path, spec: StudySpec, space: Space, target: str) -> Ledger:
    try:
        return Ledger(storage, name, spec, space, target)
    except StudyError as error:
        raise StudyError(f"out {str(folder)!r}: {error}; choose another --out") from error


def _correlation(kept: Mapping[str, Any]) -> Correlation | None:
    """The correlation that a trial's attributes hold, if any."""
    loadings = kept.get("loadings")
    return Correlation(tuple(tuple(row) for row in loadings)) if loadings else None


def _root(error: BaseException) -> str:
    """What the database itself said: Optuna and SQLAlchemy wrap it, the first in a guess of its own."""
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error).splitlines()[0]


def _is_refusal(error: BaseException) -> bool:
    """Whether a database understood and refused, so that asking again is of no use."""
    return any(isinstance(cause, (IntegrityError, ProgrammingError, DataError)) for cause in _causes(error))


def _is_damage(error: BaseException) -> bool:
    """Whether a file is no database any more, or not a whole one."""
    codes = (getattr(cause, "sqlite_errorcode", 0) & 0xFF for cause in _causes(error))
    return any(code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) for code in codes)


def _damaged(url: str, error: BaseException) -> str:
    name = Path(make_url(url).database or "").name
    return f"{name} is damaged ({_root(error)}); restore a backup, or move the file away to begin anew"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


@contextmanager
def _opened(url: str) -> Iterator[RDBStorage]:
    """Yields Optuna's storage at a URL, and closes its connections."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    is_sqlite = make_url(url).get_backend_name() == "sqlite"
    # Several studies may enter trials into one file: each waits for its turn.
    options = {"connect_args": {"timeout": _SQLITE_BUSY_SECONDS}} if is_sqlite else {"pool_pre_ping": True}
    storage = RDBStorage(url, options)
    try:
        yield storage
    finally:
        storage.remove_session()
        storage.engine.dispose()


def _identity(spec: StudySpec) -> dict[str, Any]:
    """What must not change for a study to be the same one, by the name of the key in the spec."""
    content = spec.model_dump(mode="json")
    # Where the target lies may change, its content may not. Others have no part in the search. The length of the last
    # phase may grow.
    del content["target"], content["others"]
    content["search"]["phases"][-1]["trials"] = None
    finalists, search = content.pop("finalists"), content.pop("search")
    return content | {f"search.{key}": value for key, value in search.items()} | {"finalists": finalists}
