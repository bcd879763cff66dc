"""Attempts are slowed down: so many from one address in a while, then none for the rest of it."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from service.errors import TooMany

# However many addresses call, what is remembered takes bounded memory.
_ADDRESSES_REMEMBERED = 10_000


class Throttle:
    """What counts against an address, in this process: ten failed logins a minute unless another thing is said.

    Args:
        clock: Seconds that only go forwards.
        allowed: How many there may be in a window.
        window_seconds: From the first of them.
        reason: What is said of too many, where `{count}` is how many.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        allowed: int = 10,
        window_seconds: float = 60.0,
        reason: str = "login: {count} attempts failed",
    ) -> None:
        self._clock, self._allowed, self._window_seconds, self._reason = clock, allowed, window_seconds, reason
        self._counted: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, address: str) -> None:
        """Passes unless too many came from this address a short while ago.

        Raises:
            TooMany: They did.
        """
        with self._lock:
            began, count = self._counted.get(address, (0.0, 0))
            left = began + self._window_seconds - self._clock()
        if count >= self._allowed and left > 0:
            raise TooMany(f"{self._reason.format(count=count)}, the next is possible in {left:.0f} s")

    def count(self, address: str) -> None:
        """Notes one more."""
        with self._lock:
            moment = self._clock()
            began, count = self._counted.pop(address, (moment, 0))
            if moment - began >= self._window_seconds:
                began, count = moment, 0
            self._counted[address] = (began, count + 1)
            if len(self._counted) > _ADDRESSES_REMEMBERED:
                self._counted.popitem(last=False)
