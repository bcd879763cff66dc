"""Who is calling, as routes depend on it: `caller: Viewer`, `caller: Experimenter`, `caller: Admin`.

A key in the header `Authorization: Bearer KEY`, or the cookie of a browser that has logged in. Browsers send cookies of
their own accord, so what changes something needs to come from our own page then.
"""

from collections.abc import Callable, Coroutine, Iterator
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from service.accounts import queries
from service.accounts.caller import Caller
from service.accounts.roles import Role
from service.accounts.throttle import Throttle
from service.api.bodies import BodyRoute
from service.api.parts import parts_of
from service.database import Database
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
    parts = parts_of(connection)
    address = connection.client.host if connection.client else ""
    with parts[Database].read() as session:
        caller = find(session)
    if caller is None:
        # Who has a valid key is let in, whatever others behind the same address try. A browser whose session is over
        # sends it with every request, without anybody having tried anything.
        if what == "key":
            parts[Throttle].check(address)
            parts[Throttle].count(address)
        raise UnknownCaller(f"{what}: not a valid one")
    return caller


class Required:
    """The dependency that finds out who is calling, and that they may."""

    def __init__(self, role: Role) -> None:
        self._role = role

    def __call__(
        self,
        request: Request,
        key: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
        session: Annotated[str | None, Depends(_cookie)],
    ) -> Caller:
        """Returns who is calling, as the route, a `GuardedRoute`, has found out."""
        caller: Caller = request.state.who
        return caller

    def check(self, request: Request) -> None:
        """Finds out who is calling, for the route to be told and the log.

        Raises:
            UnknownCaller, Forbidden, TooMany: As for `identify`, and where their role does not cover this one.
        """
        caller = identify(request)
        request.state.caller = caller.name
        if not caller.role.covers(self._role):
            raise Forbidden(f"role: got {caller.role.value!r}, expected {self._role.value!r}")
        request.state.who = caller


class GuardedRoute(BodyRoute):
    """A route that asks who is calling before it reads what they sent, of which a stranger could send a lot."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Returns what answers a request: nothing of it is read for those who may not ask."""
        answer = super().get_route_handler()
        required = list(_required(self.dependant))

        async def guarded(request: Request) -> Response:
            for each in required:
                await run_in_threadpool(each.check, request)
            return await answer(request)

        return guarded


def _required(dependant: Dependant) -> Iterator[Required]:
    if isinstance(dependant.call, Required):
        yield dependant.call
    for each in dependant.dependencies:
        yield from _required(each)


Viewer = Annotated[Caller, Depends(Required(Role.VIEWER))]
Experimenter = Annotated[Caller, Depends(Required(Role.EXPERIMENTER))]
Admin = Annotated[Caller, Depends(Required(Role.ADMIN))]
