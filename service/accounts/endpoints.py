"""`/v1/session`, `/v1/keys`, `/v1/audit`."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from service.accounts import login, queries
from service.accounts.access import Admin, GuardedRoute, Viewer, check_origin
from service.accounts.schemas import (
    AuditAnswer,
    CallerAnswer,
    KeyAnswer,
    KeyRequest,
    LoginRequest,
    NewKeyAnswer,
)
from service.api.pages import After, Limit, Page
from service.api.problems import COMMON, problems
from service.api.transactions import Transaction

router = APIRouter(route_class=GuardedRoute, prefix="/v1", tags=["accounts"], responses=COMMON)

KeyId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$", description="As the answer to its POST told.")]


@router.post("/session", status_code=201)
def begin_session(request: Request, response: Response, body: LoginRequest) -> CallerAnswer:
    """Logs a browser in: the answer sets its cookie."""
    if "origin" in request.headers:
        check_origin(request)
    caller, token = login.log_in(request, body.token)
    login.set_cookie(request, response, token)
    return CallerAnswer.model_validate(caller)


@router.get("/session")
def get_session(caller: Viewer) -> CallerAnswer:
    """Tells who is calling, and in which role."""
    return CallerAnswer.model_validate(caller)


@router.delete("/session", status_code=204)
def end_session(request: Request, response: Response) -> None:
    """Logs a browser out."""
    login.log_out(request, response)


@router.get("/keys")
def list_keys(session: Transaction, caller: Admin, after: After = None, limit: Limit = 50) -> Page[KeyAnswer]:
    """Lists keys, those that ended too, the newest first."""
    return Page[KeyAnswer].of(queries.keys(session, after, limit))


@router.post("/keys", status_code=201)
def create_key(session: Transaction, caller: Admin, body: KeyRequest) -> NewKeyAnswer:
    """Makes a key. The answer alone has the secret, so this takes no Idempotency-Key: nothing keeps the answer."""
    token = queries.new_token()
    key = queries.create_key(session, caller, body.name, body.role, token)
    return NewKeyAnswer(**KeyAnswer.model_validate(key).model_dump(), token=token)


@router.get("/keys/{key_id}")
def get_key(session: Transaction, caller: Viewer, key_id: KeyId) -> KeyAnswer:
    """Shows a key: any to an admin, to others their own."""
    return KeyAnswer.model_validate(queries.visible_key(session, caller, key_id))


@router.delete("/keys/{key_id}", responses=problems(409))
def revoke_key(session: Transaction, caller: Admin, key_id: KeyId) -> KeyAnswer:
    """Ends a key, and with it every browser session that it began. The last admin's key stays."""
    return KeyAnswer.model_validate(queries.revoke_key(session, caller, key_id))


@router.get("/audit")
def list_audit(session: Transaction, caller: Admin, after: After = None, limit: Limit = 50) -> Page[AuditAnswer]:
    """Lists who did what, the latest first."""
    return Page[AuditAnswer].of(queries.audit_entries(session, after, limit))
