"""The search for garbage, in processes that are Nebula's alone: where it would hold them up, it is rare or left out."""

import atexit
import gc
import sys

# Python searches after every 700 objects. What loads torch makes a million, which nearly all stay.
_OBJECTS = 10_000

# What has so many modules or more is large.
_MODULES = 20


def search_rarely() -> None:
    """Has this process search for reference cycles seldom, and not at all when it ends.

    Otherwise Python would look through the hundreds of thousands of objects that torch and its like consist of again
    and again while they load, and several times more when the process ends, whose memory is given back anyway. For the
    processes of commands and workers: importing the library leaves the collector as it is.
    """
    gc.set_threshold(_OBJECTS, *gc.get_threshold()[1:])
    # What was registered first is done last.
    atexit.register(gc.freeze)


def leave_out_what_is_loaded() -> None:
    """Has this process never search among the objects of modules, those that are loaded from now on included.

    For servers, which load much only when it is asked for: a search among the hundreds of thousands of objects of torch
    and SciPy holds every answer up, for some 200 ms. Objects that exist when something was loaded stay; so does garbage
    of that moment if it is a cycle. It happens as often as something large is loaded for the first time.
    """
    gc.collect()
    gc.freeze()
    known = len(sys.modules)

    def after_a_search(phase: str, info: dict[str, int]) -> None:
        nonlocal known
        if phase == "stop" and info["generation"] > 0 and len(sys.modules) >= known + _MODULES:
            gc.freeze()
            known = len(sys.modules)

    gc.callbacks.append(after_a_search)
