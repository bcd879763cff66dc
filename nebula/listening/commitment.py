"""The commitment: which sound is which, fixed before the test and shown after it.

Before a test opens, the SHA-256 of its key map and a secret salt is published; after it closes, both are. Whoever kept
the digest can then see that the key map was not changed in between, and nobody could read it from the digest.
"""

import hashlib
import hmac
import json
import secrets

from nebula.errors import ArgumentError

#: Length of a salt: too long to try them all, however few key maps are possible.
SALT_BYTES = 32


def canonical_json(value: object) -> bytes:
    r"""Returns the one JSON text of a value: keys sorted, no spaces, UTF-8.

    Args:
        value: of objects with text as keys, lists, text, integers, finite numbers, truth values and null.

    Raises:
        ArgumentError: there is no such text.

    Example:
        >>> canonical_json({"b": [1, 2.5], "a": "é"})
        b'{"a":"\xc3\xa9","b":[1,2.5]}'
    """
    _check_keys(value)
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
        return text.encode("utf-8")
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"value: has no canonical JSON: {error}") from error


def new_salt() -> str:
    """Returns a secret from the operating system's generator, in hexadecimal."""
    return secrets.token_hex(SALT_BYTES)


def commit(key_map: object, salt: str) -> str:
    """Returns the digest to be published: SHA-256, in hexadecimal, of the canonical JSON of key map and salt.

    Anyone can do it again without this program: the text is `{"key_map":...,"salt":"..."}`.

    Args:
        key_map: what says which sound is which; as `canonical_json` takes it.
        salt: from `new_salt`, secret until the key map is shown.

    Raises:
        ArgumentError: the key map has no canonical JSON, or the salt is shorter than `SALT_BYTES`.
    """
    if len(salt) < 2 * SALT_BYTES:
        raise ArgumentError(f"salt: got {len(salt)} characters, expected at least {2 * SALT_BYTES}")
    return hashlib.sha256(canonical_json({"key_map": key_map, "salt": salt})).hexdigest()


def verify(commitment: str, key_map: object, salt: str) -> bool:
    """Returns whether this key map and this salt are those of a commitment.

    Args:
        commitment: what `commit` returned.
        key_map: as shown.
        salt: as shown.

    Raises:
        ArgumentError: as `commit` does.
    """
    return hmac.compare_digest(commit(key_map, salt).encode(), commitment.strip().lower().encode())


def _check_keys(value: object) -> None:
    """Refuses keys that JSON would turn into text: `{1: ...}` and `{"1": ...}` must not commit to the same."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise ArgumentError(f"value: has no canonical JSON: key {key!r} is not text")
            _check_keys(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            _check_keys(inner)
