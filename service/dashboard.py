"""Optuna's dashboard on the same port: behind our keys, for looking only, and with sounds that can be sought in.

It knows only absolute paths, so requests for them are told apart before our own routes see any.
"""

from pathlib import Path
from threading import Lock

from sqlalchemy import create_engine, inspect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.accounts.access import identify
from service.api.problems import answer
from service.api.ranges import ranged
from service.errors import ServiceError, Unavailable
from service.settings import Settings
from service.studies.results import artifacts_folder

#: First parts of the dashboard's paths.
PREFIXES = frozenset({"dashboard", "static", "api", "artifacts", "csv"})

# Its databases count to nine digits and a little more; what is longer makes it fail.
_LONGEST_NUMBER = 9

_METHODS = ("GET", "HEAD", "OPTIONS")


class Dashboard:
    """Answers what is the dashboard's, and passes on the rest.

    Args:
        app: What answers the rest.
        settings: Where Optuna's tables and the artifacts are.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._settings = app, settings
        self._opening = Lock()
        self._opened: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request."""
        if scope["type"] != "http" or scope["path"].split("/")[1] not in PREFIXES:
            await self._app(scope, receive, send)
            return
        refusal: Response
        if any(part.isdecimal() and len(part) > _LONGEST_NUMBER for part in scope["path"].split("/")):
            message = f"{scope['method']} {scope['path'][:100]}: not found"
            refusal = answer(404, message, scope["state"]["request_id"])
            await refusal(scope, receive, send)
            return
        try:
            caller = await run_in_threadpool(identify, HTTPConnection(scope))
            scope["state"]["caller"] = caller.name
            if scope["method"] not in _METHODS:
                message = f"{scope['method']} {scope['path'][:100]}: the dashboard is for looking only"
                refusal = answer(405, message, scope["state"]["request_id"], headers={"Allow": ", ".join(_METHODS)})
            elif scope["method"] == "OPTIONS":
                refusal = Response(status_code=204, headers={"Allow": ", ".join(_METHODS)})
            else:
                await self._show(await run_in_threadpool(self._open), scope, receive, send)
                return
        except ServiceError as error:
            refusal = answer(error.status, str(error), scope["state"]["request_id"], headers=error.headers)
        await refusal(scope, receive, send)

    async def _show(self, dashboard: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        # Without one it would send its compressed script to whom it cannot tell so, and fail.
        MutableHeaders(scope=scope).setdefault("accept-encoding", "identity")
        if scope["path"].startswith("/artifacts/"):
            await (await _whole(dashboard, scope, receive))(scope, receive, send)
        else:
            await dashboard(scope, receive, send)

    def _open(self) -> ASGIApp:
        """Returns the dashboard, over tables that the manager has made.

        Raises:
            Unavailable: There are none yet, or their database does not answer.
        """
        with self._opening:
            if self._opened is None:
                url = self._settings.optuna_storage
                if not _has_tables(url):
                    raise Unavailable("dashboard: no study has begun yet, so there is nothing to show")
                self._opened = _asgi(url, artifacts_folder(self._settings.home))
            return self._opened


def _asgi(url: str, artifacts: Path) -> ASGIApp:
    # Imported here: with scikit-learn and SciPy's statistics it takes 60 MB and more than a second, which a server that
    # nobody opens it on need not spend.
    from a2wsgi import WSGIMiddleware
    from optuna.artifacts import FileSystemArtifactStore
    from optuna.storages import RDBStorage
    from optuna_dashboard import wsgi

    # Only the manager makes and changes them. Connections end with each request: few look at it.
    storage = RDBStorage(url, {"poolclass": NullPool}, skip_table_creation=True, skip_compatibility_check=True)
    # Its types are those of `a2wsgi` itself, which says the same as Starlette in other words.
    app: ASGIApp = WSGIMiddleware(wsgi(storage, artifact_store=FileSystemArtifactStore(artifacts)))  # type: ignore[assignment]
    return app


def _has_tables(url: str) -> bool:
    engine = create_engine(url)
    try:
        return inspect(engine).has_table("version_info")
    except SQLAlchemyError as error:
        raise Unavailable("dashboard: its database does not answer") from error
    finally:
        engine.dispose()


async def _whole(dashboard: ASGIApp, scope: Scope, receive: Receive) -> Response:
    """Returns an artifact, or the part that was asked for: players seek in sounds, and the dashboard cannot."""
    messages: list[Message] = []

    async def collect(message: Message) -> None:
        messages.append(message)

    await dashboard(scope, receive, collect)
    status, kind = messages[0]["status"], Headers(raw=messages[0]["headers"]).get("content-type", "")
    content = b"".join(message.get("body", b"") for message in messages[1:])
    if status != 200:
        return Response(content, status, media_type=kind)
    return ranged(Request(scope), content, kind, keep_seconds=86400)
