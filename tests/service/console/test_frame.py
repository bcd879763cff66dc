"""What every page of the console shares: who gets in, what a page may load, how it looks and what it says."""

import ast
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

import service.console
from service.console.routes import NAVIGATION, PAGES

FOLDER = Path(service.console.__file__).parent


def test_the_console_knows_of_the_service_only_who_asks_and_what_they_will_want_to_hear():
    imported = {
        node.module
        for path in FOLDER.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
    }
    assert {name for name in imported if name.startswith(("service", "nebula"))} == {
        "service.accounts.access",
        "service.api.parts",
        "service.assets",
        "service.console.routes",
        "service.errors",
        "service.nebulae.sounds",
    }


@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_nothing_from_elsewhere_and_has_no_script_in_itself(lab, path):
    answer = lab.client("viewer").get(path.format(subject="0123456789abcdef"))
    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"].startswith(
        "default-src 'none'; script-src 'self'; style-src 'self'"
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for unsafe in ("<script>", "<style", " style=", " onclick=", "http://", "https://"):
        assert unsafe not in answer.text


def test_a_module_is_kept_by_the_browser_until_any_of_them_has_changed(lab):
    client = lab.client()
    address = re.search(r"/assets/console/\w+/sign-in\.js", client.get("/sign-in").text)[0]
    kept = client.get(address)
    assert (kept.status_code, kept.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable")
    assert client.get(address, headers={"If-None-Match": kept.headers["ETag"]}).status_code == 304
    for gone in (address.replace(address.split("/")[3], "0" * 12), address.replace("sign-in.js", "..%2froutes.py")):
        assert client.get(gone).status_code == 404


@pytest.mark.slow
def test_who_has_no_key_signs_in_and_comes_to_the_page_that_was_asked_for(lab, visit, looks_right):
    page = visit("/studies?state=done", role=None)
    expect(page).to_have_url(f"{lab.url}/sign-in?return=/studies%3Fstate%3Ddone")
    looks_right(page)
    page.get_by_label("Key").fill("nebula_wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("This key is not valid.")
    assert [said for said in visit.said if "401" not in said] == []
    visit.said.clear()
    page.get_by_label("Key").fill(f" {lab.keys['viewer']}\n")
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{lab.url}/studies?state=done")
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(f"{lab.url}/sign-in")
    page.goto("/system")
    expect(page).to_have_url(f"{lab.url}/sign-in?return=/system")


@pytest.mark.slow
def test_an_answer_that_comes_after_signing_out_leads_nowhere_else(lab, visit):
    page = visit("/studies")
    expect(page.get_by_text("No study yet.")).to_be_visible()
    sign_in = re.compile(r"/sign-in(\?.*)?$")
    asked, left = [], []
    page.route("**/v1/studies?*", lambda route: asked.append(route))
    page.route(sign_in, lambda route: left.append(route))
    with page.expect_request("**/v1/studies?*"):
        page.get_by_role("searchbox").fill("tabla")
    with page.expect_request(sign_in):
        page.get_by_role("button", name="Sign out").click()
    with page.expect_response("**/v1/studies?*") as answer:
        asked[0].continue_()
    assert answer.value.status == 401
    left[0].continue_()
    expect(page).to_have_url(f"{lab.url}/sign-in")
    assert len(left) == 1
    assert [said for said in visit.said if "401" not in said] == []
    visit.said.clear()


@pytest.mark.slow
@pytest.mark.parametrize(
    "elsewhere", ["https://example.org/", "//example.org/", "/\\example.org", "javascript:alert(1)"]
)
def test_signing_in_leads_to_no_other_server(lab, visit, elsewhere):
    page = visit("/sign-in", role=None)
    page.goto(f"/sign-in?return={elsewhere}")
    page.get_by_label("Key").fill(lab.keys["viewer"])
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/sign-in" not in address)
    assert page.url.startswith(lab.url)


@pytest.mark.slow
def test_the_link_that_the_server_prints_leads_in(lab, visit):
    page = visit(f"/?token={lab.keys['admin']}", role=None)
    expect(page).to_have_url(f"{lab.url}/")
    expect(page.get_by_text("the admin")).to_be_visible()


@pytest.mark.slow
def test_every_page_of_the_navigation_is_good_to_look_at_while_there_is_nothing_yet(lab, visit, looks_right):
    page = visit("/")
    for address, name in NAVIGATION.items():
        page.get_by_label("Pages").get_by_role("link", name=name).click()
        expect(page).to_have_url(lab.url + address)
        page.wait_for_load_state("networkidle")
        current = page.get_by_label("Pages").locator("[aria-current=page]")
        expect(current).to_have_text(name)
        looks_right(page)


@pytest.mark.slow
def test_no_script_can_make_markup_of_text(visit):
    page = visit("/")
    refused = page.evaluate(
        "() => { try { document.body.innerHTML = '<b>bold</b>'; } catch (error) { return error.name; } }"
    )
    assert refused == "TypeError"
    visit.said.clear()


@pytest.mark.slow
def test_a_server_that_is_away_is_waited_for(visit):
    page = visit("/")
    page.wait_for_load_state("networkidle")
    page.route("**/v1/studies*", lambda route: route.abort())
    page.goto("/studies")
    expect(page.locator("#notice")).to_contain_text("The server is away; trying again.")
    page.unroute("**/v1/studies*")
    expect(page.locator("#notice")).to_contain_text("The server is back.")
    expect(page.locator("#notice")).to_be_empty()
    expect(page.locator("main")).to_contain_text("No study yet.")
    visit.said.clear()


@pytest.mark.slow
def test_a_link_that_leads_nowhere_is_answered_with_a_page(visit, looks_right):
    page = visit("/no/such/page")
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such page")
    looks_right(page)
    page.get_by_role("link", name="To the first page").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")
    # Programs get what they always got.
    assert page.request.get("/no/such/page").json()["error"]["code"] == "not_found"
    assert all("404" in said for said in visit.said)
    visit.said.clear()


@pytest.mark.slow
def test_a_link_to_a_report_leads_past_signing_in(lab, visit):
    report = "/v1/studies/0123456789abcdef/report"
    page = visit("/sign-in", role=None)
    page.goto(report)
    expect(page).to_have_url(f"{lab.url}/sign-in?return={report}")
    page.get_by_label("Key").fill(lab.keys["viewer"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such page")
    assert all("404" in said for said in visit.said)
    visit.said.clear()
