"""The study manager: proposes, has scored, keeps, and re-scores the best. The only writer of a study."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from nebula import distances
from nebula.audio import Corpus
from nebula.errors import SpecError, StudyError
from nebula.evaluation.sources import open_source
from nebula.nebulae import Nebula
from nebula.tuning.ledger import Entry, Finalist, Ledger, open_ledger
from nebula.tuning.objective import Evaluation
from nebula.tuning.outcome import Outcome
from nebula.tuning.pool import Pool, Task
from nebula.tuning.results import write_results
from nebula.tuning.samplers import Generation, Points, make_sampler
from nebula.tuning.seeds import Purpose, draw_seeds
from nebula.tuning.space import Space
from nebula.tuning.spec import StudySpec
from nebula.tuning.target import load_target


@dataclass(frozen=True)
class Progress:
    """How far a study is.

    Attributes:
        stage: What is being done.
        done: Target sounds, trials or re-scorings finished, those of earlier runs included.
        total: How many there are.
        best: The best score so far, None before the first.
    """

    stage: Literal["target", "search", "finalists"]
    done: int
    total: int
    best: float | None = None


Listener = Callable[[Progress], None]


def tune(
    spec: StudySpec,
    out: Path,
    *,
    target: Corpus | Nebula | None = None,
    scheduler: str | None = None,
    workers: int | None = None,
    device: str = "cpu",
    listener: Listener = lambda progress: None,
) -> Outcome:
    """Runs a study to its end, or continues it where it stopped, and writes its results into a folder.

    The result follows from the spec and the target's content alone: not from the number of workers, nor from
    interruptions.

    Args:
        spec: The study.
        out: Folder for `study.db`, `nebula.json`, `nebula.provenance.json`, `trials.csv` and `report.html`.
        target: What to resemble, where that is not a name or path that the spec could hold.
        scheduler: Address of a running Dask scheduler; None starts workers on this machine.
        workers: How many local workers; one a device if None.
        device: What each worker computes on.
        listener: Told about progress.

    Raises:
        SpecError: The spec matches a target but names none.
        CorpusError: The target's corpus cannot be used.
        NebulaFileError: The target's or start's nebula file cannot be used.
        StudyError: The folder cannot be used, or scoring failed.
    """
    distance = distances.get(spec.distance)
    space = Space.of(spec.search)
    sounds = _target(spec, target)
    loaded = None
    if sounds is not None:
        loaded = load_target(
            sounds, distance, spec.seed, device, lambda done, total: listener(Progress("target", done, total))
        )
    reference = loaded.reference(spec.measure) if loaded else None
    with ExitStack() as stack:
        ledger = stack.enter_context(open_ledger(out, spec, space, loaded.fingerprint if loaded else ""))
        pool = _LazyPool(lambda: stack.enter_context(Pool(spec.distance, reference, scheduler, workers, device)))
        centre = _search(spec, space, ledger, pool, listener)
        finalists = _finals(spec, space, ledger, pool, centre, listener)
        outcome = Outcome(spec, space, loaded, ledger.entries, finalists, ledger.importance())
        write_results(outcome, out, device)
    return outcome


def _target(spec: StudySpec, given: Corpus | Nebula | None) -> Corpus | Nebula | None:
    if spec.objective == "diversify":
        if given is not None:
            raise SpecError(f"spec {spec.name!r}: target: a study that diversifies has none")
        return None
    if given is not None:
        return given
    if spec.target is None:
        raise SpecError(f"spec {spec.name!r}: target: missing; name a corpus or nebula, or give --target")
    return open_source(spec.target)


class _LazyPool:
    """Starts workers when there is something to do: a finished study is shown again at once."""

    def __init__(self, start: Callable[[], Pool]) -> None:
        self._start = start
        self._pool: Pool | None = None

    def score(self, tasks: list[Task]) -> Iterator[tuple[int, Evaluation]]:
        """Yields what `Pool.score` does."""
        if tasks:
            self._pool = self._pool or self._start()
            yield from self._pool.score(tasks)


def _search(spec: StudySpec, space: Space, ledger: Ledger, pool: _LazyPool, listener: Listener) -> Nebula | None:
    """Runs all phases; returns the centre of the last search distribution that has one."""
    earlier: list[Generation] = []
    centre = None
    number = 0
    for index, phase in enumerate(spec.search.phases):
        (sampler_seed,) = draw_seeds(spec.seed, Purpose.SAMPLER, index, 1)
        sampler = make_sampler(phase.sampler, space, sampler_seed, earlier)
        complete: list[Generation] = []
        remaining = phase.trials
        while remaining > 0:
            points = sampler.propose(complete)[:remaining]
            generation = _score_generation(spec, space, ledger, pool, listener, number, points)
            # The last generation of a phase may be cut short; CMA-ES cannot learn from a part of one.
            if len(points) == sampler.generation_size:
                complete.append(generation)
            earlier.append(generation)
            remaining -= len(points)
            number += 1
        point = sampler.centre(complete)
        centre = centre if point is None else space.nebula(point, "centre")
    return centre


def _score_generation(
    spec: StudySpec,
    space: Space,
    ledger: Ledger,
    pool: _LazyPool,
    listener: Listener,
    number: int,
    points: Points,
) -> Generation:
    """Returns the generation with its losses, scoring the candidates that the ledger lacks."""
    seeds = tuple(draw_seeds(spec.seed, Purpose.SEARCH, number, spec.sounds_per_trial))
    nebulae = [space.nebula(point, f"trial {number}.{candidate}") for candidate, point in enumerate(points)]
    losses = np.full(len(points), np.nan)
    missing = []
    for candidate, nebula in enumerate(nebulae):
        entry = ledger.find(number, candidate)
        if entry is None:
            missing.append(candidate)
        elif not _same(entry.nebula, nebula):
            raise StudyError(
                f"trial {number}.{candidate} of the stored study is not what its sampler proposes now: the study was "
                "begun with other versions of the libraries; finish it with those, or choose another --out"
            )
        else:
            losses[candidate] = spec.loss(entry.score)
    tasks = [Task(nebulae[candidate], seeds) for candidate in missing]
    for position, evaluation in pool.score(tasks):
        candidate = missing[position]
        ledger.add(Entry(number, candidate, nebulae[candidate], evaluation.score, evaluation.seconds))
        losses[candidate] = spec.loss(evaluation.score)
        listener(Progress("search", len(ledger), spec.trials, ledger.best))
    return Generation(points, losses)


def _finals(
    spec: StudySpec, space: Space, ledger: Ledger, pool: _LazyPool, centre: Nebula | None, listener: Listener
) -> list[Finalist]:
    """Returns the best candidates, the centre and the start, re-scored on fresh seeds, best first."""
    ranked = sorted(ledger.entries, key=lambda entry: spec.loss(entry.score))
    candidates = [(f"trial {e.generation}.{e.candidate}", e.nebula) for e in ranked[: spec.finalists.count]]
    candidates += [("centre", centre)] if centre is not None else []
    candidates += [("start", space.start)]
    repeats = spec.finalists.repeats
    draws = [tuple(draw_seeds(spec.seed, Purpose.FINALISTS, r, spec.sounds_per_trial)) for r in range(repeats)]
    found = ledger.finalists()
    missing = [(origin, nebula) for origin, nebula in candidates if origin not in found]
    tasks = [Task(nebula, seeds) for _, nebula in missing for seeds in draws]
    scores = np.full((len(missing), repeats), np.nan)
    done = len(found) * repeats
    for position, evaluation in pool.score(tasks):
        row, repeat = divmod(position, repeats)
        scores[row, repeat] = evaluation.score
        done += 1
        if not np.isnan(scores[row]).any():
            origin, nebula = missing[row]
            found[origin] = Finalist(origin, nebula, tuple(scores[row].tolist()))
            ledger.add_finalist(found[origin])
        best = min((finalist.mean for finalist in found.values()), key=spec.loss, default=None)
        listener(Progress("finalists", done, len(candidates) * repeats, best))
    order = {origin: place for place, (origin, _) in enumerate(candidates)}
    return sorted(found.values(), key=lambda finalist: (spec.loss(finalist.mean), order[finalist.origin]))


def _same(one: Nebula, other: Nebula) -> bool:
    # Within rounding: another machine's logarithm may differ in the last bit.
    return one.symmetric == other.symmetric and bool(np.allclose(one.curves, other.curves, rtol=1e-9, atol=0.0))
