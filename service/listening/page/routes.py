"""`/listen/{invite}` and the files that it loads. Nothing here depends on the test, or on who asks."""

import json
from importlib import resources
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from jinja2 import Environment, StrictUndefined

from service.assets import PAGE_HEADERS, Assets
from service.listening.languages import LANGUAGES, Language, chosen

router = APIRouter(include_in_schema=False)

_ASSETS = "/assets/listening"

_folder = resources.files(__package__)


def _shell(language: Language) -> str:
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    template = environment.from_string((_folder / "listen.html").read_text(encoding="utf-8"))
    texts = json.loads(_assets[f"texts.{language}.json"])
    return template.render(language=language, assets=_ASSETS, texts=texts)


_assets = Assets(_folder / "assets")
_pages = {language: _shell(language) for language in LANGUAGES}
_HEADERS = PAGE_HEADERS | {"Vary": "Accept-Language"}


@router.get("/listen/{invite}")
def show_page(request: Request, lang: Annotated[str | None, Query(max_length=64)] = None) -> Response:
    """Shows the page; whether the invite leads anywhere, and which languages the test has, its script finds out."""
    language = chosen(LANGUAGES, lang, request.headers.get("accept-language", ""))
    return Response(_pages[language], media_type="text/html", headers=_HEADERS)


@router.get(_ASSETS + "/{name}")
def show_asset(request: Request, name: str) -> Response:
    """Shows a file that the page loads."""
    return _assets.answer(request, name)
