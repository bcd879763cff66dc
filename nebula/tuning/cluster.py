"""The processes of a worker pool: those of a cluster on this machine, and what is seen of one anywhere.

A scheduler runs whatever code reaches its port, and so does a worker. On this machine they therefore listen on loopback
alone, and take only those who show a certificate that was made for them; between machines `machines` has them.
"""

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import resource_tracker

import dask
from distributed import Client, SpecCluster
from distributed.core import Status

from nebula.addresses import is_loopback, scheduler_place
from nebula.errors import StudyDisconnected
from nebula.tuning.servers import QuietNanny, QuietScheduler, fork_workers
from nebula.tuning.tls import Tls, security_for
from nebula.tuning.workers import Workers, worker_count, worker_resources

#: A worker that has not been heard of for this long is taken for lost, and its task is given to another.
SILENCE_SECONDS = 60.0

_log = logging.getLogger(__name__)

# Loads all that a trial needs.
_TRIALS = "nebula.tuning.trials"

_LOOK_SECONDS = 5

# A scheduler that is gone says no goodbye.
_GOODBYE_SECONDS = 5

# How often a cluster, and who looks at one, asks the scheduler for what nobody here wants to know.
_SYNC_SECONDS = 60

# States of tasks that a worker has nothing more to do for.
_OVER = frozenset({"memory", "error", "released", "forgotten"})


def local_cluster(
    tls: Tls,
    workers: int | None = None,
    device: str = "cpu",
    silence_seconds: float = SILENCE_SECONDS,
    is_awaited: bool = False,
) -> SpecCluster:
    """Returns a running scheduler with workers on this machine, to be closed by the caller.

    Args:
        tls: What the scheduler, its workers and whoever uses them show to each other: loopback is open to every account
            of the machine.
        workers: How many; None means one a GPU, or one a CPU core where `device` is the CPU.
        device: What each computes on.
        silence_seconds: After how long a worker that says nothing is taken for lost.
        is_awaited: Whether there is work for them already: they begin with all that a trial needs, 300 MB that they
            share. Otherwise each loads that with its first task.

    Raises:
        ArgumentError: The device does not exist here, or `workers` is below 1.
    """
    fork_workers((_TRIALS,) if is_awaited else ())
    count = worker_count(workers, device)
    common = {"host": "127.0.0.1", "protocol": "tls://", "security": tls.security}
    own = {
        "nthreads": 1,
        "resources": worker_resources(device),
        "silence_logs": logging.CRITICAL,
        # What they are forked from has the environment of when it was started.
        "env": dict(os.environ),
    }
    worker = {"cls": QuietNanny, "options": common | own}
    with interrupts_kept_from_children():
        return SpecCluster(
            scheduler={"cls": QuietScheduler, "options": common | {"port": 0, "worker_ttl": silence_seconds}},
            workers=dict.fromkeys(range(count), worker),
            worker=worker,
            security=tls.security,
            silence_logs=logging.CRITICAL,
            scheduler_sync_interval=_SYNC_SECONDS,
        )


def heal(cluster: SpecCluster) -> None:
    """Starts workers of a local cluster anew that died while they were starting; to be called now and then.

    Dask's nanny starts a worker again that dies while it runs. A worker that dies while it starts is tried a few times
    and then left out: the cluster has one worker less from then on.
    """

    def start_missing() -> None:
        for name, nanny in list(cluster.workers.items()):
            if nanny.status in (Status.closed, Status.failed):
                del cluster.workers[name]
        cluster.scale(len(cluster.worker_spec))

    if cluster.loop is not None:
        cluster.loop.add_callback(start_missing)


@dataclass(frozen=True)
class WorkerSight:
    """A worker, as its scheduler sees it.

    Attributes:
        address: Where it listens.
        name: What whoever started it called it.
        host: The machine it runs on.
        device: `cuda` where it offers a GPU, else `cpu`.
        tasks: How many it has been given and has not finished.
        memory_bytes: What its process takes.
        seen_at: When the scheduler last heard of it.
    """

    address: str
    name: str
    host: str
    device: str
    tasks: int
    memory_bytes: int
    seen_at: datetime


class Workplace:
    """A scheduler that several studies share.

    Attributes:
        address: Of the scheduler.
        tls: What to show to it, None without TLS.

    Args:
        workers: Where its scheduler is, or which workers are started here with one.
        silence_seconds: After how long a local worker that says nothing is taken for lost.
        is_awaited: Whether there is work for local workers already, see `local_cluster`.

    Raises:
        ArgumentError: The device does not exist here, or the address asks for TLS that is not given.
    """

    def __init__(self, workers: Workers, silence_seconds: float = SILENCE_SECONDS, is_awaited: bool = False) -> None:
        self._cluster: SpecCluster | None = None
        if workers.scheduler is None:
            self.tls: Tls | None = Tls.temporary()
            self._cluster = local_cluster(self.tls, workers.count, workers.device, silence_seconds, is_awaited)
            self.address = str(self._cluster.scheduler_address)
        else:
            self.address, self.tls = workers.scheduler, workers.tls
        self._security = security_for(self.address, self.tls)
        self._client: Client | None = None

    @property
    def is_local(self) -> bool:
        """Whether its workers were started here, and end with it."""
        return self._cluster is not None

    def warn_of_strangers(self) -> None:
        """Logs that others than this machine reach the scheduler without TLS, where they do."""
        if self.tls is None and not is_loopback(scheduler_place(self.address)[0]):
            _log.warning("scheduler %r: without TLS whoever reaches it runs code on every worker", self.address)

    def connect(self, timeout_seconds: float, name: str | None = None) -> Client:
        """Returns a connection to the scheduler, to be ended by `hang_up`.

        Raises:
            OSError: The scheduler does not answer within this time.
            ValueError: The address is none.
        """
        return Client(self.address, timeout=timeout_seconds, security=self._security, name=name)

    def heal(self) -> None:
        """Starts local workers anew that died while they were starting; to be called now and then."""
        if self._cluster is not None:
            heal(self._cluster)

    def look(self) -> list[WorkerSight]:
        """Returns the workers that the scheduler has now.

        Raises:
            StudyDisconnected: It does not answer.
        """
        self.heal()
        try:
            if self._client is None:
                with dask.config.set({"distributed.client.scheduler-info-interval": f"{_SYNC_SECONDS}s"}):
                    self._client = self.connect(_LOOK_SECONDS, "nebula-look")
            if self._client.status != "running":
                raise OSError(f"the connection is {self._client.status}")
            known = self._client.scheduler_info()["workers"]
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            client, self._client = self._client, None
            if client is not None:
                hang_up(client)
            raise StudyDisconnected(f"scheduler {self.address!r}: does not answer ({error})") from error
        return [
            WorkerSight(
                address=address,
                name=str(worker["name"]),
                host=worker["host"],
                device="cuda" if worker["resources"].get("GPU") else "cpu",
                tasks=sum(n for state, n in worker["metrics"]["task_counts"].items() if state not in _OVER),
                memory_bytes=worker["metrics"]["memory"],
                seen_at=datetime.fromtimestamp(worker["last_seen"], UTC),
            )
            for address, worker in known.items()
        ]

    def close(self) -> None:
        """Ends what was started here."""
        if self._client is not None:
            hang_up(self._client)
        if self._cluster is not None:
            self._cluster.close()


def hang_up(client: Client) -> None:
    """Ends a connection, also one to a scheduler that is gone."""
    with suppress(OSError):
        client.close(timeout=_GOODBYE_SECONDS)


@contextmanager
def interrupts_kept_from_children() -> Iterator[None]:
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
