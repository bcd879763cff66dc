"""Text files that come with the package, each known by its name without the ending."""

import os
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from nebula.errors import NebulaError


@dataclass(frozen=True)
class ShippedFiles:
    """The files of one kind in a package of data.

    Attributes:
        package: Where they lie, such as `nebula.shipped_nebulae`.
        ending: Of the kind, such as `.json`.
        folder: Within the package; empty for the package itself.
    """

    package: str
    ending: str
    folder: str = ""

    def names(self) -> tuple[str, ...]:
        """Returns the names in alphabetical order; what has a second ending, `drum.provenance.json`, is of no kind."""
        found = (file.name for file in self._folder.iterdir() if file.name.endswith(self.ending))
        return tuple(sorted(name for file in found if "." not in (name := file.removesuffix(self.ending))))

    def text(self, name: str) -> str:
        """Returns the text of the file of that name, which is one of `names()`."""
        return (self._folder / f"{name}{self.ending}").read_text(encoding="utf-8")

    def read(self, name_or_path: str | os.PathLike[str], noun: str, error: type[NebulaError]) -> tuple[str, str]:
        """Returns the text of the file of that name, or else of a user's at that path, and what messages call it.

        Args:
            name_or_path: One of `names()`, or a path.
            noun: As `text_at` has it.
            error: As `text_at` has it.
        """
        if isinstance(name_or_path, str) and name_or_path in self.names():
            return self.text(name_or_path), name_or_path
        path = Path(name_or_path)
        return self.text_at(path, noun, error), str(path)

    def text_at(self, path: Path, noun: str, error: type[NebulaError]) -> str:
        """Returns the text of a file of a user's, with or without a byte order mark.

        Args:
            path: Of the file.
            noun: What messages call it.
            error: What is raised where it cannot be read; the message lists the shipped names if there is no file.
        """
        try:
            return path.read_text(encoding="utf-8-sig")
        except FileNotFoundError as cause:
            known = ", ".join(self.names())
            raise error(f"{noun} {str(path)!r}: no such file, and not one of those shipped ({known})") from cause
        except (OSError, UnicodeDecodeError) as cause:
            reason = getattr(cause, "strerror", None) or "it is not a text file"
            raise error(f"{noun} {str(path)!r}: cannot be read ({reason})") from cause

    @property
    def _folder(self) -> Traversable:
        return resources.files(self.package) / self.folder
