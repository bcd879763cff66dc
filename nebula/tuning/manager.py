"""The study manager: proposes, has scored, keeps, and re-scores the best. The only writer of a study."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nebula import distances, synths
from nebula.audio import Corpus, HoldOut
from nebula.embedding import open_named
from nebula.errors import ArgumentError, SpecError, StudyError, StudyInterrupted
from nebula.evaluation.judges import Judging
from nebula.nebulae import Nebula
from nebula.tuning.artifacts import SoundShelf
from nebula.tuning.control import Control
from nebula.tuning.flatness import stops
from nebula.tuning.generations import Generation, Points
from nebula.tuning.judging import judge_winner
from nebula.tuning.ledger import IMPORTANCE_TRIALS, Entry, Finalist, Ledger, Storage, open_ledger
from nebula.tuning.objective import Evaluation
from nebula.tuning.outcome import Outcome
from nebula.tuning.pool import Failure, Pool
from nebula.tuning.progress import (
    ImportanceFound,
    Rescored,
    StudyNews,
    StudyProgress,
    StudyWatcher,
    TrialFinished,
    TrialsKept,
)
from nebula.tuning.results import write_results
from nebula.tuning.samplers import Sampler, make_sampler
from nebula.tuning.scoring import Scoring, ScoringBench
from nebula.tuning.seeds import Purpose, draw_seeds
from nebula.tuning.space import Space
from nebula.tuning.spec import StudySpec
from nebula.tuning.target import load_target
from nebula.tuning.workers import THIS_MACHINE, Workers


def tune(
    spec: StudySpec,
    out: Path,
    *,
    target: Corpus | Nebula | None = None,
    start: Nebula | None = None,
    others: Sequence[Corpus] | None = None,
    workers: Workers = THIS_MACHINE,
    storage: Storage | None = None,
    control: Control | None = None,
    watcher: StudyWatcher = lambda progress: None,
) -> Outcome:
    """Runs a study to its end, or continues it where it stopped, and writes its results into a folder.

    The result follows from the spec and the target's content alone: not from the number of workers, nor from
    interruptions.

    Args:
        spec: The study.
        out: Folder for `nebula.json`, `nebula.provenance.json`, `trials.csv`, `report.html`, and `study.db` unless
            `storage` is given.
        target: What to resemble, where that is not a name or path that the spec could hold.
        start: The start nebula, where that is not a name or path that the spec could hold.
        others: Recordings of other things for the judges to know, instead of the spec's.
        workers: Which ones render and score. The report's sounds are rendered on their device too, on this machine.
        storage: Where trials are kept, if not in the folder.
        control: Through which others end the study early or change its share of the pool.
        watcher: Told how far the study is.

    Raises:
        SpecError: The spec matches a target but names none, or holds out of it what cannot be.
        CorpusError: The target's corpus cannot be used.
        NebulaFileError: The target's or start's nebula file cannot be used.
        SynthError: The synth that is searched cannot play here.
        ArgumentError: It cannot play on that device.
        StudyInterrupted: `control` asked to leave it, or to finish it before anything was scored.
        StudyDisconnected: The storage's database or the scheduler went away.
        StudyError: The folder cannot be used, or scoring failed too often.
    """
    control, device = control or Control(), workers.device
    distance = distances.get(spec.distance)
    space = Space.of(spec, start)
    synths.get(space.start.synth).check(device)
    sounds = _target(spec, target)
    apart = [Corpus.open(path) for path in spec.others] if others is None else list(others)
    held_out = None
    if spec.hold_out is not None:
        sounds, held_out = _halves(spec, spec.hold_out, sounds, apart)
    loaded = None
    if sounds is not None:

        def embedded(done: int, total: int) -> None:
            control.check()
            watcher(StudyProgress("target", done, total))

        loaded = load_target(sounds, distance, spec.seed, device, embedded)
    reference = loaded.reference(spec.measure) if loaded else None
    nearness = loaded.nearness(spec.search.nearness) if loaded else None
    bench = ScoringBench(distance, reference, nearness)
    with ExitStack() as stack:
        ledger = stack.enter_context(open_ledger(out, spec, space, loaded.fingerprint if loaded else "", storage))
        pool = _LazyPool(lambda: stack.enter_context(Pool(bench, workers)))
        shelf = SoundShelf(storage.artifacts, ledger.name, spec.seed) if storage and storage.artifacts else None
        run = _Run(spec, space, ledger, pool, shelf, control, watcher)
        centre = run.search()
        importance = run.importance()
        finalists = run.finals(centre)
        judging: Judging | str | None = None
        if loaded is not None:

            def judged(done: int, total: int) -> None:
                control.check()
                if control.is_finishing:
                    raise _SkippedError
                watcher(StudyProgress("listener", done, total))

            try:
                judged(0, 1)
                judging = judge_winner(
                    held_out or loaded.source,
                    apart,
                    space.start,
                    finalists[0].nebula,
                    spec.seed,
                    spec.hold_out or "group",
                    device,
                    judged,
                )
            except _SkippedError:
                judging = "the study was asked to finish before they were"
        outcome = Outcome(spec, space, loaded, ledger.entries, finalists, importance, judging)
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
    return open_named(spec.target)


def _halves(
    spec: StudySpec, by: HoldOut, target: Corpus | Nebula | None, others: Sequence[Corpus]
) -> tuple[Corpus, Corpus]:
    """Returns the half of a target's recordings to tune to, and the other one.

    Of others nothing is held out, but by library the classifiers have to know of which one each is: better said now
    than after the search.
    """
    if not isinstance(target, Corpus):
        raise SpecError(f"spec {spec.name!r}: hold_out: got {by!r} for a target that is a nebula, expected recordings")
    try:
        for sound in (sound for corpus in others for sound in corpus.sounds):
            sound.kept_with(by)
        return target.split(seed=spec.seed, by=by)
    except ArgumentError as error:
        raise SpecError(f"spec {spec.name!r}: hold_out: {str(error).removeprefix('by: ')}") from error


class _SkippedError(Exception):
    """Classifiers are not asked, or no further: the study is to finish."""


class _LazyPool:
    """Starts workers when there is something to do: a finished study is shown again at once."""

    def __init__(self, start: Callable[[], Pool[Evaluation]]) -> None:
        self._start = start
        self._pool: Pool[Evaluation] | None = None

    def score(
        self, tasks: list[Scoring], control: Control, failed: Callable[[Failure], None], to_the_end: bool = False
    ) -> Iterator[tuple[int, Evaluation]]:
        """Yields what `Pool.do` does."""
        if tasks:
            self._pool = self._pool or self._start()
            yield from self._pool.do(tasks, control, failed, to_the_end)


@dataclass(frozen=True)
class _Run:
    """One run of a study over its parts."""

    spec: StudySpec
    space: Space
    ledger: Ledger
    pool: _LazyPool
    shelf: SoundShelf | None
    control: Control
    watcher: StudyWatcher

    def search(self) -> Nebula | None:
        """Runs all phases; returns the centre of the last search distribution that has one."""
        spec, space = self.spec, self.space
        self._tell(TrialsKept(tuple(self.ledger.entries)))
        earlier: list[Generation] = []
        centre = None
        number = 0
        told_at = len(self.ledger)
        for index, phase in enumerate(spec.search.phases):
            (sampler_seed,) = draw_seeds(spec.seed, Purpose.SAMPLER, index, 1)
            sampler = make_sampler(phase.sampler, space, sampler_seed, earlier)
            complete: list[Generation] = []
            remaining = phase.trials
            losses: list[float] = []
            is_flat = False
            while remaining > 0 and not is_flat and not self._ends_before(number):
                points = sampler.propose(complete)[:remaining]
                generation = self._score_generation(sampler, number, points)
                if np.isnan(generation.losses).any():
                    # The study is to finish: what is left of the generation stays unscored.
                    break
                # The last generation of a phase may be cut short; CMA-ES cannot learn from a part of one.
                if len(points) == sampler.generation_size:
                    complete.append(generation)
                    losses.append(float(generation.losses.mean()))
                    is_flat = stops(losses, phase, spec)
                earlier.append(generation)
                remaining -= len(points)
                number += 1
                # Whenever there are twice as many: all times together it then takes no longer than the last one.
                if len(self.ledger) >= max(IMPORTANCE_TRIALS, 2 * told_at):
                    told_at = len(self.ledger)
                    self.importance()
            point = sampler.centre(complete)
            centre = centre if point is None else space.nebula(point, "centre")
            if remaining > 0 and not is_flat:
                break
        return centre

    def importance(self) -> dict[str, float]:
        """Returns what `Ledger.importance` does, and tells it if there is anything to tell."""
        importance = self.ledger.importance()
        if importance:
            self._tell(ImportanceFound(importance))
        return importance

    def finals(self, centre: Nebula | None) -> list[Finalist]:
        """Returns the best candidates, the centre and the start, re-scored on fresh seeds, best first."""
        spec, ledger = self.spec, self.ledger
        if not len(ledger):
            raise StudyInterrupted("the study was asked to finish before its first trial")
        ranked = sorted(ledger.entries, key=lambda entry: spec.loss(entry.score))
        # A search may score one nebula several times; it needs re-scoring once.
        best: dict[Nebula, Entry] = {}
        for entry in ranked:
            best.setdefault(entry.nebula, entry)
        chosen = list(best.values())[: spec.finalists.count]
        candidates = [(f"trial {e.generation}.{e.candidate}", e.nebula) for e in chosen]
        candidates += [("centre", centre)] if centre is not None else []
        candidates += [("start", self.space.start)]
        repeats = spec.finalists.repeats
        draws = [tuple(draw_seeds(spec.seed, Purpose.FINALISTS, r, spec.sounds_per_trial)) for r in range(repeats)]
        found = ledger.finalists()
        missing = [(origin, nebula) for origin, nebula in candidates if origin not in found]
        tasks = [Scoring(nebula, seeds) for _, nebula in missing for seeds in draws]
        scores = np.full((len(missing), repeats), np.nan)
        done, total = len(found) * repeats, len(candidates) * repeats

        def tell(event: Rescored | None = None) -> None:
            best = min((finalist.mean for finalist in found.values()), key=spec.loss, default=None)
            self.watcher(StudyProgress("finalists", done, total, best, event))

        tell()
        for position, evaluation in self.pool.score(tasks, self.control, self._failed, to_the_end=True):
            row, repeat = divmod(position, repeats)
            scores[row, repeat] = evaluation.score
            done += 1
            finalist = None
            if not np.isnan(scores[row]).any():
                origin, nebula = missing[row]
                finalist = found[origin] = Finalist(origin, nebula, tuple(scores[row].tolist()))
                ledger.add_finalist(finalist)
            tell(Rescored(evaluation, finalist))
        order = {origin: place for place, (origin, _) in enumerate(candidates)}
        return sorted(found.values(), key=lambda finalist: (spec.loss(finalist.mean), order[finalist.origin]))

    def _ends_before(self, generation: int) -> bool:
        return self.control.is_finishing and self.ledger.find(generation, 0) is None

    def _score_generation(self, sampler: Sampler, number: int, points: Points) -> Generation:
        """Returns the generation with its losses, scoring the candidates that the ledger lacks.

        The loss of a candidate that the study did not wait for is not a number.
        """
        spec, ledger = self.spec, self.ledger
        seeds = _seeds(spec, sampler.credits_sounds, number, len(points))
        nebulae = [self.space.nebula(point, f"trial {number}.{candidate}") for candidate, point in enumerate(points)]
        losses = np.full(len(points), np.nan)
        influences = np.full((len(points), spec.sounds_per_trial), np.nan) if sampler.credits_sounds else None
        entries: dict[int, Entry] = {}
        missing = []
        for candidate, nebula in enumerate(nebulae):
            entry = ledger.find(number, candidate)
            if entry is None:
                missing.append(candidate)
            elif not _same(entry.nebula, nebula):
                raise StudyError(
                    f"trial {number}.{candidate} of the stored study is not what its sampler proposes now: the study "
                    "was begun with other versions of the libraries; finish it with those, or choose another --out"
                )
            else:
                entries[candidate] = entry
        tasks = [Scoring(nebulae[candidate], seeds[candidate], sampler.credits_sounds) for candidate in missing]
        for position, evaluation in self.pool.score(tasks, self.control, self._failed):
            candidate = missing[position]
            entry = Entry(
                number,
                candidate,
                nebulae[candidate],
                evaluation.score,
                evaluation.seconds,
                evaluation.influences,
                self.space.kept(points[candidate]),
            )
            self._enter(entry)
            entries[candidate] = entry
            self._tell(TrialFinished(evaluation, entry))
        for candidate, entry in entries.items():
            losses[candidate] = spec.loss(entry.score)
            if influences is not None:
                influences[candidate] = [spec.loss(influence) for influence in entry.influences or ()]
        return Generation(points, losses, seeds, influences)

    def _enter(self, entry: Entry) -> None:
        # A finished trial cannot be changed: what belongs to it is there before it is entered.
        leads = self.ledger.would_lead(entry.score)
        self.ledger.add(entry, self.shelf.keep(entry.nebula) if self.shelf and leads else {})

    def _failed(self, failure: Failure) -> None:
        self._tell(failure)

    def _tell(self, event: StudyNews) -> None:
        done, total, best = len(self.ledger), self.spec.trials, self.ledger.best
        self.watcher(StudyProgress("search", done, total, best, event))


def _seeds(spec: StudySpec, apart: bool, number: int, candidates: int) -> tuple[tuple[int, ...], ...]:
    """Returns the seeds of each candidate of a generation: of its own, or the same for all."""
    count = spec.sounds_per_trial
    if not apart:
        return (tuple(draw_seeds(spec.seed, Purpose.SEARCH, number, count)),) * candidates
    dealt = draw_seeds(spec.seed, Purpose.SEARCH, number, count * candidates)
    return tuple(tuple(dealt[first : first + count]) for first in range(0, len(dealt), count))


def _same(one: Nebula, other: Nebula) -> bool:
    # Within rounding: another machine's logarithm may differ in the last bit.
    if one.symmetric != other.symmetric or (one.correlation is None) != (other.correlation is None):
        return False
    if one.correlation and other.correlation and not np.allclose(one.correlation.matrix, other.correlation.matrix):
        return False
    if len(one.others) != len(other.others):
        return False
    if one.others:
        parts = zip(one.components, other.components, strict=True)
        return all(np.isclose(ours[0], theirs[0], rtol=1e-9) and _same(ours[1], theirs[1]) for ours, theirs in parts)
    pairs = ((one.curves, other.curves), (one.falls, other.falls))
    return all(np.allclose(ours, theirs, rtol=1e-9, atol=0.0) for ours, theirs in pairs)
