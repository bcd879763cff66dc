"""The one JSON shape of every error, and how routes declare theirs.

{"error": {"code": "conflict", "message": "study ...", "request_id": "4f0c...", "details": []}}
"""

import json
import sys
import tempfile
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from nebula.errors import NebulaError
from nebula.messages import short
from service import errors
from service.api.parts import parts_of
from service.errors import ServiceError
from service.settings import Settings

_CODES: dict[int, str] = {
    kind.status: kind.code
    for kind in (
        errors.RequestError,
        errors.UnknownCaller,
        errors.Forbidden,
        errors.NotFound,
        errors.Conflict,
        errors.Gone,
        errors.TooLarge,
        errors.Unprocessable,
        errors.TooMany,
        errors.Unavailable,
        errors.ServiceError,
    )
} | {405: "method_not_allowed", 406: "not_acceptable", 415: "unsupported_media_type", 416: "range_not_satisfiable"}

Handler = Callable[[Request, Exception], Awaitable[Response]]

_SHOWN_CHARACTERS = 100

# Where packages, temporary files and people's own lie, the longest first.
_CODE = str(Path(errors.__file__).parents[1])
_FOLDERS = sorted({sys.prefix, sys.base_prefix, _CODE, tempfile.gettempdir(), str(Path.home())}, key=len, reverse=True)


class Detail(BaseModel):
    """One value that cannot be used."""

    where: Annotated[str, Field(description="Path to the value, such as body.search.phases.0.trials.")]
    message: str


class Problem(BaseModel):
    """Why a request failed."""

    code: Annotated[str, Field(description="The kind of error in one word, for programs.")]
    message: Annotated[str, Field(description="The thing, the value that was given, and what is allowed; one line.")]
    request_id: Annotated[str, Field(description="Also in the header X-Request-ID, and in the server's log.")]
    details: Annotated[list[Detail], Field(description="Every value that cannot be used, where there are several.")]


class ProblemAnswer(BaseModel):
    """The answer to every request that fails."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "error": {
                        "code": "not_found",
                        "message": "study '00f1a2b3c4d5e6f7': there is none",
                        "request_id": "9f86d081884c7d65",
                        "details": [],
                    }
                }
            ]
        }
    )

    error: Problem


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Returns the declaration of a route's errors: `responses=problems(404, 409)`."""
    return {status: {"model": ProblemAnswer, "description": HTTPStatus(status).phrase} for status in sorted(statuses)}


#: What every route under /v1 may answer with.
COMMON = problems(400, 401, 403, 404, 405, 413, 422, 429, 500, 503)


def answer(
    status: int,
    message: str,
    request_id: str,
    *,
    details: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """Returns an error in the one shape."""
    content = {
        "code": _CODES.get(status, "error"),
        "message": " ".join(message.split()),
        "request_id": request_id,
        "details": details or [],
    }
    return JSONResponse({"error": content}, status, headers)


def add_handlers(app: FastAPI, page: Callable[[Request, int, str], Response]) -> None:
    """Gives every way in which a request can fail the one shape; what nobody foresaw is left to the envelope.

    Args:
        app: What fails.
        page: Returns what is shown instead to a person whose browser asks for a page: given the request, the status and
            the message.
    """
    handlers: dict[type[Exception], Handler] = {
        ServiceError: _service,
        NebulaError: _nebula,
        HTTPException: _http,
        RequestValidationError: _validation,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, _for_people(handler, page))


def _for_people(handler: Handler, page: Callable[[Request, int, str], Response]) -> Handler:
    async def handle(request: Request, error: Exception) -> Response:
        problem = await handler(request, error)
        # Scripts and programs do not ask for HTML; a browser that follows a link does.
        if request.method != "GET" or "text/html" not in request.headers.get("accept", ""):
            return problem
        message = json.loads(bytes(problem.body))["error"]["message"]
        return page(request, problem.status_code, message)

    return handle


async def _service(request: Request, error: Exception) -> Response:
    assert isinstance(error, ServiceError)
    message = _said(error, request)
    return answer(error.status, message, request.state.request_id, headers=error.headers)


async def _nebula(request: Request, error: Exception) -> Response:
    return answer(422, _said(error, request), request.state.request_id)


def _said(error: Exception, request: Request) -> str:
    return without_folders(str(error), parts_of(request)[Settings].home)


def without_folders(message: str, home: Path) -> str:
    """Returns a message without the folders of this machine, which are nobody's business who calls.

    Args:
        message: What is said.
        home: The home folder.
    """
    for folder in (str(home), *_FOLDERS):
        message = message.replace(f"{folder}/", "").replace(folder, "...")
    return message


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(sorted(_methods(request)))
    message = f"{request.method} {request.url.path[:_SHOWN_CHARACTERS]}: {error.detail.lower()}"
    return answer(error.status_code, message, request.state.request_id, headers=headers)


def _methods(request: Request) -> set[str]:
    """Returns every method that a path knows; the router itself names those of one route, though several share it."""
    found: set[str] = set()
    for route in iter_route_contexts(request.app.routes):
        if route.path_regex.match(request.url.path):
            found |= set(route.methods or ())
    return found


async def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(problem["loc"][0] == "path" for problem in found):
        # A value in the path that cannot be read names nothing, like an id that is unknown.
        return answer(404, f"{request.url.path[:_SHOWN_CHARACTERS]}: there is no such thing", request.state.request_id)
    details = [_detail(problem) for problem in found]
    first = details[0]
    return answer(422, f"{first['where']}: {first['message']}", request.state.request_id, details=details)


def _detail(problem: dict[str, Any]) -> dict[str, str]:
    where = ".".join(str(part) for part in problem["loc"])
    message = problem["msg"].removeprefix("Value error, ")
    message = message[:1].lower() + message[1:]
    if problem["type"] == "missing":
        return {"where": where, "message": "missing"}
    if problem["type"] == "extra_forbidden":
        return {"where": where, "message": "unknown key"}
    if problem["type"] == "json_invalid":
        return {"where": "body", "message": f"not JSON ({problem['ctx']['error'].lower()})"}
    if problem["type"] == "value_error" and isinstance(problem["input"], dict):
        # Values that do not go together: the sentence names them, and repeating a whole object helps nobody.
        return {"where": where, "message": message}
    return {"where": where, "message": f"got {short(problem['input'], _SHOWN_CHARACTERS)}, {message}"}
