"""Dask's scheduler, nanny and worker as a pool runs them: without a web server, and asleep while there is no work.

Dask opens a web server in each scheduler and worker, on all interfaces and in plain HTTP: logs, call stacks and
addresses for whoever looks. Ours do not. Who wants to know something asks the scheduler, or the service's API.
"""

import multiprocessing
import sys
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import dask
from distributed import Nanny, Scheduler, Worker
from distributed.utils import get_mp_context

from nebula.garbage import search_rarely

# How often a worker says how it is; with few of them Dask wants to know it twice a second.
_HEARTBEAT_SECONDS = 4.0

_SETTINGS = {
    # Who watches the event loop fifty times a second keeps a machine awake that has nothing to do.
    "distributed.admin.tick.interval": "2s",
    "distributed.admin.tick.cycle": "10s",
    "distributed.admin.tick.limit": "6s",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.admin.system-monitor.disk": False,
    # Nobody looks at profiles, which take a sample each 10 ms.
    "distributed.worker.profile.enabled": False,
    # Results are numbers, each wanted once and in one place: there are no copies to manage.
    "distributed.scheduler.active-memory-manager.start": False,
    # Dask has glibc give every freed 64 kB back to the system. A renderer that frees 700 kB after each operation would
    # then spend its time on page faults: a trial takes four times as long.
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": 2**30,
    "distributed.nanny.pre-spawn-environ.MALLOC_MMAP_THRESHOLD_": 2**25,
}


def fork_workers(loaded: Sequence[str] = ()) -> None:
    """Has the workers that this process starts from now on forked from one process, which has loaded what they need.

    Otherwise each is a new Python that loads it again: seconds for each worker, and memory of its own. Only on Linux:
    elsewhere libraries below torch do not bear to be forked. The process is started with the first worker and ends with
    this one.

    Args:
        loaded: Modules to load beside Dask; without effect once there has been a worker.
    """
    if sys.platform == "linux":
        dask.config.set({"distributed.worker.multiprocessing-method": "forkserver"})
        # Dask names what it wants loaded the first time that it is asked.
        get_mp_context()
        multiprocessing.get_context("forkserver").set_forkserver_preload([__name__, *loaded])


class QuietScheduler(Scheduler):
    """Dask's scheduler; the arguments are the same."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        with dask.config.set(_SETTINGS):
            super().__init__(*arguments, **options, dashboard=False)
        # They look four times a second whether it is time to end for want of work or workers. Ours never does.
        for name in ("idle-timeout", "no-workers-timeout"):
            self.periodic_callbacks.pop(name)

    def start_http_server(self, *arguments: Any, **options: Any) -> None:
        """Starts none."""

    def heartbeat_worker(self, *arguments: Any, **options: Any) -> dict[str, Any]:
        """Notes how a worker is, and tells it when to say so again."""
        reply: dict[str, Any] = super().heartbeat_worker(*arguments, **options)
        if "heartbeat-interval" in reply:
            reply["heartbeat-interval"] = max(_HEARTBEAT_SECONDS, reply["heartbeat-interval"])
        return reply


class QuietWorker(Worker):
    """Dask's worker, in a process of its own; the arguments are the same."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        search_rarely()
        super().__init__(*arguments, **options)

    def start_http_server(self, *arguments: Any, **options: Any) -> None:
        """Starts none."""


class QuietNanny(Nanny):
    """Dask's watcher over a worker; the arguments are the same.

    It hands the settings to the workers that it starts, the first and those after a crash.
    """

    def __init__(self, scheduler: str | None = None, **options: Any) -> None:
        # Dask would pause and kill workers near its guess of their share; blocks already bound a trial's memory.
        options |= {"worker_class": QuietWorker, "memory_limit": 0, "dashboard": False}
        with dask.config.set(_SETTINGS):
            super().__init__(scheduler, **options)
            # The settings are taken back in place, and what was merged shares their branches.
            self.config = deepcopy(self.config)
