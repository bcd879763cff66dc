"""What was made lately, so that it need not be made again: a player asks for one sound in several parts."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager, nullcontext
from threading import Lock
from types import TracebackType
from typing import Generic, TypeVar

from service.errors import Unavailable

Key = TypeVar("Key", bound=Hashable)


class OneAtATime:
    """A context for what takes every core: one thread at a time, and who waits too long is sent away.

    Args:
        refusal: What they are told.
        patience_seconds: How long they wait.

    Raises:
        Unavailable: When it is entered; others keep it busy.
    """

    def __init__(self, refusal: str, patience_seconds: float) -> None:
        self._refusal, self._patience_seconds = refusal, patience_seconds
        self._busy = Lock()

    def __enter__(self) -> None:
        if not self._busy.acquire(timeout=self._patience_seconds):
            raise Unavailable(self._refusal)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._busy.release()


class Recent(Generic[Key]):
    """The contents used last, as many as fit.

    Args:
        size_bytes: How much is kept, beyond the one used last.
        making: A context in which contents are made, such as a lock.
    """

    def __init__(self, size_bytes: int, making: AbstractContextManager[object] | None = None) -> None:
        self._limit_bytes, self._held_bytes = size_bytes, 0
        self._contents: OrderedDict[Key, bytes] = OrderedDict()
        self._lock = Lock()
        self._making = nullcontext() if making is None else making

    def get(self, key: Key, make: Callable[[], bytes]) -> bytes:
        """Returns the content under a key, made if it is not there."""
        content = self._found(key)
        if content is not None:
            return content
        with self._making:
            # Who had to wait may find that it was made meanwhile.
            content = self._found(key)
            if content is None:
                content = make()
                self._keep(key, content)
        return content

    def _found(self, key: Key) -> bytes | None:
        with self._lock:
            if key in self._contents:
                self._contents.move_to_end(key)
            return self._contents.get(key)

    def _keep(self, key: Key, content: bytes) -> None:
        with self._lock:
            if key not in self._contents:
                self._contents[key] = content
                self._held_bytes += len(content)
            while self._held_bytes > self._limit_bytes and len(self._contents) > 1:
                _, dropped = self._contents.popitem(last=False)
                self._held_bytes -= len(dropped)
