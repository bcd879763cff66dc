"""Browsers log in: with a key typed into a page, or by the link that the server prints at its first start."""

from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import URL
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from service.accounts import audit, queries
from service.accounts.access import COOKIE, check_origin
from service.accounts.caller import Caller
from service.accounts.tables import AuditEntry
from service.accounts.throttle import Throttle
from service.api.parts import parts_of
from service.database import Database
from service.errors import ServiceError, UnknownCaller


def log_in(connection: HTTPConnection, token: str) -> tuple[Caller, str]:
    """Returns who has the key, and the token of a new browser session.

    Raises:
        UnknownCaller: Nobody has it.
        TooMany: Nobody has it, and too many attempts from this address failed.
    """
    parts = parts_of(connection)
    address = connection.client.host if connection.client else ""
    with parts[Database].read() as session:
        caller = queries.caller_of_key(session, token)
    if caller is None:
        # Keys are too long to be guessed at any rate. What has to be bounded is what guesses leave in the log, and that
        # must not keep those out who have a key and share the address.
        parts[Throttle].check(address)
        with parts[Database].begin() as session:
            session.add(AuditEntry(key_id="", caller="", action="session.refuse", details={"address": address}))
        parts[Throttle].count(address)
        raise UnknownCaller("key: not a valid one")
    with parts[Database].begin() as session:
        audit.record(session, caller, "session.begin", address=address)
        return caller, queries.begin_session(session, caller)


def set_cookie(connection: HTTPConnection, response: Response, token: str) -> None:
    """Gives the browser its session. No script can read it, and no page of another origin can send it along."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(queries.SESSION_LIFETIME.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=connection.url.scheme == "https",
    )


def log_out(connection: HTTPConnection, response: Response) -> None:
    """Ends the browser's session, if it has one."""
    token = connection.cookies.get(COOKIE)
    if token:
        check_origin(connection)
        with parts_of(connection)[Database].begin() as session:
            queries.end_session(session, token)
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")


class LoginLink:
    """Pages whose address has `?token=KEY`: the browser is logged in and sent to the same address without it.

    A wrong key is left to the page, which then shows that nobody is logged in. So is a link on a page of another site,
    which would log people in as somebody else.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request."""
        if scope["type"] == "http" and scope["method"] == "GET" and b"token=" in scope["query_string"]:
            request = Request(scope)
            token = request.query_params.get("token")
            if token and not request.url.path.startswith("/v1/"):
                await (await run_in_threadpool(_redirect, request, token))(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _redirect(request: Request, token: str) -> Response:
    query = [(name, value) for name, value in parse_qsl(request.url.query) if name != "token"]
    # Of the path only: the answer must not send the browser to another host, whatever the request calls this one.
    path = "/" + request.url.path.lstrip("/\\")
    response = RedirectResponse(str(URL(path=path, query=urlencode(query))), status_code=303)
    if _is_followed_elsewhere(request):
        return response
    try:
        _, session = log_in(request, token)
    except ServiceError:
        return response
    set_cookie(request, response, session)
    return response


def _is_followed_elsewhere(request: Request) -> bool:
    """Returns whether a page of another site leads here, as far as the browser says; a link in a terminal does not."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("none", "same-origin")
    # Browsers say it over TLS and on this machine alone.
    referrer = request.headers.get("referer", "")
    return bool(referrer) and urlsplit(referrer).netloc != request.headers.get("host")
