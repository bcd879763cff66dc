"""`/v1/matches`."""

from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from nebula import synths
from service.accounts import audit
from service.accounts.access import Experimenter, GuardedRoute, Viewer
from service.api.idempotency import Idempotent
from service.api.loudness import Loudness
from service.api.pages import After, Limit, Page
from service.api.parts import Given
from service.api.problems import COMMON, problems
from service.api.ranges import SOUND_RESPONSES, LoudnessQuery, ranged
from service.api.transactions import Transaction
from service.corpora import queries as corpora
from service.errors import Conflict
from service.matches import queries
from service.matches.rendering import MatchRenderer
from service.matches.schemas import MatchAnswer, MatchPost
from service.matches.tables import MatchState, RecordingMatch

router = APIRouter(route_class=GuardedRoute, prefix="/v1/matches", tags=["matches"], responses=COMMON)

MatchId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$", description="As the answer to its POST told.")]

_FILE: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
_CONTENT = {f"audio/{kind}": _FILE for kind in ("flac", "wav")}
_SOUND = SOUND_RESPONSES | {status: {**SOUND_RESPONSES[status], "content": _CONTENT} for status in (200, 206)}
_PRESET: dict[int | str, dict[str, Any]] = {200: {"content": {"application/octet-stream": {}}}}


@router.post("", status_code=201, responses=problems(409))
def post_match(session: Transaction, once: Idempotent, caller: Experimenter, body: MatchPost) -> MatchAnswer:
    """Asks for the preset whose sound is nearest to a recording of a corpus.

    Matches are worked on one at a time, in the order in which they were asked for, each by one worker beside the
    studies; ask for its state until it is done or failed. One that runs while the server ends begins anew afterwards.
    """

    def do() -> MatchAnswer:
        sound = corpora.find_sound(session, body.corpus, body.sound)
        if sound.reason:
            raise Conflict(f"sound {sound.name!r}: {sound.reason}")
        if sound.excluded:
            raise Conflict(f"sound {sound.name!r}: is excluded from its corpus; put it back first")
        synths.get(body.synth).check("cpu")
        match = RecordingMatch(
            **body.model_dump(),
            corpus_name=corpora.find(session, body.corpus).name,
            recording=sound.name,
            owner=caller.key_id,
        )
        queries.add(session, match)
        audit.record(session, caller, "match.post", match.id, recording=match.recording, synth=match.synth)
        return _answer(match)

    return once(session, caller.key_id, body, do, MatchAnswer)


@router.get("")
def list_matches(session: Transaction, caller: Viewer, after: After = None, limit: Limit = 50) -> Page[MatchAnswer]:
    """Lists matches, the newest first."""
    found, following = queries.listed(session, after, limit)
    return Page[MatchAnswer](items=[_answer(match) for match in found], next=following)


@router.get("/{match_id}")
def get_match(session: Transaction, caller: Viewer, match_id: MatchId) -> MatchAnswer:
    """Shows a match, and how near it came once it is done."""
    return _answer(queries.find(session, match_id))


@router.delete("/{match_id}", status_code=204)
def delete_match(session: Transaction, caller: Experimenter, match_id: MatchId) -> None:
    """Deletes a match; one that runs ends within seconds."""
    session.delete(queries.find(session, match_id))
    audit.record(session, caller, "match.delete", match_id)


@router.get("/{match_id}/sound.{format}", response_class=Response, responses=_SOUND | problems(409))
def get_match_sound(
    session: Transaction,
    request: Request,
    parts: Given,
    caller: Viewer,
    match_id: MatchId,
    format: Literal["flac", "wav"],  # noqa: A002 - the path's name
    loudness: LoudnessQuery = Loudness.OWN,
) -> Response:
    """Plays the sound that was found: 4 s, mono, 44.1 kHz, 24 bit."""
    match = queries.find(session, match_id)
    return ranged(request, parts[MatchRenderer].sound(match, format, loudness), f"audio/{format}", keep_seconds=86400)


@router.get(
    "/{match_id}/preset",
    response_class=Response,
    responses=_PRESET | problems(409),
)
def get_match_preset(
    session: Transaction,
    parts: Given,
    caller: Viewer,
    match_id: MatchId,
    format: Annotated[  # noqa: A002 - the query's name
        str | None, Query(max_length=8, description="What the synth itself loads, json or csv; its own if not given.")
    ] = None,
) -> Response:
    """Gives the preset that was found: what the synth itself loads, or settings to be read."""
    match = queries.find(session, match_id)
    chosen = format or synths.get(match.synth).preset_formats[0]
    preset = parts[MatchRenderer].preset(match, PurePosixPath(match.recording).stem, chosen)
    headers = {"Content-Disposition": f'attachment; filename="{match.id}.{chosen}"'}
    return Response(preset, media_type="application/octet-stream", headers=headers)


def _answer(match: RecordingMatch) -> MatchAnswer:
    formats = list(synths.get(match.synth).preset_formats) if match.state is MatchState.DONE else []
    shown = {name: getattr(match, name) for name in MatchAnswer.model_fields if name != "preset_formats"}
    return MatchAnswer(**shown, preset_formats=formats)
