"""Who is calling, as routes depend on it: `caller: Viewer`, `caller: Experimenter`, `caller: Admin`.

A key in the header `Authorization: Bearer KEY`, or the cookie of a browser that has logged in. Browsers send cookies of
their own accord, so what changes something needs to come from our own page then.
"""

from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import HTTPConnection

from service.accounts import queries
from service.accounts.caller import Caller
from service.accounts.roles import Role
from service.errors import Forbidden, UnknownCaller

#: Name of the cookie of a browser session.
COOKIE = "nebula_session"

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_bearer = HTTPBearer(auto_error=False, scheme_name="key", description="An API key, as `nebula key create` prints it.")
_cookie = APIKeyCookie(name=COOKIE, auto_error=False, scheme_name="session", description="A browser that logged in.")


def identify(connection: HTTPConnection) -> Caller:
    """Returns who sent a request.

    Raises:
        UnknownCaller: No key or session came with it, or not a valid one.
        Forbidden: A page of another origin sent it, with the browser's cookie.
        TooMany: Too many attempts from this address failed.
    """
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    cookie = connection.cookies.get(COOKIE)
    if scheme.lower() == "bearer" and token:
        return _known(connection, lambda session: queries.caller_of_key(session, token.strip()), "key")
    if not cookie:
        raise UnknownCaller("no key: send the header Authorization: Bearer KEY, or log in")
    caller = _known(connection, lambda session: queries.caller_of_session(session, cookie), "session")
    check_origin(connection)
    return caller


def check_origin(connection: HTTPConnection) -> None:
    """Passes unless a page of another origin would change something.

    Raises:
        Forbidden: It would, or the browser does not say which page it is.
    """
    if connection.scope.get("method", "GET") in _SAFE_METHODS:
        return
    origin = connection.headers.get("origin", "")
    if not origin or urlsplit(origin).netloc != connection.headers.get("host"):
        raise Forbidden(f"origin: got {origin[:100]!r}, expected that of this server")


def _known(connection: HTTPConnection, find: Callable[..., Caller | None], what: str) -> Caller:
    state = connection.app.state
    address = connection.client.host if connection.client else ""
    with state.database.read() as session:
        caller = find(session)
    if caller is None:
        # Who has a valid key is let in, whatever others behind the same address try.
        state.throttle.check(address)
        state.throttle.count(address)
        raise UnknownCaller(f"{what}: not a valid one")
    return caller


def _require(role: Role) -> Callable[..., Caller]:
    def caller(
        request: Request,
        key: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
        session: Annotated[str | None, Depends(_cookie)],
    ) -> Caller:
        found = identify(request)
        request.state.caller = found.name
        if not found.role.covers(role):
            raise Forbidden(f"role: got {found.role.value!r}, expected {role.value!r}")
        return found

    return caller


Viewer = Annotated[Caller, Depends(_require(Role.VIEWER))]
Experimenter = Annotated[Caller, Depends(_require(Role.EXPERIMENTER))]
Admin = Annotated[Caller, Depends(_require(Role.ADMIN))]
