"""Making, finding and revoking keys and browser sessions."""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from service.accounts.caller import Caller
from service.accounts.roles import Role
from service.accounts.tables import BrowserSession, Key
from service.database.base import now
from service.errors import NotFound

#: How long a browser stays logged in.
SESSION_LIFETIME = timedelta(days=30)

_KEY_PREFIX = "nebula_"  # so that scanners for leaked secrets can know it
_TOKEN_BYTES = 32


def digest(token: str) -> str:
    """Returns what is kept of a token. It is as random as a digest, so neither salt nor slowness would add anything."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """Returns a new key: 256 random bits behind a prefix."""
    return _KEY_PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)


def add_key(session: Session, name: str, role: Role, token: str) -> Key:
    """Adds a key of which `token` is the secret."""
    key = Key(name=name, role=role, digest=digest(token))
    session.add(key)
    session.flush()
    return key


def valid_keys(session: Session) -> int:
    """Returns how many keys can be used."""
    return session.scalar(select(func.count()).select_from(Key).where(Key.revoked_at.is_(None))) or 0


def revoke_key(session: Session, key_id: str) -> Key:
    """Ends a key, and with it every browser session that it began.

    Raises:
        NotFound: There is no such key.
    """
    key = session.get(Key, key_id)
    if key is None:
        raise NotFound(f"key {key_id!r}: there is none")
    if key.revoked_at is None:
        key.revoked_at = now()
    session.execute(delete(BrowserSession).where(BrowserSession.key_id == key_id))
    return key


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
