"""What those who wait for long work are told: how much of it is done."""

from collections.abc import Callable

#: Told how much is done, and how much there is in all.
Watcher = Callable[[int, int], None]

#: Told what is being done, how much of it is done, and how much there is in all.
NamedWatcher = Callable[[str, int, int], None]


def of_all(things: int, watcher: Watcher) -> NamedWatcher:
    """Returns what tells how much of several things is done, told how much of each is, one after the other.

    A thing may be told to be done more than once; the next one begins where another name comes, or less is done.

    Args:
        things: How many there are.
        watcher: Told how much of all is done, in hundredths of a thing.
    """
    finished = 0
    last: tuple[str, int] | None = None

    def told(name: str, done: int, total: int) -> None:
        nonlocal finished, last
        if last is not None and (name != last[0] or done < last[1]):
            finished += 1
        last = name, done
        watcher(100 * finished + 100 * done // max(total, 1), 100 * things)

    return told
