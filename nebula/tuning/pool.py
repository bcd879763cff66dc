"""The worker pool: Dask workers, one a device, that do tasks.

What every task needs, such as the distance and the target's vectors, is the workers' bench. It is registered with the
scheduler as a worker plugin: it travels to each worker once, and Dask gives it to a worker that is started again after
a crash before that worker gets a task. Tasks themselves carry little: for a trial a nebula and its seeds.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable
from uuid import uuid4

import torch
from distributed import Future, get_worker
from distributed.diagnostics.plugin import WorkerPlugin
from distributed.worker import Worker

from nebula.errors import StudyDisconnected, StudyError, StudyInterrupted
from nebula.tuning.cluster import Workplace, hang_up
from nebula.tuning.control import Control
from nebula.tuning.workers import Workers, worker_resources
from nebula.watching import Watcher

_CONNECT_SECONDS = 30

# How soon a study obeys, and notices that its scheduler is gone.
_POLL_SECONDS = 0.2

# How often a worker may die while all are given what a study needs.
_ATTEMPTS = 20


Result = TypeVar("Result")
Result_co = TypeVar("Result_co", covariant=True)


@runtime_checkable
class Task(Protocol[Result_co]):
    """What a worker does; it may be done again, elsewhere, and then has the same result."""

    @property
    def name(self) -> str:
        """What messages call it."""
        ...

    def do(self, bench: Any, device: str, watcher: Watcher) -> Result_co:
        """Returns the result.

        Args:
            bench: What all tasks of the pool share.
            device: What to compute on.
            watcher: To be told now and then; what it raises ends the work.
        """
        ...


@dataclass(frozen=True)
class Failure:
    """A task that a worker could not do.

    Attributes:
        task: Its name.
        worker: Address of the worker; empty if several died on the task.
        reason: The error, in one line.
    """

    task: str
    worker: str
    reason: str


class _Bench(WorkerPlugin):
    """What a worker keeps at hand for one pool."""

    def __init__(self, name: str, content: object, device: str) -> None:
        self.name, self.content, self.device = name, content, device

    def setup(self, worker: Worker) -> None:
        # Workers are processes, one a device; torch's own threads would only fight over the cores.
        torch.set_num_threads(1)
        if self.device == "cuda" and isinstance(worker.name, int):
            # Local workers are numbered: each takes a GPU of its own. Elsewhere whoever starts a worker shows it one.
            self.device = f"cuda:{worker.name % torch.cuda.device_count()}"


class Pool(Generic[Result]):
    """Workers that do tasks of one kind.

    Args:
        bench: What all tasks share; it travels to each worker once.
        workers: Which ones; those that are started here end with the pool.

    Raises:
        ArgumentError: The device does not exist here, or `workers` is below 1.
        StudyError: The scheduler cannot be reached.
    """

    def __init__(self, bench: object, workers: Workers) -> None:
        self._place = Workplace(workers, is_awaited=True)
        try:
            self._client = self._place.connect(_CONNECT_SECONDS)
        except (OSError, ValueError) as error:
            self._place.close()
            raise StudyDisconnected(
                f"scheduler {self._place.address!r}: cannot be reached within {_CONNECT_SECONDS} s"
            ) from error
        self._slot = worker_resources(workers.device)
        self._bench = f"nebula-{uuid4().hex}"
        self._furnish(_Bench(self._bench, bench, workers.device))
        self._failed, self._failures_allowed = 0, workers.failures_allowed

    def __enter__(self) -> "Pool[Result]":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def do(
        self,
        tasks: Sequence[Task[Result]],
        control: Control,
        failed: Callable[[Failure], None],
        to_the_end: bool = False,
    ) -> Iterator[tuple[int, Result]]:
        """Yields (position of the task, its result) in the order in which workers finish.

        A task that fails is given to another worker, where there is one. A study that is to finish gets only the tasks
        that are in the pool already.

        Args:
            tasks: What to do.
            control: How many at once, and whether to go on.
            failed: Told about each failure.
            to_the_end: Whether all tasks are done even if the study is to finish.

        Raises:
            StudyInterrupted: The study is to be left.
            StudyDisconnected: The scheduler is gone.
            StudyError: More tasks failed than are allowed.
        """
        waiting, running = deque(range(len(tasks))), dict[Future[Result | Failure], int]()
        finished: SimpleQueue[Future[Result | Failure]] = SimpleQueue()
        shunned: dict[int, set[str]] = {position: set() for position in waiting}
        try:
            while waiting or running:
                control.check()
                if control.is_finishing and not to_the_end:
                    waiting.clear()
                while waiting and (control.share is None or len(running) < control.share):
                    position = waiting.popleft()
                    future = self._submit(tasks[position], shunned[position])
                    running[future] = position
                    future.add_done_callback(finished.put)
                try:
                    future = finished.get(timeout=_POLL_SECONDS)
                except Empty:
                    if self._client.status != "running":
                        raise StudyDisconnected("the scheduler of the workers is gone") from None
                    self._place.heal()
                    continue
                position = running.pop(future)
                result = self._result(future, tasks[position])
                if isinstance(result, Failure):
                    shunned[position].add(result.worker)
                    waiting.append(position)
                    self._count(result, failed)
                else:
                    yield position, result
        except OSError as error:
            raise StudyDisconnected(f"the scheduler of the workers is gone ({one_line(error)})") from error
        finally:
            if self._client.status == "running":
                with suppress(OSError):
                    self._client.cancel(list(running), reason="the study no longer waits for it", force=True)

    def close(self) -> None:
        """Ends local workers; those of a remote scheduler stay and forget the study."""
        if not self._place.is_local and self._client.status == "running":
            # A worker that dies at this moment forgets it anyway.
            with suppress(OSError):
                self._client.unregister_worker_plugin(self._bench)
        hang_up(self._client)
        self._place.close()

    def _furnish(self, bench: _Bench) -> None:
        """Gives every worker what the study needs, those that come later too."""
        for attempt in range(_ATTEMPTS):
            try:
                self._client.register_plugin(bench)
                return
            except OSError as error:
                # A worker died at this moment; the scheduler notices soon.
                if attempt == _ATTEMPTS - 1 or self._client.status != "running":
                    self.close()
                    raise StudyDisconnected(f"the workers cannot be reached ({one_line(error)})") from error
                time.sleep(_POLL_SECONDS)

    def _submit(self, task: Task[Result], shunned: set[str]) -> Future[Result | Failure]:
        others = None
        if shunned:
            known = self._client.scheduler_info()["workers"]
            others = [address for address in known if address not in shunned] or None
        return self._client.submit(
            _do,
            task,
            self._bench,
            pure=False,
            resources=self._slot,
            workers=others,
            allow_other_workers=bool(others),
        )

    def _result(self, future: Future[Result | Failure], task: Task[Result]) -> Result | Failure:
        if future.cancelled():
            raise StudyDisconnected("the scheduler of the workers is gone")
        # What Dask itself reports: workers died on the task, or its result was lost.
        error = future.exception()
        return Failure(task.name, "", one_line(error)) if error is not None else future.result()

    def _count(self, failure: Failure, failed: Callable[[Failure], None]) -> None:
        self._failed += 1
        failed(failure)
        if self._failed > self._failures_allowed:
            raise StudyError(
                f"{failure.task}: scoring failed ({failure.reason}); given up after {self._failed} failed "
                f"trial{'s' * (self._failed > 1)}, {self._failures_allowed} allowed"
            )


def _do(task: Task[Result], bench: str) -> Result | Failure:
    """Returns a task's result, or why there is none and where: Dask does not tell where a task failed."""
    worker = get_worker()
    at_hand = worker.plugins[bench]
    assert isinstance(at_hand, _Bench)
    key = worker.get_current_task()

    def drop_if_unwanted(done: int, total: int) -> None:
        # Dask cannot end a thread: a study that was left would keep its workers for as long as a trial takes.
        state = worker.state.tasks.get(key)
        if state is None or state.state == "cancelled":
            raise StudyInterrupted("nobody waits for this task any more")

    try:
        return task.do(at_hand.content, at_hand.device, drop_if_unwanted)
    except Exception as error:
        return Failure(task.name, worker.address, one_line(error))


def one_line(error: BaseException) -> str:
    """Returns an error's kind and the first line of its message."""
    return f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else 'no message'}"
