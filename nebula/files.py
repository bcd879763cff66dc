"""Writing files so that whoever reads them finds a whole one or none."""

import os
from pathlib import Path


def write_whole(path: Path, content: str | bytes) -> None:
    """Writes a file aside and renames it into place; on any failure what was there before stays.

    Args:
        path: Where the content goes.
        content: Text is written as UTF-8.

    Raises:
        OSError: The disk is full, the folder cannot be written, and the like.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    data = content.encode("utf-8") if isinstance(content, str) else content
    try:
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            # Without this a power cut may leave the new name on an empty file.
            os.fsync(file.fileno())
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
