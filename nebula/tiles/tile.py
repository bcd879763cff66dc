"""Tiles, as in the console: a picture in which a line shows what is heard, the sound, and the sound as a file."""

import base64
import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from nebula.tiles.pictures import picture

if TYPE_CHECKING:
    import jinja2
    from markupsafe import Markup


def _text(name: str) -> str:
    return resources.files("nebula.tiles").joinpath(name).read_text(encoding="utf-8")


#: What a page with tiles has among its style. Its colours are the page's `--panel`, `--rule`, `--ink` and `--soft`, and
#: `--role` where that is set, else `--tuned`.
STYLE = _text("tile.css")

#: What it runs at its end, as a script of its own. Without it sounds are played by the browser's own controls.
SCRIPT = _text("tile.js")


@dataclass(frozen=True)
class Tile:
    """A sound to be seen and heard.

    Attributes:
        label: What it is called; text, not HTML.
        sound: FLAC, as a data URI.
        picture: PNG, as a data URI.
        is_lowered: Whether its peaks would not fit at the loudness of the others.
    """

    label: str
    sound: str
    picture: str
    is_lowered: bool = False

    @classmethod
    def of(cls, label: str, flac: bytes, is_lowered: bool = False) -> "Tile":
        """Returns the tile of a sound.

        Args:
            label: What it is called.
            flac: The sound.
            is_lowered: Whether its peaks would not fit at the loudness of the others.
        """
        return cls(label, _uri("audio/flac", flac), _uri("image/png", picture(flac)), is_lowered)


def row(tiles: Sequence[Tile], mark: str, heading: str) -> "Markup":
    """Returns a list of tiles as HTML.

    Args:
        tiles: In the order in which they are shown.
        mark: Begins the ids of their labels, which are `mark-1`, `mark-2` and so on.
        heading: Id of the element that says what they are of.
    """
    # Imported here, because a server that nobody asks for a report does without it.
    from markupsafe import Markup

    return Markup(_template().render(tiles=tiles, mark=mark, heading=heading))


def script_hash(script: str) -> str:
    """Returns what a content security policy names a script by, so that a page runs this one and no other.

    Args:
        script: All that is between its tags.
    """
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"


def _uri(media_type: str, content: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


@functools.cache
def _template() -> "jinja2.Template":
    import jinja2

    return jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).from_string(_text("tile.html"))
