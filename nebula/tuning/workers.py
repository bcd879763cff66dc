"""Which workers do the work of a study, and what each of them offers.

Nothing here needs torch for the CPU: what runs a scheduler, or watches over workers, need not wait for it.
"""

import os
from dataclasses import dataclass

from nebula.errors import ArgumentError
from nebula.synths import usable_device
from nebula.tensors import torch
from nebula.tuning.tls import Tls


@dataclass(frozen=True)
class Workers:
    """The workers of a study; results do not depend on them.

    Attributes:
        count: How many are started on this machine; None means one a GPU, or one a CPU core where `device` is the CPU.
        device: What each computes on.
        scheduler: Address of a running Dask scheduler, such as `tcp://host:8786`, whose workers are used instead; they
            have nebula installed and one thread each, and offer the resource GPU=1 where `device` is cuda.
        tls: What to show to that scheduler.
        failures_allowed: How many tasks may fail, in all, and be tried again, before the work is given up.
    """

    count: int | None = None
    device: str = "cpu"
    scheduler: str | None = None
    tls: Tls | None = None
    failures_allowed: int = 3


#: All of this machine's cores: what does the work where nothing else is said.
THIS_MACHINE = Workers()


def default_workers(device: str) -> int:
    """Returns how many workers use this machine's device fully."""
    if is_gpu(device):
        return torch.cuda.device_count()
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def worker_count(workers: int | None, device: str) -> int:
    """Returns how many workers to start.

    Args:
        workers: How many are wanted; None means one a GPU, or one a CPU core where `device` is the CPU.
        device: What each computes on.

    Raises:
        ArgumentError: The device does not exist here, or `workers` is below 1.
    """
    if workers is not None and workers < 1:
        raise ArgumentError(f"workers: got {workers}, expected 1 or more")
    if device != "cpu":
        usable_device(device)
    return workers or default_workers(device)


def worker_resources(device: str) -> dict[str, float] | None:
    """Returns what a worker offers: on a GPU a task takes a slot, GPU=1, so that no two share the device's memory."""
    return {"GPU": 1} if is_gpu(device) else None


def is_gpu(device: str) -> bool:
    """Returns whether a device is a GPU, by its name: `cuda`, or one of several, such as `cuda:1`."""
    return device.partition(":")[0] == "cuda"
