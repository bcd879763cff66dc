"""`/v1/studies`, but for `POST /v1/studies` itself, which is in `service.launch`."""

import json
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from starlette.responses import StreamingResponse

from service.accounts.access import Experimenter, GuardedRoute, Viewer
from service.api.pages import After, Limit, Page
from service.api.parts import Given
from service.api.problems import COMMON, problems
from service.api.transactions import Transaction
from service.database import Database
from service.settings import Settings
from service.studies import queries
from service.studies.feed import Feed, Happening
from service.studies.results import read_result
from service.studies.schemas import (
    ScoresAnswer,
    StudyAnswer,
    StudyPatch,
    StudySummary,
    StudyTagAnswer,
    StudyTagName,
    StudyTagsAnswer,
    TrialAnswer,
)
from service.studies.scores import Scoreboard
from service.studies.states import StudyOrder, StudyState, StudyVerb

router = APIRouter(route_class=GuardedRoute, prefix="/v1/studies", tags=["studies"], responses=COMMON)

StudyId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$", description="As the answer to its POST told.")]

# The report is one page with its own script, style and sounds. In a sandbox it can neither call this API nor read the
# browser's session, whatever names it shows.
_REPORT_POLICY = (
    "sandbox allow-scripts allow-downloads; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; media-src data: blob:; font-src data:"
)

# What PostgreSQL can count to in an integer column.
_EVENT_IDS = 2**31 - 1


@router.get("")
def list_studies(
    session: Transaction,
    caller: Viewer,
    state: StudyState | None = None,
    tag: Annotated[StudyTagName | None, Query(description="Only those that have it.")] = None,
    search: Annotated[str, Query(max_length=64, description="Part of name, tags or note, whatever the case.")] = "",
    order: Annotated[
        StudyOrder, Query(description="`score`: only those that were re-scored, the smallest first.")
    ] = StudyOrder.NEWEST,
    after: After = None,
    limit: Limit = 50,
) -> Page[StudySummary]:
    """Lists studies, the newest first if nothing else is asked for."""
    return Page[StudySummary].of(queries.listed(session, state, tag, search, order, after, limit))


@router.get("/tags")
def list_tags(session: Transaction, caller: Viewer) -> StudyTagsAnswer:
    """Lists every tag that a study has, and how many have it."""
    items = [StudyTagAnswer(tag=tag, studies=studies) for tag, studies in queries.tags(session)]
    return StudyTagsAnswer(items=items)


@router.get("/{study_id}")
def get_study(session: Transaction, caller: Viewer, study_id: StudyId) -> StudyAnswer:
    """Shows a study."""
    return StudyAnswer.model_validate(queries.find(session, study_id))


@router.patch("/{study_id}", responses=problems(409))
def change_study(session: Transaction, caller: Experimenter, study_id: StudyId, body: StudyPatch) -> StudyAnswer:
    """Gives a study another name, tags or a note; its files and its spec keep the name that it was posted under."""
    return StudyAnswer.model_validate(queries.amend(session, caller, study_id, body.name, body.tags, body.note))


@router.post("/{study_id}/pause", responses=problems(409))
def pause_study(session: Transaction, caller: Experimenter, study_id: StudyId) -> StudyAnswer:
    """Has a study let go of the workers; it keeps what is finished. A running one obeys within seconds."""
    return StudyAnswer.model_validate(queries.ask(session, caller, study_id, StudyVerb.PAUSE))


@router.post("/{study_id}/resume", responses=problems(409))
def resume_study(session: Transaction, caller: Experimenter, study_id: StudyId) -> StudyAnswer:
    """Queues a study again that was paused or failed; it goes on where it was."""
    return StudyAnswer.model_validate(queries.ask(session, caller, study_id, StudyVerb.RESUME))


@router.post("/{study_id}/stop", responses=problems(409))
def stop_study(session: Transaction, caller: Experimenter, study_id: StudyId) -> StudyAnswer:
    """Has a study finish the trials that run, re-score the best so far and write its results."""
    return StudyAnswer.model_validate(queries.ask(session, caller, study_id, StudyVerb.STOP))


@router.post("/{study_id}/skip", responses=problems(409))
def skip_classifiers(session: Transaction, caller: Experimenter, study_id: StudyId) -> StudyAnswer:
    """Has a study that asks classifiers write its results without them."""
    return StudyAnswer.model_validate(queries.ask(session, caller, study_id, StudyVerb.SKIP))


@router.post("/{study_id}/cancel", responses=problems(409))
def cancel_study(session: Transaction, caller: Experimenter, study_id: StudyId) -> StudyAnswer:
    """Ends a study without results; what runs is dropped."""
    return StudyAnswer.model_validate(queries.ask(session, caller, study_id, StudyVerb.CANCEL))


@router.get("/{study_id}/trials")
def list_trials(
    session: Transaction, caller: Viewer, study_id: StudyId, after: After = None, limit: Limit = 50
) -> Page[TrialAnswer]:
    """Lists a study's finished trials, in the order in which they finished."""
    return Page[TrialAnswer].of(queries.trials(session, study_id, after, limit))


@router.get("/{study_id}/scores", response_model=ScoresAnswer)
def get_scores(request: Request, parts: Given, session: Transaction, caller: Viewer, study_id: StudyId) -> Response:
    """Shows the scores of all trials at once, for a plot."""
    compressed = "gzip" in request.headers.get("accept-encoding", "")
    content = parts[Scoreboard].written(session, study_id, compressed)
    headers = {"Vary": "Accept-Encoding"} | ({"Content-Encoding": "gzip"} if compressed else {})
    return Response(content, media_type="application/json", headers=headers)


def _existing(parts: Given, caller: Viewer, study_id: StudyId) -> str:
    # In a transaction of its own: that of a stream would last as long as the stream.
    with parts[Database].read() as session:
        return queries.find(session, study_id).id


@router.get(
    "/{study_id}/events",
    response_class=StreamingResponse,
    responses={200: {"description": "Server-sent events.", "content": {"text/event-stream": {}}}},
)
async def follow_study(
    parts: Given,
    study_id: Annotated[str, Depends(_existing)],
    after: Annotated[int | None, Query(ge=0, le=_EVENT_IDS, description="The last event that is known.")] = None,
    last_event_id: Annotated[
        str | None, Header(pattern=r"^[0-9]{1,9}$", description="The same, as browsers send it when they come back.")
    ] = None,
) -> StreamingResponse:
    """Streams what happens to a study: from now on, or from what came after the last event that is known.

    The events are `state`, `wish`, `stage`, `trial`, `best`, `importance`, `finalist` and `failure`. Each has an id and
    JSON data.
    """
    known = int(last_event_id) if last_event_id is not None else after
    happenings = parts[Feed].follow(study_id, known)
    # Proxies that collect answers would keep events back.
    return StreamingResponse(_lines(happenings), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _lines(happenings: AsyncIterator[Happening | None]) -> AsyncIterator[bytes]:
    yield KEEPALIVE_COMMENT  # at once, so that the browser knows that it is connected
    async for happening in happenings:
        if happening is None:
            yield KEEPALIVE_COMMENT
        else:
            data = json.dumps(happening.data)
            yield format_sse_event(data_str=data, event=happening.kind, id=str(happening.id))


@router.get(
    "/{study_id}/nebula",
    response_class=Response,
    responses={200: {"description": "The nebula in torchsynth's form.", "content": {"application/json": {}}}},
)
def get_nebula(parts: Given, session: Transaction, caller: Viewer, study_id: StudyId) -> Response:
    """Shows the nebula that a study has found."""
    content = read_result(parts[Settings], queries.find(session, study_id), "nebula.json")
    return Response(content, media_type="application/json")


@router.get(
    "/{study_id}/provenance",
    response_class=Response,
    responses={200: {"description": "How it was made.", "content": {"application/json": {}}}},
)
def get_provenance(parts: Given, session: Transaction, caller: Viewer, study_id: StudyId) -> Response:
    """Shows how the nebula was made: what is needed to make it again and to judge it."""
    content = read_result(parts[Settings], queries.find(session, study_id), "nebula.provenance.json")
    return Response(content, media_type="application/json")


@router.get(
    "/{study_id}/report",
    response_class=Response,
    responses={200: {"description": "A page that needs no other.", "content": {"text/html": {}}}},
)
def get_report(parts: Given, session: Transaction, caller: Viewer, study_id: StudyId) -> Response:
    """Shows the report of a finished study."""
    content = read_result(parts[Settings], queries.find(session, study_id), "report.html")
    return Response(content, media_type="text/html", headers={"Content-Security-Policy": _REPORT_POLICY})


@router.get(
    "/{study_id}/trials.csv",
    response_class=Response,
    responses={200: {"description": "A row a trial, a column a hyperparameter.", "content": {"text/csv": {}}}},
)
def get_trials_table(parts: Given, session: Transaction, caller: Viewer, study_id: StudyId) -> Response:
    """Shows all trials of a finished study with what was tried in each."""
    content = read_result(parts[Settings], queries.find(session, study_id), "trials.csv")
    return Response(content, media_type="text/csv")
