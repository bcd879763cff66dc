"""Folders of files that pages load, read once and answered from memory.

- `shared`: modules that the console and the participants' page both load, each under its own address
"""

import hashlib
from importlib import resources
from importlib.resources.abc import Traversable

from fastapi import Request, Response

from service.errors import NotFound

_KINDS = {".css": "text/css", ".js": "text/javascript", ".json": "application/json", ".svg": "image/svg+xml"}

_NO_CACHE, _FOR_EVER = "no-cache", "public, max-age=31536000, immutable"

_SHOWN_CHARACTERS = 60

#: Of every page: it has no script or style in itself, loads nothing from elsewhere, and makes no markup of text.
PAGE_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
        "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
}


class Assets:
    """The shared files, and those of a folder and of the folders within it, by their path in it.

    Attributes:
        version: Changes whenever any of them does.

    Args:
        folder: Read whole, at once.
    """

    def __init__(self, folder: Traversable) -> None:
        shared, own = dict(_read(resources.files(__package__) / "shared", "")), dict(_read(folder, ""))
        assert not shared.keys() & own.keys(), "a file has the name of a shared one"
        self._files = shared | own
        digests = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(self._files.items())}
        self._tags = {name: f'"{digest[:32]}"' for name, digest in digests.items()}
        self.version = hashlib.sha256(repr(digests).encode()).hexdigest()[:12]

    def __getitem__(self, name: str) -> bytes:
        """Returns what a file holds."""
        return self._files[name]

    def answer(self, request: Request, name: str, version: str | None = None) -> Response:
        """Returns a file, or that the browser has it already.

        Modules of two versions must not meet. So browsers ask each time whether what they have is still right, unless
        the address has the version.

        Args:
            request: What may have the header `If-None-Match`.
            name: Path of the file.
            version: What the address says.

        Raises:
            NotFound: There is none of that name and version.
        """
        if name not in self._files or version not in (None, self.version):
            raise NotFound(f"file {name[:_SHOWN_CHARACTERS]!r}: there is none")
        cache = _NO_CACHE if version is None else _FOR_EVER
        headers = {"Cache-Control": cache, "ETag": self._tags[name]}
        if request.headers.get("if-none-match") == self._tags[name]:
            return Response(status_code=304, headers=headers)
        return Response(self._files[name], media_type=_KINDS[name[name.rindex(".") :]], headers=headers)


def _read(folder: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    found = []
    for entry in folder.iterdir():
        name = f"{prefix}{entry.name}"
        found += _read(entry, f"{name}/") if entry.is_dir() else [(name, entry.read_bytes())]
    return found
