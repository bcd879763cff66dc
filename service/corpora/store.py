"""Folders of corpora that are there whole or not at all."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from service.database import new_id

#: What a corpus folder holds: the files as they came, or the one zip.
FOLDER_NAME, ARCHIVE_NAME = "sounds", "sounds.zip"

# Begins the names of folders that are being filled or emptied; ids never begin with a dot.
_UNFINISHED = "."


class Store:
    """The files of all corpora, one folder each, named by id.

    A folder gets its name when it is complete, and loses it before it is emptied, so that a crash leaves nothing that
    looks like a corpus and is none.

    Args:
        home: The home folder.
    """

    def __init__(self, home: Path) -> None:
        self.root = home / "corpora"

    def begin(self) -> Path:
        """Returns a new folder to be filled, which `keep` or `drop` ends."""
        folder = self.root / f"{_UNFINISHED}{new_id()}"
        (folder / FOLDER_NAME).mkdir(parents=True)
        return folder

    def keep(self, folder: Path, corpus_id: str) -> None:
        """Makes a filled folder a corpus."""
        folder.rename(self.root / corpus_id)

    def drop(self, folder: Path) -> None:
        """Removes a folder that did not become a corpus."""
        shutil.rmtree(folder, ignore_errors=True)

    def remove(self, corpus_id: str) -> None:
        """Removes a corpus' files; nothing happens if there are none."""
        aside = self.root / f"{_UNFINISHED}{new_id()}"
        try:
            (self.root / corpus_id).rename(aside)
        except FileNotFoundError:
            return
        self.drop(aside)

    def content(self, corpus_id: str) -> Path:
        """Returns the folder or zip that `nebula.Corpus` opens."""
        return content_of(self.root / corpus_id)

    def clean(self, known: Iterable[str]) -> None:
        """Removes what earlier processes left unfinished, and folders of corpora that the database does not know."""
        kept = set(known)
        if not self.root.exists():
            return
        for folder in self.root.iterdir():
            if folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)


def content_of(folder: Path) -> Path:
    """Returns the folder or zip of sounds within a corpus folder."""
    archive = folder / ARCHIVE_NAME
    return archive if archive.exists() else folder / FOLDER_NAME
