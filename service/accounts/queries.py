"""Making, finding and revoking keys and browser sessions."""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from service.accounts import audit
from service.accounts.caller import Caller
from service.accounts.roles import Role
from service.accounts.tables import AuditEntry, BrowserSession, Key
from service.database.base import now
from service.database.pages import page
from service.errors import Conflict, NotFound, Unprocessable

#: How long a browser stays logged in.
SESSION_LIFETIME = timedelta(days=30)

_KEY_PREFIX = "nebula_"  # so that scanners for leaked secrets can know it
_TOKEN_BYTES = 32

_NAME_CHARACTERS = 64


def digest(token: str) -> str:
    """Returns what is kept of a token. It is as random as a digest, so neither salt nor slowness would add anything."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """Returns a new key: 256 random bits behind a prefix."""
    return _KEY_PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)


def create_key(session: Session, caller: Caller, name: str, role: Role, token: str) -> Key:
    """Returns a new key of which `token` is the secret.

    Raises:
        Unprocessable: The name is empty, too long or not one line.
    """
    if not (1 <= len(name) <= _NAME_CHARACTERS and name.isprintable()):
        raise Unprocessable(f"name: got {name[:_NAME_CHARACTERS]!r}, expected 1 to {_NAME_CHARACTERS} characters")
    key = Key(name=name, role=role, digest=digest(token))
    session.add(key)
    session.flush()
    audit.record(session, caller, "key.create", key.id, name=name, role=role)
    return key


def is_known(session: Session, token: str) -> bool:
    """Returns whether this was ever a key, a revoked one too."""
    return session.scalar(select(Key.id).where(Key.digest == digest(token))) is not None


def valid_keys(session: Session, role: Role | None = None) -> int:
    """Returns how many keys can be used, of one role or of any."""
    query = select(func.count()).select_from(Key).where(Key.revoked_at.is_(None))
    if role is not None:
        query = query.where(Key.role == role)
    return session.scalar(query) or 0


def keys(session: Session, after: str | None, limit: int) -> tuple[list[Key], str | None]:
    """Returns a piece of the list of keys, the newest first, and where the next piece begins."""
    return page(session, select(Key), (Key.created_at, Key.id), after, limit)


def all_keys(session: Session) -> list[Key]:
    """Returns all keys, the newest first."""
    return list(session.scalars(select(Key).order_by(Key.created_at.desc(), Key.id)))


def visible_key(session: Session, caller: Caller, key_id: str) -> Key:
    """Returns a key that the caller may see: an admin any, others their own.

    Raises:
        NotFound: There is no such key, or not for this caller.
    """
    key = session.get(Key, key_id)
    if key is None or not (caller.role is Role.ADMIN or key.id == caller.key_id):
        raise NotFound(f"key {key_id!r}: there is none")
    return key


def revoke_key(session: Session, caller: Caller, key_id: str) -> Key:
    """Ends a key, and with it every browser session that it began; returns it.

    Raises:
        NotFound: There is no such key.
        Conflict: Without it there would be no admin.
    """
    # All of them, in one order: of two admins who end each other's keys, the second one finds that it is the last.
    admins = select(Key.id).where(Key.role == Role.ADMIN, Key.revoked_at.is_(None)).order_by(Key.id)
    session.execute(admins.with_for_update()).all()
    key = visible_key(session, caller, key_id)
    if key.revoked_at is not None:
        return key
    if key.role is Role.ADMIN and valid_keys(session, Role.ADMIN) == 1:
        raise Conflict(f"key {key_id!r}: the last one of an admin, make another one first")
    key.revoked_at = now()
    session.execute(delete(BrowserSession).where(BrowserSession.key_id == key_id))
    audit.record(session, caller, "key.revoke", key.id, name=key.name)
    return key


def audit_entries(session: Session, after: str | None, limit: int) -> tuple[list[AuditEntry], str | None]:
    """Returns a piece of the audit log, the latest first, and where the next piece begins."""
    return page(session, select(AuditEntry), (AuditEntry.id,), after, limit)


def caller_of_key(session: Session, token: str) -> Caller | None:
    """Returns who has this key, None if nobody has."""
    key = session.scalars(select(Key).where(Key.digest == digest(token), Key.revoked_at.is_(None))).one_or_none()
    return None if key is None else Caller(key.id, key.name, key.role)


def caller_of_session(session: Session, token: str) -> Caller | None:
    """Returns whose browser session this is, None if nobody's or over."""
    found = session.get(BrowserSession, digest(token))
    if found is None or found.expires_at <= now() or found.key.revoked_at is not None:
        return None
    return Caller(found.key.id, found.key.name, found.key.role, by_cookie=True)


def begin_session(session: Session, caller: Caller) -> str:
    """Returns the token of a new browser session, and forgets those that are over."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    session.execute(delete(BrowserSession).where(BrowserSession.expires_at <= now()))
    session.add(BrowserSession(digest=digest(token), key_id=caller.key_id, expires_at=now() + SESSION_LIFETIME))
    return token


def end_session(session: Session, token: str) -> None:
    """Ends a browser session."""
    session.execute(delete(BrowserSession).where(BrowserSession.digest == digest(token)))
