"""`/listen/{invite}` and the files that it loads. Nothing here depends on the test, or on who asks."""

import json
from importlib import resources

from fastapi import APIRouter, Response
from jinja2 import Environment, StrictUndefined

from service.errors import NotFound

router = APIRouter(include_in_schema=False)

_ASSETS = "/assets/listening"

_LANGUAGE = "en"

_KINDS = {".css": "text/css", ".js": "text/javascript", ".json": "application/json"}

# Checked again each time: modules of two versions must not meet.
_HEADERS = {"Cache-Control": "no-cache"}

_folder = resources.files(__package__)


def _read() -> dict[str, tuple[bytes, str]]:
    """Returns content and type of each file that the page loads."""
    return {
        file.name: (file.read_bytes(), _KINDS[file.name[file.name.rindex(".") :]])
        for file in (_folder / "assets").iterdir()
    }


def _shell(texts: bytes) -> str:
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    template = environment.from_string((_folder / "listen.html").read_text(encoding="utf-8"))
    return template.render(language=_LANGUAGE, assets=_ASSETS, texts=json.loads(texts))


_files = _read()
_page = _shell(_files[f"texts.{_LANGUAGE}.json"][0])


@router.get("/listen/{invite}")
def show_page() -> Response:
    """Shows the page; whether the invite leads anywhere, its script finds out."""
    return Response(_page, media_type="text/html", headers=_HEADERS)


@router.get(_ASSETS + "/{name}")
def show_asset(name: str) -> Response:
    """Shows a file that the page loads.

    Raises:
        NotFound: There is none.
    """
    if name not in _files:
        raise NotFound(f"file {name[:60]!r}: there is none")
    content, kind = _files[name]
    return Response(content, media_type=kind, headers=_HEADERS)
