"""The sounds of tests on disk: random names, equal dates, and nothing else from which one could tell them apart."""

from __future__ import annotations

import hashlib
import io
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from nebula.tensors import Float, Tensor, np, torch

# Names of files and folders: 128 random bits.
_NAME_BYTES = 16
NAME = re.compile(r"[0-9a-f]{32}")

# Begins the names of folders that are being filled or emptied.
_UNFINISHED = "."

# Any moment, the same for all: files are not to tell in which order they were written.
_DATE = 946_684_800


class StimulusStore:
    """The files of all tests.

    Args:
        home: The home folder.
    """

    def __init__(self, home: Path) -> None:
        self.root = home / "listening"

    def keep(self, sounds: Sequence[Float[Tensor, "channel _"]]) -> tuple[str, list[str]]:
        """Returns the name of a new folder and, for each sound, of its file there.

        Mono has no axis of channels there, as in earlier versions.
        """
        folder, names = secrets.token_hex(_NAME_BYTES), [secrets.token_hex(_NAME_BYTES) for _ in sounds]
        unfinished = self.root / f"{_UNFINISHED}{folder}"
        try:
            unfinished.mkdir(parents=True, mode=0o700)
            for number in secrets.SystemRandom().sample(range(len(sounds)), len(sounds)):
                path = unfinished / names[number]
                # Into memory first: NumPy does not say that a disk is full.
                file = io.BytesIO()
                channels = sounds[number].detach().cpu().float().numpy()
                np.save(file, channels[0] if len(channels) == 1 else channels, allow_pickle=False)
                path.write_bytes(file.getvalue())
                os.utime(path, (_DATE, _DATE))
            unfinished.rename(self.root / folder)
        except OSError:
            # A full disk stays full as long as half a test lies on it.
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        return folder, names

    def read(self, folder: str, name: str) -> Float[Tensor, "channel time"]:
        """Returns a sound's samples."""
        return torch.from_numpy(np.atleast_2d(np.load(self.root / folder / name, allow_pickle=False)))

    def digest(self, folder: str, name: str) -> str:
        """Returns the SHA-256 of a sound's file."""
        return hashlib.sha256((self.root / folder / name).read_bytes()).hexdigest()

    def remove(self, folder: str) -> None:
        """Removes a test's files; nothing happens if there are none."""
        shutil.rmtree(self.root / folder, ignore_errors=True)

    def clean(self, known: Iterable[str]) -> None:
        """Removes what earlier processes left unfinished, and folders that no test has."""
        kept = set(known)
        if self.root.exists():
            for folder in self.root.iterdir():
                if folder.name not in kept:
                    shutil.rmtree(folder, ignore_errors=True)
