"""Which processes are the pool's workers."""

import psutil


def workers_below(pid):
    """Returns the processes below one that Dask's watchers started to do tasks."""
    found = []
    for process in psutil.Process(pid).children(recursive=True):
        try:
            # They are forked from one process, which Python's multiprocessing runs.
            if "multiprocessing.forkserver" in " ".join(process.parent().cmdline()):
                found.append(process)
        except (psutil.NoSuchProcess, AttributeError):
            pass  # It, or what it was forked from, is gone.
    return found
