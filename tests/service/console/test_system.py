"""Who works, who may do what, and who did: as admins see it, and as others do."""

import pytest
from playwright.sync_api import expect

from service.database import now
from service.manager.tables import ManagerBeat, WorkerBeat
from service.studies.states import StudyState
from service.studies.tables import Study

pytestmark = pytest.mark.slow

HOSTILE = "<img src=x onerror=alert(1)>"


def test_the_pool_is_shown_as_it_comes_to_be(lab, visit, looks_right):
    page = visit("/system", role="viewer")
    expect(page.locator("#workers")).to_contain_text("No worker.")
    expect(page.locator("#overview")).to_contain_text("away")
    with lab.database.begin() as session:
        session.add(ManagerBeat(holder="a", pool_reached=True, tasks=3, evaluations=5000, evaluations_per_minute=120))
        session.add_all(
            WorkerBeat(address=f"tls://w{n}", name=str(n), host="lab", device="cuda", memory_bytes=2e9, seen_at=now())
            for n in range(2)
        )
        session.add(
            Study(name=HOSTILE, spec={}, trials_total=9, failures=4, state=StudyState.FAILED, reason="no memory")
        )
    expect(page.locator("#overview")).to_contain_text("at work")
    expect(page.locator("#overview")).to_contain_text("2 × cuda")
    expect(page.locator("#overview")).to_contain_text("5,000")
    expect(page.get_by_role("region", name="Workers").get_by_role("row")).to_have_count(3)
    expect(page.locator("#errors").get_by_role("link", name=HOSTILE)).to_be_visible()
    expect(page.locator("#errors")).to_contain_text("no memory")
    looks_right(page)
    assert page.locator("#keys, #audit, main img").count() == 0
    expect(page.get_by_role("link", name="Optuna's dashboard")).to_have_attribute("href", "/dashboard")
    for name in ("Metrics for Prometheus", "The API's description"):
        address = page.get_by_role("link", name=name).get_attribute("href")
        assert page.context.request.get(address).status == 200


def test_a_key_is_made_used_and_revoked(lab, visit, looks_right):
    page = visit("/system", role="admin")
    page.get_by_label("Name").fill(HOSTILE)
    page.get_by_label("Role").select_option("experimenter")
    page.get_by_role("button", name="Make a key").click()
    secret = page.get_by_role("dialog").get_by_role("textbox", name="Secret").input_value()
    looks_right(page)
    page.get_by_role("button", name="Done").click()
    # Not by its role, which it loses before it is taken out of the page.
    expect(page.locator("dialog")).to_have_count(0)
    assert secret not in page.content()
    bearer = {"Authorization": f"Bearer {secret}"}
    who = lab.client().get("/v1/session", headers=bearer).json()
    assert (who["name"], who["role"]) == (HOSTILE, "experimenter")

    page.get_by_role("button", name=f"Revoke {HOSTILE}").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("status").filter(has_text="is revoked")).to_have_text(f"The key of {HOSTILE} is revoked.")
    assert lab.client().get("/v1/session", headers=bearer).status_code == 401
    expect(page.get_by_role("button", name=f"Revoke {HOSTILE}")).to_have_count(0)

    page.get_by_role("button", name="Revoke the admin").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("alert").filter(has_text="the last one of an admin")).to_be_visible()
    assert [said for said in visit.said if "409" not in said] == []
    visit.said.clear()
    page.get_by_label("Name").fill("")
    page.get_by_role("button", name="Make a key").click()
    expect(page.locator("[data-name=name] .error")).to_contain_text("should have at least 1 character")
    assert [said for said in visit.said if "422" not in said] == []
    visit.said.clear()
    assert page.locator("main img").count() == 0


def test_the_log_comes_in_pieces(lab, visit):
    client = lab.client("admin")
    for number in range(20):
        assert client.post("/v1/keys", json={"name": f"k{number}"}).status_code == 201
    page = visit("/system", role="admin")
    log = page.get_by_role("region", name="Audit log")
    expect(log.get_by_role("row")).to_have_count(1 + 20)
    page.locator("#audit").get_by_role("button", name="Show more").click()
    expect(log.get_by_role("cell", name="name the viewer, role viewer")).to_be_visible()
