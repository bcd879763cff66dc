"""The commitment: what it says, that it binds, and that it can be checked without this program."""

import hashlib
import re

import pytest

from nebula.errors import ArgumentError
from nebula.listening.commitment import canonical_json, commit, new_salt, verify

KEY_MAP = {"trials": [{"slots": ["drum", "default"], "sound": 3}], "name": "Größe", "share": 0.5, "open": None}
SALT = "5a" * 32


def test_the_digest_is_that_of_the_text_which_the_documentation_gives():
    text = (
        '{"key_map":{"name":"Größe","open":null,"share":0.5,"trials":[{"slots":["drum","default"],"sound":3}]},'
        f'"salt":"{SALT}"}}'
    )
    assert commit(KEY_MAP, SALT) == hashlib.sha256(text.encode("utf-8")).hexdigest()


def test_the_order_in_which_keys_were_written_does_not_matter():
    assert canonical_json(dict(reversed(KEY_MAP.items()))) == canonical_json(KEY_MAP)


@pytest.mark.parametrize(
    "changed",
    [
        {**KEY_MAP, "trials": [{"slots": ["default", "drum"], "sound": 3}]},
        {**KEY_MAP, "share": 0.5000000000000001},
        {**KEY_MAP, "open": False},
        {key: value for key, value in KEY_MAP.items() if key != "open"},
        [],
    ],
)
def test_a_changed_key_map_or_salt_does_not_verify(changed):
    commitment = commit(KEY_MAP, SALT)
    assert verify(commitment, KEY_MAP, SALT)
    assert verify(f" {commitment.upper()}\n", KEY_MAP, SALT)
    assert not verify(commitment, changed, SALT)
    assert not verify(commitment, KEY_MAP, SALT[:-1] + "b")
    assert not verify(commitment[:-1], KEY_MAP, SALT)
    assert not verify("nö", KEY_MAP, SALT)


def test_salts_are_256_bits_and_none_recurs():
    salts = {new_salt() for _ in range(1000)}
    assert len(salts) == 1000
    assert all(re.fullmatch("[0-9a-f]{64}", salt) for salt in salts)
    # Each of 256,000 bits is one with probability 1/2: four standard errors are 1,012 bits.
    assert sum(int(salt, 16).bit_count() for salt in salts) == pytest.approx(128_000, abs=1012)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({1: 2}, "value: has no canonical JSON: key 1 is not text"),
        ([{"a": ({None: 1},)}], "value: has no canonical JSON: key None is not text"),
        ({"a": float("nan")}, "value: has no canonical JSON: Out of range float values are not JSON compliant: nan"),
        (b"", "value: has no canonical JSON: Object of type bytes is not JSON serializable"),
    ],
)
def test_what_has_no_single_text_is_refused(value, message):
    with pytest.raises(ArgumentError) as raised:
        commit(value, SALT)
    assert str(raised.value) in (message, message.removesuffix(": nan"))


def test_a_salt_that_could_be_guessed_is_refused():
    with pytest.raises(ArgumentError, match=r"^salt: got 4 characters, expected at least 64$"):
        commit(KEY_MAP, "abcd")
