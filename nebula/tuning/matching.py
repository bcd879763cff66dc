"""Matching many recordings on the worker pool."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from jaxtyping import Float
from torch import Tensor

from nebula import synths
from nebula.distances import Distance
from nebula.matching import Bank, Effort, Job, Match, make_bank, match
from nebula.nebulae import Nebula
from nebula.tuning.control import Control
from nebula.tuning.pool import Failure, Pool
from nebula.tuning.workers import THIS_MACHINE, Workers
from nebula.watching import Watcher


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


def match_all(
    jobs: Sequence[Job],
    synth: str,
    distance: Distance,
    effort: Effort,
    start: Nebula | None = None,
    *,
    workers: Workers = THIS_MACHINE,
    control: Control | None = None,
) -> Iterator[tuple[Job, Match]]:
    """Yields recordings with their matches, in the order in which workers finish.

    Args:
        jobs: What to match.
        synth: Name of the synth.
        distance: Between sounds.
        effort: How hard to search.
        start: The nebula that half of the bank is drawn from.
        workers: Which ones do it.
        control: Through which others end it early.

    Raises:
        SynthError: The synth cannot play here.
        ArgumentError: It cannot play on that device.
        StudyDisconnected: The scheduler went away.
        StudyError: Searches failed too often.
    """
    if not jobs:
        return
    synths.get(synth).check(workers.device)
    tasks = [_Matching(job.recording, job.vector) for job in jobs]
    bench = _MatchingBench(synth, distance, effort, start)
    with Pool[Match](bench, workers) as pool:
        for position, found in pool.do(tasks, control or Control(), _ignored):
            yield jobs[position], found


def _ignored(failure: Failure) -> None:
    """A search that failed is tried elsewhere; too many of them are raised by the pool."""
