"""Tables of text as people's programs write them: bytes to text, and text to rows with a path in each."""

import codecs
import csv
import io
from collections.abc import Iterator

from nebula.errors import CorpusError

#: What a column of sounds' paths may be called, in any case; the first that there is counts.
PATH_COLUMNS = ("path", "filename", "file_name", "file", "fname", "filepath", "file_path")

_DELIMITERS = (",", ";", "\t")


def decoded_text(content: bytes) -> str | None:
    """Returns text in UTF-8, in UTF-16 with a byte order mark or else in cp1252; None where it is in none of these.

    Example:
        >>> decoded_text("Höhe".encode("cp1252")) == decoded_text("Höhe".encode()) == "Höhe"
        True
    """
    encodings = (
        ("utf-16",) if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else ("utf-8-sig", "cp1252")
    )
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def rows(text: str) -> Iterator[tuple[str, dict[str | None, str | list[str] | None]]]:
    """Yields each row's path and its other columns.

    Columns are separated by commas, semicolons or tabs, whichever gives the first line a column of paths.

    Raises:
        CorpusError: there is no such column, or the text is not a csv.
    """
    first = text.lstrip("\r\n").split("\n", 1)[0]
    try:
        for delimiter in _DELIMITERS:
            reader = csv.DictReader(io.StringIO(text), strict=True, delimiter=delimiter)
            columns = {(column or "").strip().lower(): column for column in reader.fieldnames or ()}
            column = next((columns[name] for name in PATH_COLUMNS if name in columns), None)
            if column is not None:
                break
        else:
            raise CorpusError(
                f"got the first line {first.strip()[:80]!r}, expected names of columns, separated by commas, "
                f"semicolons or tabs, one of them {', '.join(PATH_COLUMNS[:-1])} or {PATH_COLUMNS[-1]}"
            )
        for row in reader:
            path = row.pop(column)
            yield path or "", {None if key is None else key.strip(): value for key, value in row.items()}
    except csv.Error as error:
        raise CorpusError(f"is not a csv file ({error})") from error
