"""A pool that spans machines: its scheduler and its workers, as the commands run them."""

import asyncio
import logging
import os
import signal
import socket

from distributed.comm.addressing import unparse_host_port
from distributed.core import Status
from distributed.security import Security

from nebula.addresses import facing, is_loopback, scheduler_place
from nebula.errors import ArgumentError
from nebula.tensors import torch
from nebula.tuning.cluster import SILENCE_SECONDS
from nebula.tuning.servers import QuietNanny, QuietScheduler, fork_workers
from nebula.tuning.tls import Tls, security_for
from nebula.tuning.workers import is_gpu, worker_count, worker_resources

_log = logging.getLogger(__name__)

_RESTART_SECONDS = 1.0


def serve_workers(
    scheduler: str,
    workers: int | None = None,
    device: str = "cpu",
    tls: Tls | None = None,
    trusted_network: bool = False,
) -> None:
    """Runs workers for a scheduler until the process is interrupted or terminated.

    They listen where they reach the scheduler, and nowhere else. A worker that dies is started again. A scheduler that
    is not there yet, or goes away, is waited for.

    Args:
        scheduler: Its address, `tcp://HOST:PORT`, or `tls://HOST:PORT` with `tls`.
        workers: How many; None means one a GPU, or one a CPU core where `device` is the CPU.
        device: What each computes on.
        tls: What to show to the scheduler.
        trusted_network: Whether all who reach this machine by the scheduler's network may run code on it.

    Raises:
        ArgumentError: The device does not exist here, `workers` is below 1, the address is none, or it is that of
            another machine and there is neither TLS nor trust.
    """
    host, port = scheduler_place(scheduler)
    count = worker_count(workers, device)
    security = security_for(scheduler, tls)
    if security is None:
        _refuse_strangers("scheduler", scheduler, host, trusted_network)
    asyncio.run(_serve_workers(scheduler, (host, port), count, device, security))


def serve_scheduler(
    host: str,
    port: int,
    tls: Tls | None = None,
    silence_seconds: float = SILENCE_SECONDS,
    trusted_network: bool = False,
) -> None:
    """Runs a scheduler until the process is interrupted or terminated.

    Args:
        host: Address to listen on.
        port: Port to listen on.
        tls: What to show to workers and the manager; without it the port takes anybody's code.
        silence_seconds: After how long a worker that says nothing is taken for lost.
        trusted_network: Whether all who reach the address may run code on every worker.

    Raises:
        ArgumentError: Others than this machine reach the address, and there is neither TLS nor trust.
    """
    if tls is None:
        _refuse_strangers("host", host, host, trusted_network)

    async def serve() -> None:
        async with QuietScheduler(
            # In brackets where it is one of IPv6.
            host=unparse_host_port(host),
            port=port,
            protocol="tls" if tls else "tcp",
            security=tls.security if tls else None,
            worker_ttl=silence_seconds,
        ):
            await _told_to_end()

    asyncio.run(serve())


def _refuse_strangers(name: str, value: str, host: str, trusted_network: bool) -> None:
    """Without TLS a port runs the code of whoever reaches it: that has to be meant."""
    if not is_loopback(host) and not trusted_network:
        raise ArgumentError(
            f"{name}: got {value!r} without TLS, where whoever reaches the port can run code; expected the three files "
            "of TLS, or --trusted-network if nobody else is on that network"
        )


async def _serve_workers(
    scheduler: str, place: tuple[str, int], count: int, device: str, security: Security | None
) -> None:
    async def keep(slot: int) -> None:
        while True:
            try:
                async with QuietNanny(
                    scheduler,
                    host=unparse_host_port(await asyncio.to_thread(facing, *place)),
                    nthreads=1,
                    name=f"{socket.gethostname()}-{os.getpid()}-{slot}",
                    resources=worker_resources(device),
                    env=_only_gpu(slot) if is_gpu(device) else {},
                    security=security,
                ) as nanny:
                    while _has_worker(nanny):
                        await asyncio.sleep(_RESTART_SECONDS)
            except (OSError, RuntimeError) as error:
                # The scheduler is not there yet, or the worker died while it was starting.
                _log.warning("worker %d: %s", slot, str(error) or type(error).__name__)
            # Else it has ended by itself: its scheduler is gone, or took it for lost.
            await asyncio.sleep(_RESTART_SECONDS)

    fork_workers()
    slots = [asyncio.create_task(keep(slot)) for slot in range(count)]
    await _told_to_end()
    for slot in slots:
        slot.cancel()
    await asyncio.gather(*slots, return_exceptions=True)


def _has_worker(nanny: QuietNanny) -> bool:
    if nanny.status in (Status.closed, Status.failed):
        return False
    return nanny.process is not None and nanny.process.status in (Status.starting, Status.running, Status.stopping)


async def _told_to_end() -> None:
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    await told.wait()


def _only_gpu(slot: int) -> dict[str, str]:
    """What shows a worker one of the GPUs that this process sees."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    gpus = visible.split(",") if visible else [str(number) for number in range(torch.cuda.device_count())]
    return {"CUDA_VISIBLE_DEVICES": gpus[slot % len(gpus)]}
