"""How loops over sounds are compiled, and shared over cores.

Numba compiles them, when first imported, without a compiler on the user's machine.

What Numba compiled it keeps, but it looks for changes only in the file that a function is in, and constants come from
others: hence a folder for each state of the sources of a function's package and the one around it, in `__pycache__`
beside them or, where that cannot be written, in the user's cache. `NUMBA_CACHE_DIR` names another place, for all that
Numba compiles.
"""

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numba
import platformdirs
import torch

# Most sounds that a thread takes at a time: few, so that all end together, and that what it needs takes little memory.
_SHARE_SOUNDS = 4


def compiled(*signatures: str, exact: bool = False) -> Callable[[Any], Any]:
    """Returns a decorator that compiles a function for these signatures; without one, to be inlined by its callers.

    Types of compiled functions are Numba's business: give them `typing.no_type_check` as well, which keeps run-time
    checks out of them.

    Args:
        signatures: Types in Numba's notation.
        exact: Round after every operation. Otherwise multiplication and addition are fused where that is faster, which
            changes last bits, and numbers are taken not to be NaN, which lets minima become instructions.
    """
    flags: bool | set[str] = False if exact else {"contract", "nnan", "nsz"}
    if not signatures:
        return numba.njit(forceinline=True, fastmath=flags, error_model="numpy")

    def compile_(function: Any) -> Any:
        options: dict[str, Any] = {"fastmath": flags, "error_model": "numpy", "nogil": True}
        config: Any = numba.config
        before = config.CACHE_DIR
        config.CACHE_DIR = before or str(_folder(Path(function.__code__.co_filename).parent))
        try:
            return numba.njit(list(signatures), cache=True, **options)(function)
        except (RuntimeError, OSError) as error:
            if isinstance(error, RuntimeError) and "cannot cache" not in str(error):
                raise
            # No place can be written, or the disk is full: compile in each process.
            return numba.njit(list(signatures), **options)(function)
        finally:
            config.CACHE_DIR = before

    return compile_


def on_every_core(work: Callable[[slice], None], sounds: int) -> None:
    """Calls `work` with slices of a few sounds that together are all of them, on `torch.get_num_threads()` threads.

    Args:
        work: Compiled code, which runs without the interpreter's lock. Its error is raised here.
        sounds: How many there are.
    """
    threads = torch.get_num_threads()
    share = max(1, min(_SHARE_SOUNDS, sounds // threads))
    parts = [slice(first, first + share) for first in range(0, sounds, share)]
    workers = min(threads, len(parts))
    if workers <= 1:
        for part in parts:
            work(part)
        return
    # A pool for each call takes a tenth of a millisecond to start; unlike one that is kept, or Numba's own, it survives
    # a fork and may be used from several threads.
    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(work, parts):
            pass


@cache
def _folder(package: Path) -> Path:
    files = [Path(__file__), *sorted(package.glob("*.py")), *sorted(package.parent.glob("*.py"))]
    sources = b"\0".join(path.read_bytes() for path in files)
    state = hashlib.sha256(sources).hexdigest()[:16]
    beside = package / "__pycache__"
    if os.access(beside if beside.exists() else package, os.W_OK):
        return beside / f"compiled-{state}"
    return platformdirs.user_cache_path("nebula") / f"compiled-{state}"
