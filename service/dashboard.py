"""Optuna's dashboard on the same port: behind our keys, for looking only, and with sounds that can be sought in.

It knows only absolute paths, so requests for them are told apart before our own routes see any.
"""

import json
import re
from pathlib import Path
from threading import Lock

from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.accounts.access import identify
from service.api.problems import answer
from service.api.ranges import ranged
from service.errors import NotFound, ServiceError, Unavailable
from service.settings import Settings
from service.studies.results import artifacts_folder

#: First parts of the dashboard's paths.
PREFIXES = frozenset({"dashboard", "static", "api", "artifacts", "csv"})

# Its databases count to nine digits and a little more; what is longer makes it fail.
_LONGEST_NUMBER = 9

_METHODS = ("GET", "HEAD", "OPTIONS")

# Ours, among the dashboard's paths: it leads to what the dashboard shows of a study, by the study's id.
_OF_STUDY = re.compile(r"/dashboard/of/([0-9a-f]{16})")

_IMPORTANCES = re.compile(r"/api/studies/(\d+)/param_importances")

_DELETION = re.compile(r"/v1/studies/[0-9a-f]{16}")

# What its pages lack, and what they show though it is refused: they can make, rename and delete studies, and know
# nothing of ours.
_BESIDE = (
    '<style>button:has([data-testid="AddBoxIcon"]), [aria-label="rename study"], [aria-label="delete study"]'
    " { display: none !important; }"
    " .nebula-back { position: fixed; right: 1rem; bottom: 1rem; z-index: 2000; padding: 0.5rem 1rem; border-radius:"
    " 0.5rem; background: #0b6b70; color: #fff; font: 600 0.9rem system-ui, sans-serif; text-decoration: none; }"
    '</style><a class="nebula-back" href="/studies">Back to Nebula</a>'
)

# Headers that ask for another answer than the whole of it, or for another form of it.
_OF_PARTS = (b"accept-encoding", b"range", b"if-range", b"if-modified-since", b"if-none-match")

# Headers that no longer hold of a page to which something was added.
_OF_BYTES = ("content-length", "last-modified", "etag", "accept-ranges")

# How the ledger of a study's finalists is named.
_FINALISTS = re.compile(r": finalists after \d+ trials$")


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
            if scope.get("method") == "DELETE" and _DELETION.fullmatch(scope["path"]):
                # Optuna gives the number of a deleted study to the next one, and the dashboard remembers trials by it.
                self._opened = None
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
        of_study, importances = _OF_STUDY.fullmatch(scope["path"]), _IMPORTANCES.fullmatch(scope["path"])
        if of_study:
            number = await run_in_threadpool(_number, self._settings.optuna_storage, of_study[1])
            await RedirectResponse(f"/dashboard/studies/{number}", 303)(scope, receive, send)
        elif scope["path"].startswith("/artifacts/"):
            await (await _whole(dashboard, scope, receive))(scope, receive, send)
        elif scope["path"].startswith("/dashboard"):
            await (await _with_a_way_back(dashboard, scope, receive))(scope, receive, send)
        elif importances is not None and await run_in_threadpool(
            _lacks_hyperparameters, self._settings.optuna_storage, int(importances[1])
        ):
            # Of finalists: their ledger has none, and the dashboard fails to say so.
            await JSONResponse({"param_importances": [[]]})(scope, receive, send)
        elif scope["path"] == "/api/studies":
            await (await _without_finalists(dashboard, scope, receive))(scope, receive, send)
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


def _number(url: str, study_id: str) -> int:
    """Returns Optuna's number of a study.

    Raises:
        NotFound: It has no trial yet.
        Unavailable: The database does not answer.
    """
    # Ledgers are named after their study, and end with its id.
    found = _scalar(url, "SELECT study_id FROM studies WHERE study_name LIKE :asked", f"% {study_id}")
    if found is None:
        raise NotFound(f"study {study_id!r}: has no trial yet")
    return found


def _lacks_hyperparameters(url: str, number: int) -> bool:
    """Returns whether a study of Optuna's has trials and none of them has any.

    Raises:
        Unavailable: The database does not answer.
    """
    has_some = "EXISTS (SELECT 1 FROM trial_params WHERE trial_params.trial_id = trials.trial_id)"
    query = f"SELECT max(CASE WHEN {has_some} THEN 1 ELSE 0 END) FROM trials WHERE study_id = :asked"
    return _scalar(url, query, number) == 0


def _scalar(url: str, query: str, asked: str | int) -> int | None:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            found: int | None = connection.scalar(text(query), {"asked": asked})
    except SQLAlchemyError as error:
        raise Unavailable("dashboard: its database does not answer") from error
    finally:
        engine.dispose()
    return found


async def _without_finalists(dashboard: ASGIApp, scope: Scope, receive: Receive) -> Response:
    """Returns the list of studies without the ledgers of finalists, as which each study would be there twice."""
    status, headers, content = await _answered(dashboard, _plainly(scope), receive)
    if status == 200:
        listed = json.loads(content)
        summaries = listed["study_summaries"]
        listed["study_summaries"] = [one for one in summaries if not _FINALISTS.search(one["study_name"])]
        content = json.dumps(listed).encode()
    return Response(content, status, media_type=headers.get("content-type"))


async def _with_a_way_back(dashboard: ASGIApp, scope: Scope, receive: Receive) -> Response:
    """Returns a page of the dashboard that leads back, and offers nothing that is refused."""
    status, headers, content = await _answered(dashboard, _plainly(scope), receive)
    # Its own content security policy among them: its charts need more than our pages do.
    kept = {name: value for name, value in headers.items() if name not in _OF_BYTES}
    return Response(content.replace(b"</body>", _BESIDE.encode() + b"</body>"), status, kept)


def _plainly(scope: Scope) -> Scope:
    """Returns a request for the whole of an answer, not compressed, whatever of it was asked for."""
    headers = [(name, value) for name, value in scope["headers"] if name not in _OF_PARTS]
    return {**scope, "method": "GET", "headers": [*headers, (b"accept-encoding", b"identity")]}


async def _answered(dashboard: ASGIApp, scope: Scope, receive: Receive) -> tuple[int, Headers, bytes]:
    """Returns the status, the headers and the content of what the dashboard answers."""
    messages: list[Message] = []

    async def collect(message: Message) -> None:
        messages.append(message)

    await dashboard(scope, receive, collect)
    headers = Headers(raw=messages[0]["headers"])
    return messages[0]["status"], headers, b"".join(message.get("body", b"") for message in messages[1:])


async def _whole(dashboard: ASGIApp, scope: Scope, receive: Receive) -> Response:
    """Returns an artifact, or the part that was asked for: players seek in sounds, and the dashboard cannot."""
    status, headers, content = await _answered(dashboard, scope, receive)
    if status != 200:
        return Response(content, status, media_type=headers.get("content-type"))
    return ranged(Request(scope), content, headers.get("content-type", ""), keep_seconds=86400)
