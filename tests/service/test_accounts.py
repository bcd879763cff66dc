"""Keys, roles, browser sessions and the audit log, over HTTP."""

import hashlib
import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from service.accounts import queries
from service.accounts.caller import COMMAND_LINE
from service.accounts.roles import Role
from service.accounts.tables import BrowserSession, Key
from service.accounts.throttle import Throttle
from service.database import now
from service.errors import Conflict, TooMany
from service.listening.page_endpoints import Admission


def test_a_role_covers_itself_and_those_before_it():
    roles = list(Role)
    for position, role in enumerate(roles):
        assert [other for other in roles if role.covers(other)] == roles[: position + 1]


def test_only_a_digest_of_a_key_is_kept(service, admin):
    made = admin.post("/v1/keys", json={"name": "lab", "role": "viewer"})
    assert made.status_code == 201
    token = made.json()["token"]
    assert re.fullmatch(r"nebula_[A-Za-z0-9_-]{43}", token)  # 256 bits in base 64
    with service.database.read() as session:
        key = session.get(Key, made.json()["id"])
        assert key.digest == hashlib.sha256(token.encode()).hexdigest()
        assert token not in repr(vars(key))


def test_a_key_works_until_it_is_revoked_and_its_browser_sessions_end_with_it(service, admin):
    made = admin.post("/v1/keys", json={"name": "lab", "role": "viewer"}).json()
    with service.client(None) as client:
        key = {"Authorization": f"Bearer {made['token']}"}
        assert client.get("/v1/session", headers=key).json() == {"key_id": made["id"], "name": "lab", "role": "viewer"}
        assert client.post("/v1/session", json={"token": made["token"]}).status_code == 201
        assert client.get("/v1/session").json()["name"] == "lab"
        revoked = admin.delete(f"/v1/keys/{made['id']}").json()
        assert revoked["revoked_at"] is not None
        assert admin.delete(f"/v1/keys/{made['id']}").json() == revoked
        assert client.get("/v1/session", headers=key).status_code == 401
        assert client.get("/v1/session").status_code == 401


def test_the_last_admin_stays(service, admin):
    own = admin.get("/v1/session").json()["key_id"]
    response = admin.delete(f"/v1/keys/{own}")
    assert response.status_code == 409
    assert response.json()["error"]["message"] == f"key '{own}': the last one of an admin, make another one first"
    admin.post("/v1/keys", json={"name": "second", "role": "admin"})
    assert admin.delete(f"/v1/keys/{own}").status_code == 200


def test_of_two_admins_who_end_each_other_s_keys_at_once_one_stays(database, meanwhile):
    with database.begin() as session:
        one, other = (queries.create_key(session, COMMAND_LINE, name, Role.ADMIN, name).id for name in ("one", "other"))

    def revoke(key_id):
        with database.begin() as session:
            queries.revoke_key(session, COMMAND_LINE, key_id)

    with database.begin() as session:
        queries.revoke_key(session, COMMAND_LINE, one)
        second = meanwhile(revoke, other)
    with pytest.raises(Conflict, match=f"key '{other}': the last one of an admin, make another one first"):
        second.result()


@pytest.mark.parametrize("role", ["viewer", "experimenter"])
def test_only_admins_manage_keys_and_read_the_audit_log(service, admin, role):
    with service.client(role) as client:
        for method, path, content in (
            ("GET", "/v1/keys", None),
            ("POST", "/v1/keys", {"name": "more", "role": "admin"}),
            ("DELETE", f"/v1/keys/{'0' * 16}", None),
            ("GET", "/v1/audit", None),
        ):
            response = client.request(method, path, json=content)
            assert response.status_code == 403
            assert response.json()["error"]["message"] == f"role: got '{role}', expected 'admin'"


def test_the_key_of_another_one_is_not_there(service, admin):
    ids = {key["name"]: key["id"] for key in admin.get("/v1/keys").json()["items"]}
    with service.client("viewer") as client:
        assert client.get(f"/v1/keys/{ids['the viewer']}").json()["name"] == "the viewer"
        hidden, absent = client.get(f"/v1/keys/{ids['the admin']}"), client.get(f"/v1/keys/{'0' * 16}")
    assert hidden.status_code == absent.status_code == 404
    assert hidden.json()["error"]["message"].replace(ids["the admin"], "0" * 16) == absent.json()["error"]["message"]


def test_the_cookie_is_out_of_reach_of_scripts_and_other_origins(service):
    with service.client(None) as client:
        cookie = client.post("/v1/session", json={"token": service.keys["viewer"]}).headers["set-cookie"]
    assert re.fullmatch(r"nebula_session=[A-Za-z0-9_-]{43}; HttpOnly; Max-Age=2592000; Path=/; SameSite=lax", cookie)


@pytest.fixture
def browser(service):
    """A client that has logged in as an admin, with a cookie and no key."""
    with service.client(None) as client:
        client.post("/v1/session", json={"token": service.keys["admin"]})
        yield client


def test_what_changes_something_needs_to_come_from_our_own_page(service, browser):
    body = {"name": "lab", "role": "viewer"}
    assert browser.get("/v1/keys").status_code == 200
    for origin, status in ((None, 403), ("http://elsewhere", 403), ("null", 403), (service.url, 201)):
        headers = {} if origin is None else {"Origin": origin}
        assert browser.post("/v1/keys", json=body, headers=headers).status_code == status
    with service.client() as client:
        # Nobody's browser has a key: a program with one need not say where it comes from.
        assert client.post("/v1/keys", json=body, headers={"Origin": "http://elsewhere"}).status_code == 201


def test_another_origin_can_neither_log_in_nor_out(service, browser):
    headers = {"Origin": "http://elsewhere"}
    assert browser.post("/v1/session", json={"token": service.keys["viewer"]}, headers=headers).status_code == 403
    assert browser.delete("/v1/session", headers=headers).status_code == 403
    assert browser.get("/v1/session").json()["role"] == "admin"


def test_logging_out_ends_the_session_on_the_server(service, browser):
    cookie = browser.cookies["nebula_session"]
    assert browser.delete("/v1/session", headers={"Origin": service.url}).status_code == 204
    assert "nebula_session" not in browser.cookies
    with service.client(None) as client:
        assert client.get("/v1/session", headers={"Cookie": f"nebula_session={cookie}"}).status_code == 401


def test_a_session_that_is_over_is_of_no_use(service, browser):
    with service.database.begin() as session:
        session.execute(update(BrowserSession).values(expires_at=now() - timedelta(seconds=1)))
    assert browser.get("/v1/session").status_code == 401


def test_the_link_logs_a_browser_in_and_leaves_no_key_in_its_address(service):
    with service.client(None) as client:
        response = client.get("/studies", params={"state": "done", "token": service.keys["admin"]})
        assert response.status_code == 303
        assert response.headers["location"] == "/studies?state=done"
        assert client.get("/v1/session").json()["role"] == "admin"
        # A response to an address that holds a key must not be told to the next page, nor kept.
        assert response.headers["referrer-policy"] == "same-origin"


def test_the_link_leads_to_this_server_and_to_no_other(service):
    with service.client(None) as client:
        for path, location in (("//elsewhere/x", "/elsewhere/x"), ("/\\elsewhere/x", "/%5Celsewhere/x")):
            assert client.get(f"{service.url}{path}?token=x").headers["location"] == location


def test_a_link_on_a_page_of_another_site_logs_nobody_in(service):
    with service.client(None) as client:

        def follow(**headers):
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            answer = client.get("/", params={"token": service.keys["viewer"]}, headers=named)
            assert (answer.status_code, answer.headers["location"]) == (303, "/")
            return "set-cookie" in answer.headers

        elsewhere = "http://elsewhere/page"
        for said in ({"sec_fetch_site": "cross-site"}, {"sec_fetch_site": "same-site"}, {"referer": elsewhere}):
            assert not follow(**said)
        for said in ({}, {"sec_fetch_site": "none"}, {"referer": f"{service.url}/x"}):
            assert follow(**said)


def test_whoever_says_to_come_from_elsewhere_is_counted_all_the_same(service, admin):
    with service.client(None) as client:
        for number in range(11):
            headers = {"X-Forwarded-For": f"198.51.100.{number}", "X-Forwarded-Proto": "https"}
            answer = client.post("/v1/session", json={"token": "x"}, headers=headers)
    assert answer.status_code == 429
    refused = admin.get("/v1/audit", params={"limit": 1}).json()["items"][0]
    assert refused["details"] == {"address": "127.0.0.1"}


def test_a_browser_whose_session_is_over_keeps_nobody_out(service):
    with service.client(None) as client:
        for _ in range(11):
            answer = client.get("/v1/session", headers={"Cookie": "nebula_session=over"})
            assert answer.status_code == 401
        assert client.post("/v1/session", json={"token": service.keys["viewer"]}).status_code == 201


def test_a_wrong_link_logs_nobody_in(service):
    with service.client(None) as client:
        response = client.get("/", params={"token": "x"})
        assert (response.status_code, response.headers["location"]) == (303, "/")
        assert "set-cookie" not in response.headers


def test_many_wrong_keys_make_the_next_one_wait_and_nobody_who_has_a_right_one(service, admin, browser):
    wrong = {"Authorization": "Bearer x"}
    with service.client(None) as client:
        statuses = [client.post("/v1/session", json={"token": "x"}).status_code for _ in range(11)]
        assert statuses == [401] * 10 + [429]
        assert client.get("/v1/session", headers=wrong).status_code == 429
        # From the same address: a key, a session, a login, and a link.
        assert admin.get("/v1/session").status_code == 200
        assert browser.get("/v1/session").status_code == 200
        assert client.post("/v1/session", json={"token": service.keys["admin"]}).status_code == 201
        assert "set-cookie" in client.get("/", params={"token": service.keys["viewer"]}).headers
        assert client.post("/v1/session", json={"token": "x"}).status_code == 429
    refused = [line for line in admin.get("/v1/audit").json()["items"] if line["action"] == "session.refuse"]
    assert len(refused) == 10


def test_whoever_joins_listening_tests_again_and_again_is_slowed_down(service):
    joined = service.app.state.parts[Admission].count
    with service.client(None) as client:

        def join():
            return client.post("/v1/listen/nowhere/sessions", json={})

        for _ in range(499):
            joined("127.0.0.1")
        # Who has no invite counts for nothing.
        assert [join().status_code for _ in range(3)] == [404] * 3
        joined("127.0.0.1")
        answer = join()
    assert answer.status_code == 429
    message = answer.json()["error"]["message"]
    assert message.startswith("listening test: 500 people joined from this address, the next is possible in ")


def test_the_throttle_forgets_after_its_window():
    moment = [100.0]
    throttle = Throttle(lambda: moment[0])
    for _ in range(10):
        throttle.check("a")
        throttle.count("a")
        moment[0] += 1
    with pytest.raises(TooMany, match=r"login: 10 attempts failed, the next is possible in 50 s"):
        throttle.check("a")
    throttle.check("b")
    moment[0] = 160.0
    throttle.check("a")
    throttle.count("a")
    throttle.check("a")


def test_the_log_tells_who_did_what(service, admin):
    made = admin.post("/v1/keys", json={"name": "lab", "role": "viewer"}).json()
    admin.delete(f"/v1/keys/{made['id']}")
    with service.client(None) as client:
        client.post("/v1/session", json={"token": "x"})
    refused, revoked, created = admin.get("/v1/audit", params={"limit": 3}).json()["items"]
    assert (refused["action"], refused["caller"], refused["details"]) == (
        "session.refuse",
        "",
        {"address": "127.0.0.1"},
    )
    assert (revoked["action"], revoked["caller"], revoked["subject"]) == ("key.revoke", "the admin", made["id"])
    assert (created["action"], created["caller"], created["subject"]) == ("key.create", "the admin", made["id"])
    assert created["details"] == {"name": "lab", "role": "viewer"}


def test_the_log_holds_no_secret(service, admin, browser):
    token = admin.post("/v1/keys", json={"name": "lab", "role": "viewer"}).json()["token"]
    text = admin.get("/v1/audit").text
    for secret in (*service.keys.values(), token, browser.cookies["nebula_session"]):
        assert secret not in text


def test_pages_of_a_list_join_without_a_gap_though_the_list_grows(service, admin):
    names = [f"key {number}" for number in range(7)]
    for name in names:
        admin.post("/v1/keys", json={"name": name, "role": "viewer"})
    found, after = [], None
    while True:
        answer = admin.get("/v1/keys", params={"limit": 3} | ({"after": after} if after else {})).json()
        assert len(answer["items"]) <= 3
        found += [key["name"] for key in answer["items"]]
        after = answer["next"]
        if after is None:
            break
        admin.post("/v1/keys", json={"name": "a new one", "role": "viewer"})
    assert found[:7] == names[::-1]
    assert len(found) == len(set(found)) == 7 + len(service.keys)


@pytest.mark.parametrize("name", ["", "x" * 65, "two\nlines", "nul\0"])
def test_a_name_is_one_line(service, admin, name):
    assert admin.post("/v1/keys", json={"name": name, "role": "viewer"}).status_code == 422
    with service.database.read() as session:
        assert session.scalars(select(Key.name).where(Key.name == "x" * 65)).all() == []
