"""Every way in which a request can fail has one shape."""

import asyncio
import json

import pytest
from fastapi.routing import APIRoute

from service.accounts.access import GuardedRoute, Required
from service.api.envelope import Envelope, loggable
from service.application import ROUTERS
from service.corpora.tables import CorpusSound, CorpusState, UploadedCorpus


def problem(response, status, code):
    """Returns the error in an answer, after checking that it has the one shape."""
    assert response.status_code == status
    assert response.headers["content-type"] == "application/json"
    assert set(response.json()) == {"error"}
    error = response.json()["error"]
    assert set(error) == {"code", "message", "request_id", "details"}
    assert error["code"] == code
    assert error["request_id"] == response.headers["x-request-id"]
    assert "\n" not in error["message"]
    return error


def test_a_route_that_is_not_there(admin):
    error = problem(admin.get("/v1/nothing"), 404, "not_found")
    assert error["message"] == "GET /v1/nothing: not found"


def test_a_method_that_is_not_there(admin):
    response = admin.put("/v1/studies")
    error = problem(response, 405, "method_not_allowed")
    assert error["message"] == "PUT /v1/studies: method not allowed"
    assert response.headers["allow"]


def test_an_object_that_is_not_there(admin):
    error = problem(admin.get("/v1/studies/0123456789abcdef"), 404, "not_found")
    assert error["message"] == "study '0123456789abcdef': there is none"


@pytest.mark.parametrize("name", ["x", "..%2f..%2fetc", "%00", "0" * 17, "ABCDEF0123456789"])
def test_garbage_in_the_path_is_not_there_either(admin, name):
    problem(admin.get(f"/v1/studies/{name}"), 404, "not_found")


def test_a_value_that_cannot_be_used(admin):
    error = problem(admin.get("/v1/studies", params={"limit": 501}), 422, "unprocessable")
    message = 'got "501", input should be less than or equal to 500'
    assert error["details"] == [{"where": "query.limit", "message": message}]
    assert error["message"] == f"query.limit: {message}"


@pytest.mark.parametrize("after", ["x", "W10", "WyIyMDI2IiwgIlx1MDAwMCJd", "é"])
def test_a_place_in_a_list_that_nobody_gave_out(admin, after):
    problem(admin.get("/v1/studies", params={"after": after}), 400, "bad_request")


@pytest.mark.parametrize(("role", "status"), [(None, 401), ("viewer", 403), ("experimenter", 400)])
def test_who_is_calling_is_asked_before_their_body_is_read(service, role, status):
    with service.client(role) as client:
        response = client.post("/v1/studies", content=b"\xff", headers={"Content-Type": "application/json"})
    assert response.status_code == status


def test_every_route_that_needs_a_key_asks_for_it_before_it_reads_a_body(service):
    def ask(dependant):
        return isinstance(dependant.call, Required) or any(ask(each) for each in dependant.dependencies)

    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    asking = [route for route in routes if ask(route.dependant)]
    assert len(asking) > 50
    assert [route.path for route in asking if not isinstance(route, GuardedRoute)] == []


def test_no_key(service):
    with service.client(None) as client:
        response = client.get("/v1/studies")
    problem(response, 401, "unauthenticated")
    assert response.headers["www-authenticate"] == "Bearer"


def test_a_key_that_is_not_valid(service):
    with service.client(None) as client:
        error = problem(client.get("/v1/studies", headers={"Authorization": "Bearer x"}), 401, "unauthenticated")
    assert error["message"] == "key: not a valid one"


def test_too_large_a_body(admin):
    error = problem(admin.put("/v1/studies", content=b"x" * (2**20 + 1)), 413, "too_large")
    assert error["message"] == "body: got 1048577 bytes, expected at most 1048576"


def test_what_nobody_foresaw_is_told_to_the_log_and_not_to_the_caller(service, admin):
    with service.database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE studies RENAME TO elsewhere")
    error = problem(admin.get("/v1/studies"), 500, "internal")
    assert error["message"] == "the server failed; its log tells more under this request id"


def test_no_folder_of_the_server_is_told_to_the_caller(service, admin):
    with service.database.begin() as session:
        corpus = UploadedCorpus(name="gone", state=CorpusState.READY, size_bytes=1, sounds_total=1)
        session.add(corpus)
        session.flush()
        session.add(CorpusSound(corpus_id=corpus.id, number=0, name="a.wav", seconds=1.0))
    error = problem(admin.get(f"/v1/corpora/{corpus.id}/sounds/0"), 422, "unprocessable")
    folder = f"corpora/{corpus.id}/sounds"
    assert error["message"] == f"{folder}: does not exist; give a folder, a zip or a sound file"


def test_a_request_keeps_the_id_that_it_came_with(admin):
    assert admin.get("/v1/studies", headers={"X-Request-ID": "from-a-proxy"}).headers["x-request-id"] == "from-a-proxy"
    assert len(admin.get("/v1/studies", headers={"X-Request-ID": "a b"}).headers["x-request-id"]) == 16


def test_every_answer_tells_the_browser_to_be_strict(admin):
    for path in ("/v1/studies", "/v1/nothing"):
        headers = admin.get(path).headers
        assert "script-src" not in headers["content-security-policy"]
        assert "default-src 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "server" not in headers


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/listen/INVITE", "/listen/..."),
        ("/v1/listen/INVITE/sessions", "/v1/listen/.../sessions"),
        ("/v1/listen/sessions/TOKEN", "/v1/listen/sessions/..."),
        ("/v1/listen/sessions/TOKEN/trials/3", "/v1/listen/sessions/.../trials/3"),
        ("/v1/listen/sessions/TOKEN/audio/OTHER", "/v1/listen/sessions/.../audio/..."),
        ("/shared/TOKEN", "/shared/..."),
        ("/v1/shared/TOKEN", "/v1/shared/..."),
        ("/v1/shared/TOKEN/sounds/found/3.flac", "/v1/shared/.../sounds/found/3.flac"),
        ("/v1/listening-tests/0011223344556677", "/v1/listening-tests/0011223344556677"),
        ("/v1/studies", "/v1/studies"),
    ],
)
def test_the_log_shows_nothing_that_lets_a_participant_in(path, shown):
    assert loggable(path) == shown


def test_what_the_end_of_the_server_breaks_off_is_refused_and_no_fault():
    sent = []

    async def forever(*_):
        await asyncio.Event().wait()

    async def send(message):
        sent.append(message)

    async def broken_off():
        scope = {"type": "http", "method": "GET", "path": "/v1/studies", "query_string": b"", "headers": []}
        task = asyncio.create_task(Envelope(forever)(scope, forever, send))
        await asyncio.sleep(0)
        task.cancel()
        await task

    asyncio.run(broken_off())
    assert sent[0]["status"] == 503
    assert dict(sent[0]["headers"])[b"retry-after"] == b"5"
    assert json.loads(sent[1]["body"])["error"]["message"] == "the server is stopping; ask again in a moment"
