"""Folders of files that pages load, read once and answered from memory."""

import hashlib
from importlib.resources.abc import Traversable

from fastapi import Request, Response

from service.errors import NotFound

_KINDS = {".css": "text/css", ".js": "text/javascript", ".json": "application/json", ".svg": "image/svg+xml"}

_SHOWN_CHARACTERS = 60


class Assets:
    """The files of a folder and of those within it, by their path in it.

    Browsers ask each time whether what they have is still right: modules of two versions must not meet.

    Args:
        folder: Read whole, at once.
    """

    def __init__(self, folder: Traversable) -> None:
        self._files = dict(_read(folder, ""))
        self._tags = {name: f'"{hashlib.sha256(content).hexdigest()[:32]}"' for name, content in self._files.items()}

    def __getitem__(self, name: str) -> bytes:
        """Returns what a file holds."""
        return self._files[name]

    def answer(self, request: Request, name: str) -> Response:
        """Returns a file, or that the browser has it already.

        Raises:
            NotFound: There is none of that name.
        """
        if name not in self._files:
            raise NotFound(f"file {name[:_SHOWN_CHARACTERS]!r}: there is none")
        headers = {"Cache-Control": "no-cache", "ETag": self._tags[name]}
        if request.headers.get("if-none-match") == self._tags[name]:
            return Response(status_code=304, headers=headers)
        return Response(self._files[name], media_type=_KINDS[name[name.rindex(".") :]], headers=headers)


def _read(folder: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    found = []
    for entry in folder.iterdir():
        name = f"{prefix}{entry.name}"
        found += _read(entry, f"{name}/") if entry.is_dir() else [(name, entry.read_bytes())]
    return found
