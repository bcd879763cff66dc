"""The worker pool: Dask workers, one a device, that score candidates.

What every task of a study needs (the distance, the target's vectors) is registered with the scheduler as a worker
plugin: it travels to each worker once, and Dask gives it to a worker that is started again after a crash before that
worker gets a task. Tasks themselves carry only a nebula and its seeds.
"""

import logging
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import resource_tracker
from types import TracebackType
from uuid import uuid4

import dask
import torch
from distributed import Client, LocalCluster, as_completed, get_worker
from distributed.diagnostics.plugin import WorkerPlugin
from distributed.worker import Worker

from nebula import distances
from nebula.errors import ArgumentError, StudyError
from nebula.nebulae import Nebula
from nebula.synth import usable_device
from nebula.tuning.objective import Evaluation, TargetReference, evaluate

# A task is tried on this many further workers when its worker dies: a candidate that kills four is to blame itself.
_DEATHS_FORGIVEN = 3

_CONNECT_SECONDS = 30


@dataclass(frozen=True)
class Task:
    """One nebula to score on one set of draws."""

    nebula: Nebula
    seeds: tuple[int, ...]


class _Bench(WorkerPlugin):
    """What a worker keeps at hand for one study."""

    def __init__(self, name: str, target: TargetReference | None, distance: str, device: str) -> None:
        self.name = name
        self.target, self.distance, self.device = target, distances.get(distance), device

    def setup(self, worker: Worker) -> None:
        # Workers are processes, one a device; torch's own threads would only fight over the cores.
        torch.set_num_threads(1)
        if self.device == "cuda" and isinstance(worker.name, int):
            # Local workers are numbered: each takes a GPU of its own. Elsewhere whoever starts a worker shows it one.
            self.device = f"cuda:{worker.name % torch.cuda.device_count()}"


class Pool:
    """Workers that score tasks for one study.

    Args:
        distance: Name of the distance between sounds.
        target: The target's vectors, or None to score diversity.
        scheduler: Address of a running Dask scheduler, such as `tcp://host:8786`, whose workers have nebula installed
            and one thread each, and offer the resource GPU=1 where `device` is cuda; None starts workers here.
        workers: How many local workers; None means one a GPU, or one a CPU core where `device` is the CPU. Scores do
            not depend on it.
        device: What each worker computes on.

    Raises:
        ArgumentError: The device does not exist here, or `workers` is below 1.
        StudyError: The scheduler cannot be reached.
    """

    def __init__(
        self,
        distance: str,
        target: TargetReference | None,
        scheduler: str | None = None,
        workers: int | None = None,
        device: str = "cpu",
    ) -> None:
        if workers is not None and workers < 1:
            raise ArgumentError(f"workers: got {workers}, expected 1 or more")
        self._cluster: LocalCluster | None = None
        if scheduler is None:
            usable_device(device)
            self._cluster = _local_cluster(workers or default_workers(device), device)
        try:
            self._client = Client(scheduler or self._cluster, timeout=_CONNECT_SECONDS)
        except (OSError, ValueError) as error:
            raise StudyError(f"scheduler {scheduler!r}: cannot be reached within {_CONNECT_SECONDS} s") from error
        # On GPU workers a task takes a slot, GPU=1, so that no two share the device's memory.
        self._slot = {"GPU": 1} if torch.device(device).type == "cuda" else None
        self._bench = f"nebula-{uuid4().hex}"
        self._client.register_plugin(_Bench(self._bench, target, distance, device))

    def __enter__(self) -> "Pool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def score(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Evaluation]]:
        """Yields (position of the task, its evaluation) in the order in which workers finish.

        Raises:
            StudyError: A task failed, or several workers died on it.
        """
        futures = {
            self._client.submit(_score, task, self._bench, pure=False, resources=self._slot): position
            for position, task in enumerate(tasks)
        }
        try:
            for future in as_completed(futures):
                error = future.exception()
                if error is not None:
                    raise StudyError(f"candidate {futures[future]}: scoring failed ({_one_line(error)})") from error
                yield futures[future], future.result()
                future.release()
        finally:
            self._client.cancel(list(futures), reason="the study no longer waits for it", force=True)

    def close(self) -> None:
        """Ends local workers; those of a remote scheduler stay and forget the study."""
        if self._cluster is None:
            self._client.unregister_worker_plugin(self._bench)
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()


def default_workers(device: str) -> int:
    """Returns how many local workers use a device fully."""
    if torch.device(device).type == "cuda":
        return torch.cuda.device_count()
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _score(task: Task, bench: str) -> Evaluation:
    at_hand = get_worker().plugins[bench]
    assert isinstance(at_hand, _Bench)
    return evaluate(task.nebula, task.seeds, at_hand.target, at_hand.distance, at_hand.device)


def _local_cluster(workers: int, device: str) -> LocalCluster:
    # Dask has glibc give every freed 64 kB back to the system. A renderer that frees 700 kB after each operation would
    # then spend its time on page faults: a trial takes four times as long.
    memory = {"MALLOC_TRIM_THRESHOLD_": 2**30, "MALLOC_MMAP_THRESHOLD_": 2**25}
    environment = {f"distributed.nanny.pre-spawn-environ.{name}": value for name, value in memory.items()}
    with dask.config.set(environment), _interrupts_kept_from_children():
        return LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            resources={"GPU": 1} if torch.device(device).type == "cuda" else None,
            # Any free port: several studies may run on one machine.
            dashboard_address=":0",
            # Dask would pause and kill workers near its guess of their share; blocks already bound a trial's memory.
            memory_limit=0,
            silence_logs=logging.CRITICAL,
        )


@contextmanager
def _interrupts_kept_from_children() -> Iterator[None]:
    """Keeps Ctrl-C, which a terminal sends to the whole group, from processes started by threads that start here.

    The signal mask is inherited: by Dask's event loop, and by every worker that it starts now or after a crash. Workers
    are ended by the manager, in order. An interrupt that arrives meanwhile reaches the manager at the end of the block.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # Python's resource tracker unblocks interrupts in whichever thread starts it; it is started before that can matter.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _one_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else 'no message'}"
