"""Writing files so that whoever reads them finds a whole one or none."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

# `.NAME.PROCESS.part`: what a process has not finished yet.
_ASIDE = re.compile(r"\..+\.\d+\.part")


@contextmanager
def writing_whole(path: Path) -> Iterator[BinaryIO]:
    """Yields a file to write to, which takes its place when the block ends; on any failure what was there before stays.

    Args:
        path: Where the content goes.

    Raises:
        OSError: The disk is full, the folder cannot be written, and the like.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with aside.open("wb") as file:
            yield file
            file.flush()
            # Without this a power cut may leave the new name on an empty file.
            os.fsync(file.fileno())
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def write_whole(path: Path, content: str | bytes) -> None:
    """Writes a file as `writing_whole` does.

    Args:
        path: Where the content goes.
        content: Text is written as UTF-8.

    Raises:
        OSError: The disk is full, the folder cannot be written, and the like.
    """
    with writing_whole(path) as file:
        file.write(content.encode("utf-8") if isinstance(content, str) else content)


def remove_unfinished(folder: Path) -> None:
    """Removes what processes left in a folder when they were killed; nobody may be writing there.

    Args:
        folder: Where `writing_whole` was used.

    Raises:
        OSError: The folder cannot be read or written.
    """
    with os.scandir(folder) as entries:
        for entry in entries:
            if _ASIDE.fullmatch(entry.name):
                Path(entry.path).unlink()
