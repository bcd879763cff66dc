"""The files of one multipart request, written to disk as they arrive.

Starlette's own parser would first collect all of them in memory and in `/tmp`, and only then could anything be refused.
"""

import errno
import re
from dataclasses import dataclass, field
from io import BufferedWriter
from pathlib import Path

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from nebula.audio import is_sound_name, printable
from service.corpora.store import ARCHIVE_NAME, FOLDER_NAME
from service.errors import RequestError, TooLarge, Unavailable, Unprocessable

#: Beside sounds, names with these endings are kept: tables of what is known about sounds.
TABLE_SUFFIXES = (".csv", ".txt")

#: Longest text field, such as the corpus' name.
LONGEST_FIELD_BYTES = 1024

# Of a name that is refused.
_LONGEST_SHOWN = 200

# More than any browser or client writes above a part.
_LONGEST_HEADER_BYTES = 8192


@dataclass(frozen=True)
class Limits:
    """How much one request may bring."""

    size_bytes: int
    files: int


@dataclass
class Received:
    """What came.

    Attributes:
        fields: Text fields by name.
        files: Files written, by their cleaned paths.
        refused: Files that are no sounds: name and reason.
        size_bytes: Of all parts together.
    """

    fields: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    size_bytes: int = 0


class Upload:
    """One multipart request on its way to disk; `feed` it, then `finish` or `close`.

    Args:
        content_type: The request's header.
        folder: As `CorpusStore.begin` gives it.
        limits: How much may come.

    Raises:
        RequestError: The header does not announce multipart data.
    """

    def __init__(self, content_type: str, folder: Path, limits: Limits) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary:
            raise RequestError(f"content-type: got {content_type[:80]!r}, expected multipart/form-data with a boundary")
        self.received = Received()
        self._folder, self._limits = folder, limits
        self._headers: dict[bytes, bytes] = {}
        self._header = (b"", b"")
        self._field: str | None = None
        self._text = b""
        self._file: BufferedWriter | None = None
        self._ended = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._part_begins,
                "on_header_field": self._header_field,
                "on_header_value": self._header_value,
                "on_header_end": self._header_ends,
                "on_headers_finished": self._headers_end,
                "on_part_data": self._part_data,
                "on_part_end": self._part_ends,
                "on_end": self._end,
            },
        )

    def feed(self, block: bytes) -> None:
        """Writes the next bytes of the body.

        Raises:
            RequestError: They are not multipart data.
            TooLarge: A limit is passed.
            Unavailable: The disk does not take it.
        """
        self.received.size_bytes += len(block)
        if self.received.size_bytes > self._limits.size_bytes:
            raise TooLarge(f"upload: more than {self._limits.size_bytes} bytes, the most allowed in one request")
        try:
            self._parser.write(block)
        except FormParserError as error:
            raise RequestError(f"upload: not multipart data ({' '.join(str(error).split())})") from error
        except OSError as error:
            raise Unavailable(f"upload: cannot be written ({error.strerror})") from error

    def finish(self) -> Received:
        """Returns what came, once all has been fed.

        Raises:
            RequestError: The body breaks off.
            Unprocessable: No usable file came, or a zip together with others.
        """
        if not self._ended:
            raise RequestError("upload: the body breaks off before its last boundary")
        names = self.received.files
        if not names:
            first = f"; {self.received.refused[0][0]!r} {self.received.refused[0][1]}" if self.received.refused else ""
            raise Unprocessable(f"upload: got no sounds, expected files or one zip{first}")
        if any(_is_zip(name) for name in names):
            if len(names) > 1:
                raise Unprocessable(f"upload: got a zip among {len(names)} files, expected it alone")
            (self._folder / FOLDER_NAME / names[0]).rename(self._folder / ARCHIVE_NAME)
        return self.received

    def close(self) -> None:
        """Lets go of the file that was being written, if any."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _part_begins(self) -> None:
        self._headers = {}
        self._header = (b"", b"")
        self._field, self._text = None, b""

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header[0] + data[start:end], self._header[1])
        self._check_header()

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header[0], self._header[1] + data[start:end])
        self._check_header()

    def _check_header(self) -> None:
        if len(self._headers) > 16 or sum(map(len, self._header)) > _LONGEST_HEADER_BYTES:
            raise RequestError(f"upload: a part's headers are longer than {_LONGEST_HEADER_BYTES} bytes")

    def _header_ends(self) -> None:
        name, value = self._header
        self._headers[name.lower()] = value
        self._header = (b"", b"")

    def _headers_end(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        if b"name" not in options:
            raise RequestError("upload: a part without a name in its Content-Disposition")
        if b"filename" not in options:
            self._field = options[b"name"].decode("utf-8", "replace")
            return
        if len(self.received.files) + len(self.received.refused) >= self._limits.files:
            raise TooLarge(f"upload: more than {self._limits.files} files, the most allowed in one corpus")
        given = options[b"filename"].decode("utf-8", "replace")
        try:
            name = clean_name(given)
        except Unprocessable as error:
            self.received.refused.append((printable(given)[:_LONGEST_SHOWN], str(error)))
            return
        if _is_hidden(name):
            return
        if not (is_sound_name(name) or name.lower().endswith((*TABLE_SUFFIXES, ".zip"))):
            self.received.refused.append((name, "is not a sound by its name"))
            return
        path = self._folder / FOLDER_NAME / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("xb")
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            self.received.refused.append((name, "is called like another one, which is used"))
            return
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:
                raise
            self.received.refused.append((name[:_LONGEST_SHOWN], "has a name longer than the disk allows"))
            return
        self.received.files.append(name)

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self._file is not None:
            self._file.write(memoryview(data)[start:end])
        elif self._field is not None:
            self._text += data[start:end]
            if len(self._text) > LONGEST_FIELD_BYTES:
                raise TooLarge(f"upload: field {self._field[:40]!r} is longer than {LONGEST_FIELD_BYTES} bytes")

    def _part_ends(self) -> None:
        self.close()
        if self._field is not None:
            self.received.fields[self._field] = self._text.decode("utf-8", "replace")

    def _end(self) -> None:
        self._ended = True


def clean_name(name: str) -> str:
    """Returns a file's path as it may lie below a corpus, with forward slashes.

    Args:
        name: As the client gave it: a name, or a path within the folder that was dropped.

    Raises:
        Unprocessable: It is empty, absolute, leads upwards, or holds what cannot be shown; the message says only that.
    """
    parts = [part for part in name.replace("\\", "/").split("/") if part != "."]
    fault = ""
    if not parts or not parts[-1]:
        fault = "is empty"
    elif ".." in parts:
        fault = "leads out of the corpus"
    # A folder may be called "A: Kicks"; drives are not followed by a space.
    elif not parts[0] or re.match(r"[A-Za-z]:(?! )", parts[0]):
        fault = "is absolute"
    elif not name.isprintable() or "\ufffd" in name:
        fault = "holds characters that cannot be shown"
    if fault:
        raise Unprocessable(fault)
    return "/".join(part for part in parts if part)


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))


def _is_zip(name: str) -> bool:
    return name.lower().endswith(".zip")
