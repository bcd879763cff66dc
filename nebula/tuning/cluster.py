"""The processes of a worker pool: a cluster on this machine, or a scheduler and workers on several.

A scheduler runs whatever code reaches its port. Between machines it therefore speaks TLS, and takes only those who show
a certificate of the same authority.
"""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import resource_tracker
from pathlib import Path

import dask
import torch
from distributed import Client, LocalCluster, Nanny, Scheduler
from distributed.core import Status
from distributed.security import Security

from nebula.errors import ArgumentError, StudyDisconnected
from nebula.synths import usable_device

#: A worker that has not been heard of for this long is taken for lost, and its task is given to another.
SILENCE_SECONDS = 60.0

_log = logging.getLogger(__name__)

_RESTART_SECONDS = 1.0
_LOOK_SECONDS = 5

# States of tasks that a worker has nothing more to do for.
_OVER = frozenset({"memory", "error", "released", "forgotten"})


@dataclass(frozen=True)
class Tls:
    """What a process shows to the others and what it expects of them; paths of PEM files.

    Attributes:
        authority: Certificate of the authority that signed everybody's certificate.
        certificate: This process's own.
        key: The certificate's private key.
    """

    authority: Path
    certificate: Path
    key: Path

    @property
    def security(self) -> Security:
        """The same in Dask's terms.

        Raises:
            ArgumentError: A file does not exist.
        """
        for path in (self.authority, self.certificate, self.key):
            if not path.is_file():
                raise ArgumentError(f"TLS: {str(path)!r} is not a file")
        own = {f"tls_{role}_cert": str(self.certificate) for role in ("client", "scheduler", "worker")}
        keys = {f"tls_{role}_key": str(self.key) for role in ("client", "scheduler", "worker")}
        return Security(require_encryption=True, tls_ca_file=str(self.authority), **own, **keys)


def security_for(scheduler: str | None, tls: Tls | None) -> Security | None:
    """Returns what to show to a scheduler, in Dask's terms; None without TLS.

    Raises:
        ArgumentError: The address asks for TLS and there is none, or a file does not exist.
    """
    if tls is None and scheduler is not None and scheduler.startswith("tls://"):
        raise ArgumentError(f"scheduler: {scheduler!r} wants TLS, expected its three files too")
    return tls.security if tls else None


def default_workers(device: str) -> int:
    """Returns how many workers use this machine's device fully."""
    if torch.device(device).type == "cuda":
        return torch.cuda.device_count()
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def local_cluster(
    workers: int | None = None, device: str = "cpu", silence_seconds: float = SILENCE_SECONDS
) -> LocalCluster:
    """Returns a running scheduler with workers on this machine, to be closed by the caller.

    Args:
        workers: How many; None means one a GPU, or one a CPU core where `device` is the CPU.
        device: What each computes on.
        silence_seconds: After how long a worker that says nothing is taken for lost.

    Raises:
        ArgumentError: The device does not exist here, or `workers` is below 1.
    """
    count = _count(workers, device)
    with dask.config.set(_environment()), _interrupts_kept_from_children():
        return LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            processes=True,
            resources=_resources(device),
            # Any free port: several studies may run on one machine.
            dashboard_address=":0",
            # Dask would pause and kill workers near its guess of their share; blocks already bound a trial's memory.
            memory_limit=0,
            silence_logs=logging.CRITICAL,
            scheduler_kwargs={"worker_ttl": silence_seconds},
        )


def heal(cluster: LocalCluster) -> None:
    """Starts workers of a local cluster anew that died while they were starting; to be called now and then.

    What watches over a worker starts it again when it dies, but not when it dies before it was ready. Dask gives up on
    such a one after a while, and has one worker less from then on.
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

    Args:
        scheduler: Its address; None starts one here, with workers.
        workers: How many local workers; None means one a device.
        device: What each local worker computes on.
        tls: What to show to a scheduler elsewhere.
        silence_seconds: After how long a local worker that says nothing is taken for lost.

    Raises:
        ArgumentError: The device does not exist here.
    """

    def __init__(
        self,
        scheduler: str | None = None,
        workers: int | None = None,
        device: str = "cpu",
        tls: Tls | None = None,
        silence_seconds: float = SILENCE_SECONDS,
    ) -> None:
        self._cluster: LocalCluster | None = None
        if scheduler is None:
            self._cluster = local_cluster(workers, device, silence_seconds)
            scheduler = str(self._cluster.scheduler_address)
        self.address = scheduler
        self._security = security_for(scheduler, tls)
        self._client: Client | None = None

    def look(self) -> list[WorkerSight]:
        """Returns the workers that the scheduler has now.

        Raises:
            StudyDisconnected: It does not answer.
        """
        if self._cluster is not None:
            heal(self._cluster)
        try:
            if self._client is None:
                self._client = Client(self.address, timeout=_LOOK_SECONDS, security=self._security, name="nebula-look")
            if self._client.status != "running":
                raise OSError(f"the connection is {self._client.status}")
            known = self._client.scheduler_info()["workers"]
        except (OSError, ValueError, RuntimeError) as error:
            client, self._client = self._client, None
            if client is not None:
                client.close(timeout=0)
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
            self._client.close()
        if self._cluster is not None:
            self._cluster.close()


def serve_workers(scheduler: str, workers: int | None = None, device: str = "cpu", tls: Tls | None = None) -> None:
    """Runs workers for a scheduler until the process is interrupted or terminated.

    A worker that dies is started again. A scheduler that is not there yet, or goes away, is waited for.

    Args:
        scheduler: Its address, `tcp://HOST:PORT`, or `tls://HOST:PORT` with `tls`.
        workers: How many; None means one a GPU, or one a CPU core where `device` is the CPU.
        device: What each computes on.
        tls: What to show to the scheduler.

    Raises:
        ArgumentError: The device does not exist here, `workers` is below 1, or the address is none.
    """
    if not scheduler.startswith(("tcp://", "tls://")):
        raise ArgumentError(f"scheduler: got {scheduler!r}, expected tcp://HOST:PORT or tls://HOST:PORT")
    count = _count(workers, device)
    security = security_for(scheduler, tls)
    with dask.config.set(_environment()):
        asyncio.run(_serve_workers(scheduler, count, device, security))


def serve_scheduler(host: str, port: int, tls: Tls | None = None, silence_seconds: float = SILENCE_SECONDS) -> None:
    """Runs a scheduler until the process is interrupted or terminated.

    Args:
        host: Address to listen on.
        port: Port to listen on.
        tls: What to show to workers and the manager; without it the port takes anybody's code.
        silence_seconds: After how long a worker that says nothing is taken for lost.
    """

    async def serve() -> None:
        async with Scheduler(
            host=host,
            port=port,
            protocol="tls" if tls else "tcp",
            security=tls.security if tls else None,
            dashboard=False,
            worker_ttl=silence_seconds,
        ):
            await _told_to_end()

    asyncio.run(serve())


async def _serve_workers(scheduler: str, count: int, device: str, security: Security | None) -> None:
    async def keep(slot: int) -> None:
        while True:
            try:
                async with Nanny(
                    scheduler,
                    nthreads=1,
                    name=f"{socket.gethostname()}-{os.getpid()}-{slot}",
                    resources=_resources(device),
                    env=_only_gpu(slot) if torch.device(device).type == "cuda" else {},
                    memory_limit=0,
                    security=security,
                    dashboard=False,
                ) as nanny:
                    while _has_worker(nanny):
                        await asyncio.sleep(_RESTART_SECONDS)
            except (OSError, RuntimeError) as error:
                # The scheduler is not there yet, or the worker died while it was starting.
                _log.warning("worker %d: %s", slot, str(error) or type(error).__name__)
            # Else it has ended by itself: its scheduler is gone, or took it for lost.
            await asyncio.sleep(_RESTART_SECONDS)

    slots = [asyncio.create_task(keep(slot)) for slot in range(count)]
    await _told_to_end()
    for slot in slots:
        slot.cancel()
    await asyncio.gather(*slots, return_exceptions=True)


def _has_worker(nanny: Nanny) -> bool:
    if nanny.status in (Status.closed, Status.failed):
        return False
    return nanny.process is not None and nanny.process.status in (Status.starting, Status.running, Status.stopping)


async def _told_to_end() -> None:
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    await told.wait()


def _count(workers: int | None, device: str) -> int:
    if workers is not None and workers < 1:
        raise ArgumentError(f"workers: got {workers}, expected 1 or more")
    usable_device(device)
    return workers or default_workers(device)


def _resources(device: str) -> dict[str, float] | None:
    # On GPU workers a task takes a slot, GPU=1, so that no two share the device's memory.
    return {"GPU": 1} if torch.device(device).type == "cuda" else None


def _only_gpu(slot: int) -> dict[str, str]:
    """What shows a worker one of the GPUs that this process sees."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    gpus = visible.split(",") if visible else [str(number) for number in range(torch.cuda.device_count())]
    return {"CUDA_VISIBLE_DEVICES": gpus[slot % len(gpus)]}


def _environment() -> dict[str, int]:
    # Dask has glibc give every freed 64 kB back to the system. A renderer that frees 700 kB after each operation would
    # then spend its time on page faults: a trial takes four times as long.
    memory = {"MALLOC_TRIM_THRESHOLD_": 2**30, "MALLOC_MMAP_THRESHOLD_": 2**25}
    return {f"distributed.nanny.pre-spawn-environ.{name}": value for name, value in memory.items()}


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
