"""`/v1/listening-tests`: experimenters plan, seal, open, close and unblind."""

import io
from dataclasses import asdict
from typing import Annotated

import segno
from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy.orm import Session

from nebula.listening import verify
from service.accounts import audit as log
from service.accounts.access import Experimenter, GuardedRoute, Viewer
from service.api.idempotency import Idempotent
from service.api.pages import After, Limit, Page
from service.api.parts import Given
from service.api.problems import COMMON, problems
from service.api.transactions import Transaction
from service.database import Database, now
from service.errors import Conflict
from service.listening import queries
from service.listening.audit import CHECKS, audit, unaudited
from service.listening.joining import new_token
from service.listening.queries import Counts
from service.listening.remarks import remarks
from service.listening.schemas import (
    AuditReport,
    CountsAnswer,
    KeyMapAnswer,
    LeakAnswer,
    ListeningAnswer,
    ListeningSummary,
)
from service.listening.sealing import Sealer
from service.listening.spec import ListeningSpec
from service.listening.states import ListeningState, ListeningVerb, after
from service.listening.stimuli import count
from service.listening.store import StimulusStore
from service.listening.tables import ListeningTest
from service.listening.trying import try_plan
from service.listening.wording import planned

router = APIRouter(
    route_class=GuardedRoute,
    prefix="/v1/listening-tests",
    tags=["listening tests"],
    responses=COMMON | problems(409, 410),
)

TestId = Annotated[str, Path(pattern="^[0-9a-f]{16}$", description="As the list of listening tests shows it.")]


Origin = Annotated[
    str | None,
    Query(
        pattern=r"^https?://[^\s/?#]+$",
        max_length=200,
        description="Scheme, host and port at which participants reach the server; those of this request if not given.",
    ),
]


@router.get("")
def list_tests(session: Transaction, caller: Viewer, after: After = None, limit: Limit = 100) -> Page[ListeningSummary]:
    """Lists listening tests, the newest first."""
    tests, following = queries.listed(session, after, limit)
    known = queries.counts(session, [test.id for test in tests])
    return Page[ListeningSummary](items=[_summary(test, known[test.id]) for test in tests], next=following)


@router.post("", status_code=201)
def plan_test(session: Transaction, once: Idempotent, caller: Experimenter, body: ListeningSpec) -> ListeningAnswer:
    """Plans a listening test; it is a draft."""

    def do() -> ListeningAnswer:
        count(body)
        try_plan(body)
        test = ListeningTest(spec=body.model_dump(mode="json"), owner=caller.key_id)
        session.add(test)
        session.flush()
        log.record(session, caller, "listening.plan", test.id)
        return _answer(session, test)

    return once(session, caller.key_id, body, do, ListeningAnswer)


@router.get("/{test_id}")
def get_test(session: Transaction, caller: Viewer, test_id: TestId) -> ListeningAnswer:
    """Shows a listening test, and of its answers how many there are."""
    return _answer(session, queries.find(session, test_id))


@router.put("/{test_id}")
def edit_test(session: Transaction, caller: Experimenter, test_id: TestId, body: ListeningSpec) -> ListeningAnswer:
    """Plans a draft anew."""
    count(body)
    try_plan(body)
    test = _moved(session, test_id, ListeningVerb.EDIT)
    test.spec, test.reason = body.model_dump(mode="json"), ""
    log.record(session, caller, "listening.edit", test.id)
    return _answer(session, test)


@router.delete("/{test_id}", status_code=204)
def delete_test(session: Transaction, parts: Given, caller: Experimenter, test_id: TestId) -> None:
    """Deletes a test that nobody has taken part in."""
    test = queries.find(session, test_id, changing=True)
    after(test.state, ListeningVerb.DELETE)
    session.delete(test)
    log.record(session, caller, "listening.delete", test.id)
    if test.folder is not None:
        parts[StimulusStore].remove(test.folder)


@router.post("/{test_id}/seal", status_code=202)
def seal_test(parts: Given, caller: Experimenter, test_id: TestId) -> ListeningAnswer:
    """Draws seeds, renders and aligns every sound, freezes the plan and commits to the key map. Takes a while.

    The test is `sealing` until then; one that cannot be rendered is a draft again, with a reason.
    """
    with parts[Database].begin() as session:
        test = _moved(session, test_id, ListeningVerb.SEAL)
        spec = queries.spec_of(test)
        # Once more: earlier versions took plans that cannot be analysed.
        try_plan(spec)
        parts[Sealer].sources(session, spec)
        test.rendered, test.reason = 0, ""
        log.record(session, caller, "listening.seal", test.id)
        answer = _answer(session, test)
    # Known to the database first: the thread looks there.
    parts[Sealer].seal(test_id)
    return answer


@router.post("/{test_id}/cancel")
def cancel_sealing(session: Transaction, caller: Experimenter, test_id: TestId) -> ListeningAnswer:
    """Makes a test that is being sealed a draft again; what was rendered is thrown away."""
    test = _moved(session, test_id, ListeningVerb.CANCEL)
    test.rendered, test.reason = 0, ""
    log.record(session, caller, "listening.cancel", test.id)
    return _answer(session, test)


@router.post("/{test_id}/copy", status_code=201)
def copy_test(session: Transaction, caller: Experimenter, test_id: TestId) -> ListeningAnswer:
    """Plans a new draft that is like a test in any state; its sounds will be others."""
    test = queries.find(session, test_id)
    copy = ListeningTest(spec=test.spec, owner=caller.key_id)
    session.add(copy)
    session.flush()
    log.record(session, caller, "listening.copy", copy.id, copied=test.id)
    return _answer(session, copy)


@router.get("/{test_id}/audit")
def audit_test(parts: Given, caller: Experimenter, test_id: TestId) -> AuditReport:
    """Looks for anything that could tell which sound is which. Takes seconds."""
    with parts[Database].read() as session:
        test = queries.find(session, test_id)
        if test.key_map is None:
            raise Conflict(f"listening test: is {test.state.value}, expected sealed or later to be audited")
        spec = queries.spec_of(test)
    findings = [LeakAnswer(check=found.check, message=found.message) for found in audit(test, parts[StimulusStore])]
    return AuditReport(passed=not findings, checks=list(CHECKS), findings=findings, remarks=unaudited(spec))


@router.post("/{test_id}/open")
def open_test(parts: Given, caller: Experimenter, test_id: TestId) -> ListeningAnswer:
    """Audits a sealed test and lets participants in, by a link. There is no way back."""
    with parts[Database].read() as session:
        test = queries.find(session, test_id)
        after(test.state, ListeningVerb.OPEN)
    # Without a transaction: it takes seconds, and others answer meanwhile.
    findings = audit(test, parts[StimulusStore])
    if findings:
        raise Conflict(f"listening test: the audit found leaks: {'; '.join(leak.message for leak in findings[:5])}")
    with parts[Database].begin() as session:
        test = _moved(session, test_id, ListeningVerb.OPEN)
        test.opened_at, test.invite = now(), new_token()
        log.record(session, caller, "listening.open", test.id)
        return _answer(session, test)


@router.get(
    "/{test_id}/invite.svg",
    response_class=Response,
    responses={200: {"description": "A QR code.", "content": {"image/svg+xml": {}}}},
)
def get_invite_code(
    session: Transaction, request: Request, caller: Viewer, test_id: TestId, origin: Origin = None
) -> Response:
    """Shows the link of an open test as a picture that phones read."""
    test = queries.find(session, test_id)
    if (invite := _invite(test)) is None:
        raise Conflict(f"listening test: is {test.state.value}, expected open to invite")
    file = io.BytesIO()
    address = (origin or str(request.base_url)).rstrip("/") + invite
    segno.make_qr(address).save(file, kind="svg", light="#fff", omitsize=True, xmldecl=False)
    return Response(file.getvalue(), media_type="image/svg+xml")


@router.post("/{test_id}/close")
def close_test(session: Transaction, caller: Experimenter, test_id: TestId) -> ListeningAnswer:
    """Takes no more answers. There is no way back."""
    test = _moved(session, test_id, ListeningVerb.CLOSE)
    test.closed_at = now()
    log.record(session, caller, "listening.close", test.id)
    return _answer(session, test)


@router.post("/{test_id}/unblind")
def unblind_test(session: Transaction, caller: Experimenter, test_id: TestId) -> KeyMapAnswer:
    """Shows which sound was which, after close only. There is no way back, and the log says who did it."""
    test = _moved(session, test_id, ListeningVerb.UNBLIND)
    test.unblinded_at = now()
    key = _key(test)
    log.record(session, caller, "listening.unblind", test.id, verified=key.verified)
    return key


@router.get("/{test_id}/key")
def get_key(session: Transaction, caller: Viewer, test_id: TestId) -> KeyMapAnswer:
    """Shows key map and salt of an unblinded test, and whether they are what was committed to."""
    test = queries.find(session, test_id)
    queries.require_unblinded(test)
    return _key(test)


def _moved(session: Session, test_id: str, verb: ListeningVerb) -> ListeningTest:
    """Returns a test in the state after a verb, held until the transaction ends.

    Raises:
        NotFound: There is none.
        Conflict: It is not in a state in which this can be done.
        Gone: It was done before.
    """
    test = queries.find(session, test_id, changing=True)
    state = after(test.state, verb)
    assert state is not None
    test.state = state
    return test


def _key(test: ListeningTest) -> KeyMapAnswer:
    assert test.commitment is not None
    assert test.salt is not None
    assert test.key_map is not None
    verified = verify(test.commitment, test.key_map, test.salt)
    return KeyMapAnswer(commitment=test.commitment, salt=test.salt, key_map=test.key_map, verified=verified)


def _summary(test: ListeningTest, counts: Counts) -> ListeningSummary:
    return ListeningSummary.model_validate(_shown(test, queries.spec_of(test), counts))


def _answer(session: Session, test: ListeningTest) -> ListeningAnswer:
    spec = queries.spec_of(test)
    shown = _shown(test, spec, queries.counts(session, [test.id])[test.id])
    # Frozen: what was committed to, whatever presets mean by now.
    plan = spec.plan.to_json() if test.key_map is None else test.key_map["plan"]
    return ListeningAnswer.model_validate(
        shown
        | {
            "spec": spec,
            "texts": planned(spec),
            "languages": spec.languages,
            "plan": plan,
            "commitment": test.commitment,
            "loudness_lufs": test.loudness_lufs,
            "remarks": remarks(session, test, spec),
            "invite": _invite(test),
        }
    )


def _invite(test: ListeningTest) -> str | None:
    """Returns the path that leads participants to a test, None while it is not open."""
    return f"/listen/{test.invite}" if test.state is ListeningState.OPEN else None


def _shown(test: ListeningTest, spec: ListeningSpec, counts: Counts) -> dict[str, object]:
    return {
        "id": test.id,
        "name": spec.name,
        "method": spec.method.value,
        "state": test.state,
        "reason": test.reason,
        "rendered": test.rendered,
        "sounds": count(spec),
        "counts": CountsAnswer(**asdict(counts)),
        "created_at": test.created_at,
        "sealed_at": test.sealed_at,
        "opened_at": test.opened_at,
        "closed_at": test.closed_at,
        "unblinded_at": test.unblinded_at,
    }
