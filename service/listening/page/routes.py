"""`/listen/{invite}` and the files that it loads. Nothing here depends on the test, or on who asks."""

import json
from importlib import resources

from fastapi import APIRouter, Request, Response
from jinja2 import Environment, StrictUndefined

from service.assets import PAGE_HEADERS, Assets

router = APIRouter(include_in_schema=False)

_ASSETS = "/assets/listening"

_LANGUAGE = "en"

_folder = resources.files(__package__)


def _shell(texts: bytes) -> str:
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    template = environment.from_string((_folder / "listen.html").read_text(encoding="utf-8"))
    return template.render(language=_LANGUAGE, assets=_ASSETS, texts=json.loads(texts))


_assets = Assets(_folder / "assets")
_page = _shell(_assets[f"texts.{_LANGUAGE}.json"])


@router.get("/listen/{invite}")
def show_page() -> Response:
    """Shows the page; whether the invite leads anywhere, its script finds out."""
    return Response(_page, media_type="text/html", headers=PAGE_HEADERS)


@router.get(_ASSETS + "/{name}")
def show_asset(request: Request, name: str) -> Response:
    """Shows a file that the page loads."""
    return _assets.answer(request, name)
