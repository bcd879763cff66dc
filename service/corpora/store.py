"""Folders of corpora that are there whole or not at all."""

import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

from service.database import new_id

#: What a corpus folder holds: the files as they came, or the one zip.
FOLDER_NAME, ARCHIVE_NAME = "sounds", "sounds.zip"

# Begins the names of folders that are being filled or emptied; ids never begin with a dot.
_UNFINISHED = "."

# Ends the names of the locks on what is being received.
_CLAIM_SUFFIX = ".lock"


class CorpusStore:
    """The files of all corpora, one folder each, named by id.

    A folder gets its name when it is complete, and loses it before it is emptied, so that a crash leaves nothing that
    looks like a corpus and is none.

    Args:
        home: The home folder.
    """

    def __init__(self, home: Path) -> None:
        self.root = home / "corpora"
        self._claims: dict[Path, FileLock] = {}

    def begin(self) -> Path:
        """Returns a new folder to be filled; it is this process's own until `end`.

        Until then no other process takes what is in it for left over, and whoever dies leaves it to be cleared away.
        """
        folder = self.root / f"{_UNFINISHED}{new_id()}"
        self.root.mkdir(parents=True, exist_ok=True)
        claim = self._claim(self.id_of(folder))
        claim.acquire()
        self._claims[folder] = claim
        (folder / FOLDER_NAME).mkdir(parents=True)
        return folder

    def id_of(self, folder: Path) -> str:
        """Returns the id of the corpus that a folder of `begin` may become."""
        return folder.name.removeprefix(_UNFINISHED)

    def keep(self, folder: Path) -> None:
        """Makes a filled folder the files of the corpus of its id, which the database may yet have to commit."""
        folder.rename(self.root / self.id_of(folder))

    def add(self, corpus_id: str, folder: Path) -> list[str]:
        """Adds the files of a corpus to a folder of `begin`, in no more room on the disk where that can be.

        Files of a corpus never change. What lies in the folder already under the same name is removed from it. To a
        copy of a zip it is added as it is.

        Args:
            corpus_id: Of the corpus.
            folder: Where they go.

        Returns:
            The names of what was removed.
        """
        source, removed = self.content(corpus_id), []
        if source.is_file():
            return _add_to_zip(source, folder)
        for path in sorted(source.rglob("*")):
            name = path.relative_to(source)
            place = folder / FOLDER_NAME / name
            if path.is_dir():
                place.mkdir(parents=True, exist_ok=True)
            else:
                if place.exists():
                    place.unlink()
                    removed.append(name.as_posix())
                _link(path, place)
        return removed

    def end(self, folder: Path) -> None:
        """Ends what `begin` began: what was not kept is removed."""
        shutil.rmtree(folder, ignore_errors=True)
        claim = self._claims.pop(folder, None)
        if claim is not None:
            self._let_go(claim)

    def remove(self, corpus_id: str) -> None:
        """Removes a corpus' files; nothing happens if there are none."""
        aside = self.root / f"{_UNFINISHED}{new_id()}"
        try:
            (self.root / corpus_id).rename(aside)
        except FileNotFoundError:
            return
        shutil.rmtree(aside, ignore_errors=True)

    def content(self, corpus_id: str) -> Path:
        """Returns the folder or zip that `nebula.Corpus` opens."""
        return content_of(self.root / corpus_id)

    def clean(self, is_known: Callable[[str], bool]) -> None:
        """Removes what processes that ended left unfinished, and folders of corpora that the database does not know.

        Args:
            is_known: Whether the database knows a corpus by its id, asked again for every folder.
        """
        found = {self.id_of(path).removesuffix(_CLAIM_SUFFIX) for path in self.root.glob("*")}
        for corpus_id in sorted(found):
            if is_known(corpus_id):
                continue
            claim = self._claim(corpus_id)
            try:
                claim.acquire()
            except Timeout:
                continue  # another process receives it at this moment
            # Its process may have committed and let go of it between the two questions.
            if not is_known(corpus_id):
                shutil.rmtree(self.root / corpus_id, ignore_errors=True)
                shutil.rmtree(self.root / f"{_UNFINISHED}{corpus_id}", ignore_errors=True)
            self._let_go(claim)

    def _claim(self, corpus_id: str) -> FileLock:
        # Requests go from thread to thread; the system frees the lock when the process dies.
        path = self.root / f"{_UNFINISHED}{corpus_id}{_CLAIM_SUFFIX}"
        return FileLock(path, timeout=0, thread_local=False)

    @staticmethod
    def _let_go(claim: FileLock) -> None:
        Path(claim.lock_file).unlink(missing_ok=True)
        claim.release()


def content_of(folder: Path) -> Path:
    """Returns the folder or zip of sounds within a corpus folder."""
    archive = folder / ARCHIVE_NAME
    return archive if archive.exists() else folder / FOLDER_NAME


def _add_to_zip(source: Path, folder: Path) -> list[str]:
    """Makes a folder that of a zip and of the files that lie in it, and returns which were there already."""
    place, added = folder / source.name, folder / FOLDER_NAME
    paths = sorted(path for path in added.rglob("*") if path.is_file())
    if not paths:
        _link(source, place)
        return []
    shutil.copyfile(source, place)
    removed = []
    with zipfile.ZipFile(place, "a") as archive:
        known = set(archive.namelist())
        for path in paths:
            name = path.relative_to(added).as_posix()
            if name in known:
                removed.append(name)
            else:
                archive.write(path, name)
    shutil.rmtree(added)
    return removed


def _link(source: Path, place: Path) -> None:
    """Has a file lie at another place, too; copied where the disk has no links."""
    try:
        os.link(source, place)
    except OSError:
        shutil.copyfile(source, place)
