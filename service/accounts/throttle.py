"""Failed attempts are slowed down: so many for one address in a while, then none for the rest of it."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from service.errors import TooMany

_FAILURES_ALLOWED = 10
_WINDOW_SECONDS = 60.0
# What is remembered is bounded, whoever calls from however many addresses.
_ADDRESSES_REMEMBERED = 10_000


class Throttle:
    """Failures by address, in this process.

    Args:
        clock: Seconds that only go forwards.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, address: str) -> None:
        """Passes unless too many attempts from this address failed a short while ago.

        Raises:
            TooMany: They did.
        """
        with self._lock:
            began, count = self._failures.get(address, (0.0, 0))
            left = began + _WINDOW_SECONDS - self._clock()
        if count >= _FAILURES_ALLOWED and left > 0:
            raise TooMany(f"login: {count} attempts failed, the next is possible in {left:.0f} s")

    def failed(self, address: str) -> None:
        """Notes a failure."""
        with self._lock:
            moment = self._clock()
            began, count = self._failures.pop(address, (moment, 0))
            if moment - began >= _WINDOW_SECONDS:
                began, count = moment, 0
            self._failures[address] = (began, count + 1)
            if len(self._failures) > _ADDRESSES_REMEMBERED:
                self._failures.popitem(last=False)
