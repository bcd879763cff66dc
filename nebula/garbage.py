"""The search for garbage, in processes that are Nebula's alone: rare while they load, none when they end."""

import atexit
import gc

# Python searches after every 700 objects. What loads torch makes a million, which nearly all stay.
_OBJECTS = 10_000


def search_rarely() -> None:
    """Has this process search for reference cycles seldom, and not at all when it ends.

    Otherwise Python would look through the hundreds of thousands of objects that torch and its like consist of again
    and again while they load, and several times more when the process ends, whose memory is given back anyway. For the
    processes of commands and workers: importing the library leaves the collector as it is.
    """
    gc.set_threshold(_OBJECTS, *gc.get_threshold()[1:])
    # What was registered first is done last.
    atexit.register(gc.freeze)
