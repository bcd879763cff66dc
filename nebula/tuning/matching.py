"""Matching many recordings on the worker pool."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType

from jaxtyping import Float
from torch import Tensor

from nebula import synths
from nebula.audio import Corpus
from nebula.distances import Distance
from nebula.matching import Bank, Effort, Job, Match, find_jobs, make_bank, match, write_match
from nebula.nebulae import Nebula
from nebula.tuning.control import Control
from nebula.tuning.pool import Failure, Pool
from nebula.tuning.workers import THIS_MACHINE, Workers
from nebula.watching import NamedWatcher, Watcher


@dataclass(frozen=True, eq=False)
class _MatchingBench:
    """What all searches share; each worker renders the bank once, when it is first needed."""

    synth: str
    distance: Distance
    effort: Effort
    start: Nebula | None

    @cached_property
    def bank(self) -> Bank:
        return make_bank(self.synth, self.distance, self.effort, self.start)


@dataclass(frozen=True, eq=False)
class _Matching:
    """The search for one recording."""

    name: str
    vector: Float[Tensor, " dimension"]

    def do(self, bench: _MatchingBench, device: str, watcher: Watcher) -> Match:
        return match(self.vector, bench.bank, bench.distance, bench.effort, device, watcher)


class Searches:
    """Workers that search in one bank of random sounds, for one recording after the other.

    Attributes:
        failures: How often a worker failed so far; searches are given to another one then.

    Args:
        synth: Name of the synth.
        distance: Between sounds.
        effort: How hard to search.
        start: The nebula that half of the bank is drawn from.
        workers: Which ones do it.

    Raises:
        SynthError: The synth cannot play here.
        ArgumentError: It cannot play on that device.
        StudyDisconnected: The scheduler cannot be reached.
    """

    def __init__(
        self,
        synth: str,
        distance: Distance,
        effort: Effort,
        start: Nebula | None = None,
        *,
        workers: Workers = THIS_MACHINE,
    ) -> None:
        synths.get(synth).check(workers.device)
        self._pool = Pool[Match](_MatchingBench(synth, distance, effort, start), workers)
        self.failures = 0

    def __enter__(self) -> "Searches":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.close()

    def do(self, jobs: Sequence[Job], control: Control | None = None) -> Iterator[tuple[Job, Match]]:
        """Yields recordings with their matches, in the order in which workers finish.

        Args:
            jobs: What to match.
            control: Through which others end it early.

        Raises:
            StudyInterrupted: It is to be left.
            StudyDisconnected: The scheduler went away.
            StudyError: Searches failed too often.
        """
        tasks = [_Matching(job.recording, job.vector) for job in jobs]
        for position, found in self._pool.do(tasks, control or Control(), self._failed):
            yield jobs[position], found

    def _failed(self, failure: Failure) -> None:
        self.failures += 1


def match_into(
    out: Path,
    corpora: Sequence[Corpus],
    synth: str,
    distance: Distance,
    effort: Effort,
    start: Nebula | None = None,
    *,
    format_: str | None = None,
    workers: Workers = THIS_MACHINE,
    watcher: NamedWatcher = lambda name, done, total: None,
) -> list[Job]:
    """Matches all recordings that a folder does not hold the match of yet; returns all, each with its record there.

    Args:
        out: The folder, made if missing. What is matched is written at once, so that another call goes on.
        corpora: Where the recordings are.
        synth: Name of the synth.
        distance: Between sounds.
        effort: How hard to search.
        start: The nebula that half of the bank is drawn from.
        format_: One of the synth's preset formats; the first if None.
        workers: Which ones do it.
        watcher: Told what is being done, how many recordings of it are done and in all.

    Raises:
        ArgumentError: Two recordings would have the same results, or the synth has no such format or cannot play on the
            workers' device.
        CorpusError: Not one sound of a corpus can be used.
        SynthError: The synth cannot play here.
        StudyDisconnected: The scheduler went away.
        StudyError: Searches failed too often.
        OSError: A file cannot be written.
    """
    jobs = find_jobs(
        corpora, out, synth, distance, effort, start, workers.device, lambda *done: watcher("recordings", *done)
    )
    missing = [job for job in jobs if job.read() is None]
    watcher("matching", len(jobs) - len(missing), len(jobs))
    if not missing:
        return jobs
    with Searches(synth, distance, effort, start, workers=workers) as searches:
        for done, (job, matched) in enumerate(searches.do(missing), len(jobs) - len(missing) + 1):
            write_match(job, matched, synth, distance, format_)
            watcher("matching", done, len(jobs))
    return jobs
