"""Parts of what is in memory, as browsers ask for them to seek in a sound (RFC 9110, section 14)."""

import hashlib
import re
from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from service.api.forms import MEDIA_TYPES, SoundForm
from service.api.loudness import MATCHED_LUFS, Loudness
from service.api.problems import answer, problems

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")

_CONTENT = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in MEDIA_TYPES.values()}

#: Statuses and headers of a route that answers with `ranged`, for its `responses`.
SOUND_RESPONSES: dict[int | str, dict[str, object]] = {
    200: {"description": "The sound.", "content": _CONTENT},
    206: {"description": "A part.", "content": _CONTENT},
    304: {"description": "The caller has it already."},
    **problems(416),
}

LoudnessQuery = Annotated[
    Loudness,
    Query(description=f"`matched` brings every sound to {MATCHED_LUFS:.0f} LUFS, so that the louder one does not win."),
]

FormQuery = Annotated[
    SoundForm,
    Query(alias="as", description="`wav` to be taken along, `picture` a PNG of spectrogram and waveform, to be seen."),
]


def ranged(request: Request, content: bytes, media_type: str, *, keep_seconds: int = 0) -> Response:
    """Returns content whole, or the one part that the request asks for.

    Several parts in one request, which no player asks for, are answered with the whole.

    Args:
        request: What may have the headers `Range`, `If-Range` and `If-None-Match`.
        content: All of it.
        media_type: Its type.
        keep_seconds: How long the caller may keep it without asking again.
    """
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": tag,
        "Cache-Control": f"private, max-age={keep_seconds}" if keep_seconds else "private, no-cache",
    }
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    match = _RANGE.fullmatch(request.headers.get("range", "").replace(" ", ""))
    if match is None or match.groups() == ("", "") or request.headers.get("if-range", tag) != tag:
        return Response(content, 200, headers, media_type)
    first, last = match.groups()
    start = int(first) if first else max(0, len(content) - int(last))
    end = min(int(last), len(content) - 1) if first and last else len(content) - 1
    if first and last and int(last) < start:
        return Response(content, 200, headers, media_type)  # not a range at all, and then to be passed over
    if start >= len(content) or (not first and last == "0"):
        message = f"range: got {request.headers['range'][:100]!r}, expected a part of {len(content)} bytes"
        whole = {"Content-Range": f"bytes */{len(content)}"}
        return answer(416, message, request.state.request_id, headers=headers | whole)
    headers["Content-Range"] = f"bytes {start}-{end}/{len(content)}"
    return Response(content[start : end + 1], 206, headers, media_type)
