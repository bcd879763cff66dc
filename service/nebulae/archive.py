"""Many sounds of a nebula in one zip file, written as it is sent."""

import io
import zipfile
from collections.abc import Callable, Iterator, Sequence

from nebula import Nebula
from nebula.data import draw_presets

# Files say no more than what they are: equal requests have equal answers.
_DATE = (1980, 1, 1, 0, 0, 0)


class _Outbox(io.RawIOBase):
    """What was written and has not been taken yet; there is no way back."""

    def __init__(self) -> None:
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, content: bytes) -> int:  # type: ignore[override]  # the base class names a wider type
        self._written += content
        return len(content)

    def take(self) -> bytes:
        taken = bytes(self._written)
        self._written.clear()
        return taken


def zipped(
    nebula: Nebula, title: str, seeds: Sequence[int], sound: Callable[[int], bytes], ending: str
) -> Iterator[bytes]:
    """Yields the pieces of a zip file of sounds, and of a table of the values that make them.

    Args:
        nebula: That they are drawn from.
        title: What it is called, as a file may be.
        seeds: Of the sounds.
        sound: Returns the file of a seed.
        ending: Of its name, after the dot.
    """
    outbox = _Outbox()
    with zipfile.ZipFile(outbox, "w") as archive:
        table = draw_presets(nebula, seeds, "csv")
        archive.writestr(zipfile.ZipInfo(f"{title}/parameters.csv", _DATE), table)
        for seed in seeds:
            archive.writestr(zipfile.ZipInfo(f"{title}/{title}-{seed}.{ending}", _DATE), sound(seed))
            yield outbox.take()
    yield outbox.take()
