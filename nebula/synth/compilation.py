"""How loops are compiled: by Numba, when first imported, without a compiler on the user's machine.

Numba keeps what it compiled in a `__pycache__` beside the source or, where that cannot be written, in the user's cache
folder; `NUMBA_CACHE_DIR` names another one. It compiles anew when the file of a function has changed and looks at no
other file, so a compiled function calls only functions of its own file.
"""

from collections.abc import Callable
from typing import Any

import numba


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
        try:
            return numba.njit(list(signatures), cache=True, **options)(function)
        except (RuntimeError, OSError) as error:
            if isinstance(error, RuntimeError) and "cannot cache" not in str(error):
                raise
            # Neither place can be written, or the disk is full: compile in each process.
            return numba.njit(list(signatures), **options)(function)

    return compile_
