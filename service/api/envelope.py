"""What every request gets, whatever answers it: an id, a line in the log, security headers, a limit to its size.

Written against ASGI itself, so that streams stay streams.
"""

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.logs import request_id as current_request_id
from service.api.problems import answer
from service.database.faults import fault
from service.errors import TooLarge, Unavailable

_log = logging.getLogger("service.access")

#: Most bytes in the body of a request that is not an upload.
BODY_BYTES = 1 << 20

#: Paths whose routes read the body themselves, piece by piece and with limits of their own.
UPLOADS = (re.compile(r"^/v1/corpora(/[^/]*)?$"),)

# Invites, session and audio tokens, and links for others: whoever reads the log must not be able to answer as a
# participant, or see what was shown to somebody else.
_CAPABILITY = re.compile(
    r"^(/listen/|/v1/listen/(?:sessions/)?|/shared/|/v1/shared/)(?!sessions/)[^/]+(?:(/audio/)[^/]+)?"
)

# Links for others, whose address is all that it takes to open them.
_LINKS = ("/shared/", "/v1/shared/")

_REQUEST_ID = re.compile(r"^[A-Za-z0-9_-]{8,64}$")

#: Sent with every answer that does not set them itself. Pages load scripts, styles and sounds from here and nowhere
#: else, and have none in themselves; `blob:` and `data:` are sounds and pictures that a page has made.
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


#: Sent with what a link for others shows, and where there is nothing: the address goes nowhere else, and into no index.
LINK_HEADERS = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}


class Envelope:
    """The outermost layer of the application.

    Args:
        app: What answers.
        uploads: Paths whose bodies are not limited here.
    """

    def __init__(self, app: ASGIApp, uploads: Iterable[re.Pattern[str]] = UPLOADS) -> None:
        self._app = app
        self._uploads = tuple(uploads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.match(given) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        token = current_request_id.set(request_id)
        began = time.perf_counter()
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                head = MutableHeaders(scope=message)
                if scope["path"].startswith(_LINKS):
                    head.update(LINK_HEADERS)
                for name, value in SECURITY_HEADERS.items():
                    head.setdefault(name, value)
                if scope["path"].startswith("/v1"):
                    head.setdefault("Cache-Control", "no-store")
                head["X-Request-ID"] = request_id
            await send(message)

        try:
            if not any(pattern.match(scope["path"]) for pattern in self._uploads):
                receive = _limited(headers, receive)
            refusal = _unspeakable(scope, request_id)
            await (refusal or self._app)(scope, receive, send_with_headers)
        except TooLarge as error:
            await answer(413, str(error), request_id)(scope, receive, send_with_headers)
        except asyncio.CancelledError:
            # Nothing but the server's own end, which waits a while, breaks off what is being answered.
            if status:
                raise
            message = "the server is stopping; ask again in a moment"
            await answer(503, message, request_id, headers=Unavailable.headers)(scope, receive, send_with_headers)
        except Exception as error:
            reason = fault(error)
            if reason and not status:
                # Nobody's mistake here: the sentence says more than a traceback does.
                _log.warning("unavailable", extra={"path": loggable(scope["path"]), "reason": reason})
                refusal = answer(503, reason, request_id, headers=Unavailable.headers)
                await refusal(scope, receive, send_with_headers)
                return
            _log.exception("failed", extra={"method": scope["method"], "path": loggable(scope["path"])})
            if status:
                raise  # an answer that is under way can only be broken off
            message = "the server failed; its log tells more under this request id"
            await answer(500, message, request_id)(scope, receive, send_with_headers)
        finally:
            # The path without the query, which may hold a key.
            _log.info(
                "request",
                extra={
                    "method": scope["method"],
                    "path": loggable(scope["path"]),
                    "status": status,
                    "milliseconds": round(1000 * (time.perf_counter() - began), 1),
                    "caller": scope["state"].get("caller", ""),
                },
            )
            current_request_id.reset(token)


def _unspeakable(scope: Scope, request_id: str) -> ASGIApp | None:
    """Returns the answer to a request whose address holds a null character, None to any other.

    No thing is called so, and PostgreSQL fails when it is asked.
    """
    if "\0" in scope["path"]:
        return answer(404, f"{loggable(scope['path'])[:100]!r}: there is no such thing", request_id)
    if b"%00" in scope["query_string"] or b"\0" in scope["query_string"]:
        return answer(422, "query: got text with a null character, expected none", request_id)
    return None


def loggable(path: str) -> str:
    """Returns a path as the log shows it: without what lets a participant or the holder of a link in."""
    return _CAPABILITY.sub(lambda found: f"{found[1]}...{found[2] + '...' if found[2] else ''}", path)


def _limited(headers: Headers, receive: Receive) -> Receive:
    """Returns `receive` that refuses to go on beyond the limit, whatever the head says.

    Raises:
        TooLarge: The head already says so.
    """
    announced = headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > BODY_BYTES:
        raise TooLarge(f"body: got {int(announced)} bytes, expected at most {BODY_BYTES}")
    received = 0

    async def limited() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > BODY_BYTES:
            raise TooLarge(f"body: got {received} bytes or more, expected at most {BODY_BYTES}")
        return message

    return limited
