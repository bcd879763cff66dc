"""What those who wait for long work are told: how much of it is done."""

from collections.abc import Callable

#: Told how much is done, and how much there is in all.
Watcher = Callable[[int, int], None]

#: Told what is being done, how much of it is done, and how much there is in all.
NamedWatcher = Callable[[str, int, int], None]
