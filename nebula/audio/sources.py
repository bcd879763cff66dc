"""Sources: where the bytes of sounds come from. A folder tree and a single file here, zips in `archive`."""

import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from io import BufferedIOBase
from pathlib import Path
from typing import Protocol, runtime_checkable

from nebula.audio.archive import Archive, printable, texts_at
from nebula.audio.decode import SUFFIXES, is_sound_name
from nebula.errors import CorpusError, SoundError

_FORMATS = ", ".join(SUFFIXES)


@runtime_checkable
class Source(Protocol):
    """What a corpus needs of the place where its sounds are."""

    path: Path
    #: What people call it: the folder's, zip's or file's own name.
    name: str
    #: Sounds by path relative to the source, with forward slashes, sorted.
    names: tuple[str, ...]
    #: Subfolders that could not be listed, each with the reason.
    unreadable: tuple[tuple[str, str], ...]

    def texts(self, relative: str) -> Iterator[str]:
        """Yields the text files of this name beside the sounds, nearest first."""

    def reader(self) -> AbstractContextManager[Callable[[str], BufferedIOBase]]:
        """Gives a function that opens a sound by name, raising `SoundError`, for one pass over the source."""


class Folder:
    """The sounds under a folder, or a single one in it.

    Hidden files and folders and `__MACOSX` are passed over. Links to files are followed, links to folders are not: they
    may lead in circles.

    Raises:
        CorpusError: the folder cannot be listed.
    """

    def __init__(self, root: Path, only: str | None = None) -> None:
        self.path = root if only is None else root / only
        resolved = root.resolve()
        self.name = resolved.name if only is None else only
        self._root = root
        self._folder_name = resolved.name
        self._raw_names: dict[str, str] = {}  # where the printed name differs from the one on disk
        unreadable: list[tuple[str, str]] = []
        found = self._listed(unreadable) if only is None else [only]
        names = []
        for raw in found:
            name = printable(raw)
            if name != raw:
                self._raw_names[name] = raw
            names.append(name)
        self.names = tuple(sorted(names))
        self.unreadable = tuple(unreadable)

    def texts(self, relative: str) -> Iterator[str]:
        """Yields the text files of this name in the folder, then in its parent."""
        yield from texts_at(self._root / relative)
        yield from texts_at(self._root.resolve().parent / relative)

    @contextmanager
    def reader(self) -> Iterator[Callable[[str], BufferedIOBase]]:
        """Gives a function that opens a sound by name."""
        yield self._open

    def _open(self, name: str) -> BufferedIOBase:
        path = self._root / self._raw_names.get(name, name)
        try:
            if not path.is_file() and path.exists():  # opening a pipe would wait for ever
                raise SoundError(f"{name}: is not a regular file")
            return path.open("rb")
        except OSError as error:
            raise SoundError(f"{name}: cannot be opened ({error.strerror})") from error

    def _listed(self, unreadable: list[tuple[str, str]]) -> Iterator[str]:
        """Yields the paths of sounds, relative and with forward slashes, in no order."""

        def note(error: OSError) -> None:
            where = Path(os.path.relpath(str(error.filename), self._root)).as_posix()
            if where == ".":
                raise CorpusError(f"{self._root}: cannot be listed ({error.strerror}); check its permissions")
            unreadable.append((printable(where), f"cannot be listed ({error.strerror})"))

        for folder, subfolders, files in os.walk(self._root, onerror=note):
            subfolders[:] = [name for name in subfolders if not name.startswith(".") and name != "__MACOSX"]
            inside = Path(folder).relative_to(self._root)
            for file in files:
                if is_sound_name(file) and not file.startswith("."):
                    yield (inside / file).as_posix()


def source_at(path: str | os.PathLike[str]) -> Source:
    """Returns the source at a path: a folder, a zip or a single sound, told apart by looking.

    Raises:
        CorpusError: there is nothing, nothing readable, or nothing that could hold sounds.
    """
    place = Path(path)
    try:
        place.stat()
        source: Source
        if place.is_dir():
            source = Folder(place)
        elif not place.is_file():
            raise CorpusError(f"{place}: is neither a folder nor a regular file; give a folder, a zip or a sound file")
        elif is_sound_name(place.name):
            source = Folder(place.parent, only=place.name)
        elif place.suffix.lower() == ".zip" or zipfile.is_zipfile(place):
            source = Archive(place)
        else:
            raise CorpusError(f"{place}: is not a folder, a zip or a sound file ({_FORMATS})")
    except FileNotFoundError as error:
        raise CorpusError(f"{place}: does not exist; give a folder, a zip or a sound file") from error
    except (OSError, ValueError) as error:
        if isinstance(error, CorpusError):
            raise
        reason = getattr(error, "strerror", None) or error
        raise CorpusError(f"{place}: cannot be read ({reason}); check the path and its permissions") from error
    if not source.names and source.unreadable:
        where, reason = source.unreadable[0]
        raise CorpusError(f"{place}: holds no sounds that can be reached: {where} {reason}")
    if not source.names:
        empty = place.is_dir() and not any(place.iterdir())
        what = "is an empty folder" if empty else "holds no sounds"
        raise CorpusError(f"{place}: {what}; put sound files into it ({_FORMATS})")
    return source
