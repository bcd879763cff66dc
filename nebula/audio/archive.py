"""Zip archives as sources of sounds: every entry is checked before any is read, and none is ever written to disk.

An entry that cannot be trusted is passed over with the reason; an archive that would unpack to too much is refused.
"""

import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BufferedIOBase, BytesIO
from pathlib import Path

from nebula.audio.decode import is_sound_name
from nebula.audio.tables import decoded_text
from nebula.errors import CorpusError, SoundError

#: Twice the 100,000 sounds that corpora are made for; each entry costs about 1 kB while the list is read.
MAXIMUM_ENTRIES = 200_000

#: An entry is held in memory while it is decoded. An hour of 24 bit stereo at 48 kHz is 1.04e9 bytes and just fits.
MAXIMUM_ENTRY_BYTES = 2**30

#: Recordings shrink to a half, synthetic tones to a tenth; deflate's own limit, which bombs approach, is 1032.
MAXIMUM_RATIO = 100

#: A small archive of silence is no bomb: the ratio counts from here, and this much is read in seconds.
RATIO_FREE_BYTES = 2**28

#: Tables of labels: 100,000 rows of a manifest are about 30 MB.
MAXIMUM_TEXT_BYTES = 2**26

#: The others (bzip2, LZMA) expand a few bytes to gigabytes in one step, so reading cannot be bounded.
METHODS = {zipfile.ZIP_STORED: "stored", zipfile.ZIP_DEFLATED: "deflate"}

_BLOCK_BYTES = 2**20
_ENCRYPTED = 0x1
_UTF8 = 0x800

# A folder may be called "A: Kicks"; drives are not followed by a space.
_DRIVE = re.compile(r"[A-Za-z]:(?! )")

#: What zipfile raises for damaged, encrypted or foreign content.
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)


class Archive:
    """The sounds of a zip file.

    Its list is read once and kept: it takes a second for 100,000 entries, which their readers, one after another, would
    each have to wait for. It is read again where the file has changed.

    Raises:
        CorpusError: the file is not a zip, or would unpack to more than the limits.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.stem
        self._listed: _Listed | None = None
        listed = self._opened()
        entries, self.unreadable = listed.entries, listed.refused
        self._texts = tuple(name for name in entries if name.lower().endswith((".csv", ".txt")))
        self.names = tuple(sorted(name for name in entries if is_sound_name(name)))

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_listed": None}  # open files stay in their process

    def texts(self, relative: str) -> Iterator[str]:
        """Yields the text files of this name: in the archive, in its single top folder, then beside the archive."""
        inside = [name for name in self._texts if name == relative or name.partition("/")[2] == relative]
        for name in sorted(inside, key=len):
            try:
                listed = self._opened()
                content = _read(listed.archive, listed.entries[name], MAXIMUM_TEXT_BYTES)
            except (*_ZIP_ERRORS, KeyError):  # labels that nobody asked for by name are an extra, never a condition
                continue
            text = decoded_text(content.getvalue())
            if text is not None:
                yield text
        yield from texts_at(self.path.parent / relative)

    @contextmanager
    def reader(self) -> Iterator[Callable[[str], BufferedIOBase]]:
        """Gives a function that opens a sound by name, for one pass over the archive."""
        listed = self._opened()

        def open_sound(name: str) -> BufferedIOBase:
            if name not in listed.entries:
                raise SoundError(f"{name}: is no longer in the archive")
            entry = listed.entries[name]
            if entry.flag_bits & _ENCRYPTED:
                raise SoundError(f"{name}: is encrypted; pack it again without a password")
            if entry.compress_type not in METHODS:
                raise SoundError(f"{name}: is packed by method {entry.compress_type}; pack it again with deflate")
            try:
                return _read(listed.archive, entry, MAXIMUM_ENTRY_BYTES)
            except _ZIP_ERRORS as error:
                raise SoundError(f"{name}: cannot be unpacked ({_one_line(error)})") from error

        yield open_sound

    def _opened(self) -> "_Listed":
        """Returns the open file with its list."""
        try:
            status = self.path.stat()
            key = (status.st_ino, status.st_size, status.st_mtime_ns)
            if self._listed is None or self._listed.key != key:
                archive = zipfile.ZipFile(self.path)
                self._listed = _Listed(key, archive, *_checked_entries(archive, self.path))
        except OSError as error:
            raise CorpusError(f"{self.path}: cannot be opened ({error.strerror}); check its permissions") from error
        except CorpusError:
            raise
        except _ZIP_ERRORS as error:
            raise CorpusError(f"{self.path}: is not a whole zip file ({_one_line(error)}); make it again") from error
        return self._listed


@dataclass(frozen=True, eq=False)
class _Listed:
    """An open zip, what tells that its file is still the same, its checked entries and why others are none."""

    key: tuple[int, int, int]
    archive: zipfile.ZipFile
    entries: dict[str, zipfile.ZipInfo]
    refused: tuple[tuple[str, str], ...]


def texts_at(path: Path) -> Iterator[str]:
    """Yields a text file's content if there is one that can be read and is not too long for a table."""
    try:
        if path.is_file() and path.stat().st_size <= MAXIMUM_TEXT_BYTES:
            text = decoded_text(path.read_bytes())
            if text is not None:
                yield text
    except OSError:  # labels that nobody asked for by name are an extra, never a condition
        return


def _checked_entries(
    archive: zipfile.ZipFile, path: Path
) -> tuple[dict[str, zipfile.ZipInfo], tuple[tuple[str, str], ...]]:
    """Returns the visible files by name, and those that are passed over, each with the reason.

    Nothing is ever written to disk under these names; a name that would lead elsewhere is passed over all the same.
    """
    entries = archive.infolist()
    if len(entries) > MAXIMUM_ENTRIES:
        raise CorpusError(f"{path}: holds {len(entries)} entries, more than {MAXIMUM_ENTRIES}; unpack it to a folder")
    total_bytes = 0
    files: dict[str, zipfile.ZipInfo] = {}
    twins: dict[str, int] = {}
    refused = []
    for entry in entries:
        name = _name(entry)
        parts = name.split("/")
        if not parts[-1] or any((part.startswith(".") and part != "..") or part == "__MACOSX" for part in parts):
            continue
        fault = _fault(entry, name, parts)
        if fault:
            if is_sound_name(name):
                refused.append((printable(name), fault))
            continue
        total_bytes += entry.file_size
        if printable(name) in files and is_sound_name(name):
            twins[name] = twins.get(name, 1) + 1
            refused.append((f"{printable(name)} ({twins[name]})", "is called like another one, which is used"))
            continue
        files[printable(name)] = entry
    packed_bytes = path.stat().st_size
    if total_bytes > max(RATIO_FREE_BYTES, MAXIMUM_RATIO * packed_bytes):
        raise CorpusError(
            f"{path}: {packed_bytes} bytes unpack to {total_bytes}, more than {MAXIMUM_RATIO} times as many; "
            "nothing of it was read"
        )
    return files, tuple(refused)


def _name(entry: zipfile.ZipInfo) -> str:
    """Returns an entry's name with forward slashes; without the flag that says UTF-8 it may be that nevertheless."""
    name = entry.filename
    if not entry.flag_bits & _UTF8:
        # zipfile takes such names for code page 437, in which hardly anything that is UTF-8 makes sense.
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _fault(entry: zipfile.ZipInfo, name: str, parts: list[str]) -> str:
    """Returns why an entry is passed over, nothing where it is not."""
    if ".." in parts:
        return "leads out of the archive"
    if name.startswith("/") or _DRIVE.match(name):
        return "has an absolute name"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "is a symbolic link"
    if entry.file_size > MAXIMUM_ENTRY_BYTES:
        return f"unpacks to {entry.file_size} bytes, more than {MAXIMUM_ENTRY_BYTES}"
    return ""


def printable(name: str) -> str:
    """Returns the name with control characters and bytes that are not UTF-8 written as escapes, so it is one line."""
    if name.isprintable():
        return name
    return "".join(
        repr(character)[1:-1] if unicodedata.category(character) in ("Cc", "Cs") else character for character in name
    )


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit_bytes: int) -> BytesIO:
    """Returns an entry's content; stops at the size its header states, which was checked, whatever follows."""
    content = BytesIO()
    with archive.open(entry) as packed:
        while block := packed.read(_BLOCK_BYTES):
            content.write(block)
            if content.tell() > min(entry.file_size, limit_bytes):
                raise zipfile.BadZipFile(f"more than the {min(entry.file_size, limit_bytes)} bytes allowed")
    content.seek(0)
    return content


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
