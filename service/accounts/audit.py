"""A line in the audit log, in the transaction of what it tells about: neither is there without the other."""

from typing import Any

from sqlalchemy.orm import Session

from service.accounts.caller import Caller
from service.accounts.tables import AuditEntry


def record(session: Session, caller: Caller, action: str, subject: str = "", **details: Any) -> None:
    """Adds a line.

    Args:
        session: The transaction in which the thing is done.
        caller: Who does it.
        action: Noun and verb, such as `study.pause`.
        subject: Id or name of what it is done to.
        details: What else is worth knowing; never a key or a token.
    """
    session.add(
        AuditEntry(key_id=caller.key_id, caller=caller.name, action=action, subject=subject[:128], details=details)
    )
