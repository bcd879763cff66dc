"""The pages of the console and the files that they load."""

from collections.abc import Callable
from importlib import resources
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import RedirectResponse

from service.accounts.access import identify
from service.api.parts import parts_of
from service.assets import PAGE_HEADERS, Assets
from service.errors import NotFound, TooMany, UnknownCaller
from service.nebulae.sounds import SoundRenderer

router = APIRouter(include_in_schema=False)

_SIGN_IN = "/sign-in"

#: Template of each page by its path. Fixed paths stand before those with a placeholder: the first that matches is
#: taken.
PAGES = {
    "/": "home.html",
    "/studies": "studies/list.html",
    "/studies/new": "studies/new.html",
    "/studies/quick": "studies/quick.html",
    "/studies/compare": "studies/compare.html",
    "/studies/{subject}": "studies/study.html",
    "/corpora": "corpora/list.html",
    "/corpora/{subject}": "corpora/corpus.html",
    "/nebulae": "nebulae/list.html",
    "/nebulae/compare": "nebulae/compare.html",
    "/nebulae/{subject}": "nebulae/nebula.html",
    "/matches": "matches/list.html",
    "/listening-tests": "listening/list.html",
    "/listening-tests/new": "listening/plan.html",
    "/listening-tests/webmushra": "listening/webmushra.html",
    "/listening-tests/{subject}": "listening/test.html",
    "/listening-tests/{subject}/plan": "listening/plan.html",
    "/system": "system.html",
}

#: What the navigation of every page leads to.
NAVIGATION = {
    "/": "Home",
    "/studies": "Studies",
    "/corpora": "Corpora",
    "/nebulae": "Nebulae",
    "/listening-tests": "Listening",
    "/system": "System",
}

_assets = Assets(resources.files(__package__) / "assets")

# With the version in their address, modules need not be asked for again when the next page is opened.
_ASSETS = f"/assets/console/{_assets.version}"

_templates = Environment(
    loader=PackageLoader(__package__, "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def _page(template: str, section: str) -> Callable[[Request], Response]:
    shell = _templates.get_template(template)

    def show(request: Request) -> Response:
        try:
            caller = identify(request)
        except (UnknownCaller, TooMany):
            return _to_sign_in(request)
        request.state.caller = caller.name
        # Who looks at pages will soon want to hear something; a server that nobody looks at keeps its memory small.
        parts_of(request)[SoundRenderer].warm_up()
        subject = request.path_params.get("subject", "")
        content = shell.render(
            assets=_ASSETS,
            navigation=NAVIGATION,
            section=section,
            caller=caller,
            subject=subject,
            path=request.url.path,
        )
        return Response(content, media_type="text/html", headers=PAGE_HEADERS)

    return show


for _path, _template in PAGES.items():
    router.add_api_route(_path, _page(_template, "/" + _path.split("/")[1]), methods=["GET"])


def open_page(template: str, status: int = 200, subject: str = "") -> Response:
    """Returns a page for people without a key.

    Args:
        template: Its path.
        status: Of the answer.
        subject: What the page is about.
    """
    content = _templates.get_template(template).render(assets=_ASSETS, subject=subject)
    return Response(content, status, media_type="text/html", headers=PAGE_HEADERS)


def problem_page(request: Request, status: int, message: str) -> Response:
    """Returns what a person sees who followed a link that leads nowhere, or to what needs a key."""
    if status == UnknownCaller.status:
        return _to_sign_in(request)
    title = "There is no such page" if status == NotFound.status else "This cannot be shown"
    content = _templates.get_template("problem.html").render(assets=_ASSETS, title=title, message=message)
    return Response(content, status, media_type="text/html", headers=PAGE_HEADERS)


def _to_sign_in(request: Request) -> Response:
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"{_SIGN_IN}?return={quote(back)}", 303)


@router.get(_SIGN_IN)
def show_sign_in() -> Response:
    """Shows where a key can be typed in; nobody needs one for it."""
    content = _templates.get_template("sign-in.html").render(assets=_ASSETS)
    return Response(content, media_type="text/html", headers=PAGE_HEADERS)


@router.get("/assets/console/{version}/{name:path}")
def show_asset(request: Request, version: str, name: str) -> Response:
    """Shows a file that pages load."""
    return _assets.answer(request, name, version)
