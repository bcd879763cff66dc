"""What an import changes, line by line: nothing is dropped in silence."""

from dataclasses import dataclass
from typing import Literal

NoteKind = Literal["changed", "left out", "always"]


@dataclass(frozen=True)
class ImportNote:
    """One thing that is not as the configuration says it.

    Attributes:
        kind: `changed`; `left out`; or `always`, which is what this server does to the sounds of every test.
        text: What it is, in a sentence.
        pages: Where, by the ids of pages; empty where it concerns all of the configuration.
    """

    kind: NoteKind
    text: str
    pages: tuple[str, ...] = ()


class Notes:
    """Notes as they come up; the same about several pages is one."""

    def __init__(self) -> None:
        self._found: dict[tuple[NoteKind, str], list[str]] = {}

    def add(self, kind: NoteKind, text: str, page: str | None = None) -> None:
        """Notes something.

        Args:
            kind: Of the note.
            text: A sentence.
            page: Id of the page that it concerns, if it is one.
        """
        pages = self._found.setdefault((kind, text), [])
        if page is not None and page not in pages:
            pages.append(page)

    def all(self) -> tuple[ImportNote, ...]:
        """Returns what is left out, then what is changed, then what is always done."""
        order: tuple[NoteKind, ...] = ("left out", "changed", "always")
        notes = [ImportNote(kind, text, tuple(pages)) for (kind, text), pages in self._found.items()]
        return tuple(sorted(notes, key=lambda note: order.index(note.kind)))
