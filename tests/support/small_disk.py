"""A disk that can be filled and freed again: a file system of its own in memory, which takes root to mount."""

import subprocess
from contextlib import contextmanager

_CHUNK_BYTES = 64 << 10


class SmallDisk:
    """A file system with so many bytes.

    Attributes:
        folder: Where it is mounted.
    """

    def __init__(self, folder):
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self, leave_bytes=0):
        """Fills it up, but for so many bytes."""
        with self._filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(_CHUNK_BYTES))
            except OSError:
                # A disk that is full takes no chunk, and maybe a part of one.
                pass
            if leave_bytes:
                file.truncate(file.tell() - leave_bytes)

    def free(self):
        """Takes away what it was filled with."""
        self._filler.unlink()


@contextmanager
def small_disk(folder, megabytes):
    """Yields a disk that is mounted on a new folder.

    Raises:
        AssertionError: It cannot be mounted; the message says why.
    """
    folder.mkdir(mode=0o700)
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    assert mounted.returncode == 0, f"a full disk needs one that may be mounted, as root: {mounted.stderr.strip()}"
    try:
        yield SmallDisk(folder)
    finally:
        # Lazily: a process that is being ended may still hold a file.
        subprocess.run(["umount", "-l", str(folder)], check=True)
