"""What no database can keep is refused at the edge, by one rule for each type, whichever route it is meant for."""

import base64
import json

import pytest
from fastapi import Request

from nebula.errors import SpecError
from nebula.tuning import StudySpec
from service.api.bodies import DEEPEST
from service.api.ranges import ranged
from service.database import is_storable

SPEC = (
    '{"version": 1, "name": "s", "objective": "match", "target": TARGET, '
    '"search": {"phases": [{"sampler": "random", "trials": 4}]}}'
)


REFUSED = {
    '"a\\u0000"': "text with a null character or half of a surrogate pair, expected neither",
    '"\\ud800"': "text with a null character or half of a surrogate pair, expected neither",
    "9" * 5000: f"the number {'9' * 40}, expected a finite one of 64 bits",
    "-9223372036854775809": "the number -9223372036854775809, expected a finite one of 64 bits",
    "1e999": "the number 1e999, expected a finite one of 64 bits",
    "NaN": "the number nan, expected a finite one of 64 bits",
}


def test_a_body_holds_what_can_be_kept(admin):
    def post(path, content):
        answer = admin.post(path, content=content.encode(), headers={"Content-Type": "application/json"})
        assert answer.status_code == 422
        return answer.json()["error"]["message"]

    nebula = '{"name": "n", "nebula": {"x": TARGET}}'
    for target, message in REFUSED.items():
        for path, body in (("/v1/studies", SPEC), ("/v1/nebulae", nebula)):
            assert post(path, body.replace("TARGET", target)) == f"POST {path}: the body holds {message}"
    for depth, told in ((DEEPEST + 1, True), (5, False)):
        message = post("/v1/nebulae", nebula.replace("TARGET", "[" * depth + "]" * depth))
        assert (f"nested deeper than {DEEPEST}" in message) is told


def test_texts_of_people_can_be_kept():
    assert all(map(is_storable, ["", "Tr\u00f6mmel", "\U0001f941", "line\nline"]))


CURSORS = (
    ["0001-01-01T00:00:00+14:00", "0123456789abcdef"],
    ["9999-12-31T23:59:59-14:00", "0123456789abcdef"],
    ["2026-01-01T00:00:00+00:00", "\ud800"],
    ["2026-01-01T00:00:00+00:00", "a\0"],
    [10**400, 0],
)


def test_an_address_asks_for_what_there_can_be(admin):
    for path in ("nebulae/a%00", "nebulae/%00/sounds/1.flac", "listen/%00/sessions", "studies/%00/report"):
        assert admin.get(f"/v1/{path}").status_code == 404
    assert admin.get("/v1/nebulae/drum/differences?other=%00").status_code == 422
    for values in CURSORS:
        after = base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")
        for path in ("studies", "corpora", "keys", "listening-tests"):
            assert admin.get(f"/v1/{path}", params={"after": after}).status_code in (400, 422)
    for path in ("csv/99999999999999999999", "api/studies/99999999999999999999"):
        assert admin.get(f"/{path}").status_code == 404


@pytest.mark.parametrize("digits", [f"{'9' * 5000}-", f"0-{'9' * 5000}", f"-{'9' * 5000}"], ids=["from", "to", "last"])
def test_a_range_of_thousands_of_digits_is_none(digits):
    request = Request({"type": "http", "headers": [(b"range", f"bytes={digits}".encode())]})
    answer = ranged(request, b"a sound", "audio/flac")
    assert (answer.status_code, answer.body) == (200, b"a sound")


TOML = {
    "a = " + "9" * 5000: "not TOML (Exceeds the limit",
    "a = 2001-99-99": "not TOML (",
    "a = " + "[" * 30_000: "not TOML (",
    "a" + ".a" * 30_000 + " = 1": "has a key of more than 20 parts, expected fewer",
}


@pytest.mark.parametrize("toml", TOML, ids=["digits", "date", "deep", "dotted"])
def test_a_spec_of_what_is_hardly_toml_is_refused_at_once(toml):
    with pytest.raises(SpecError) as caught:
        StudySpec.from_toml(toml)
    assert str(caught.value).startswith(f"spec 'text': {TOML[toml]}")
