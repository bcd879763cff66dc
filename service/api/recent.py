"""What was made lately, so that it need not be made again: a player asks for one sound in several parts."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class Recent(Generic[Key]):
    """The contents used last, as many as fit.

    Args:
        size_bytes: How much is kept, beyond the one used last.
    """

    def __init__(self, size_bytes: int) -> None:
        self._limit_bytes, self._held_bytes = size_bytes, 0
        self._contents: OrderedDict[Key, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key, make: Callable[[], bytes]) -> bytes:
        """Returns the content under a key, made if it is not there."""
        with self._lock:
            if key in self._contents:
                self._contents.move_to_end(key)
                return self._contents[key]
        content = make()  # two callers at once may both make it: none waits for a sound of somebody else's
        with self._lock:
            if key not in self._contents:
                self._contents[key] = content
                self._held_bytes += len(content)
            while self._held_bytes > self._limit_bytes and len(self._contents) > 1:
                _, dropped = self._contents.popitem(last=False)
                self._held_bytes -= len(dropped)
        return content
