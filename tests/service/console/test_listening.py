"""A listening test from its plan to its result, in the browser, with the people who take part in it."""

import json
import re

import numpy as np
import pytest
from listening_lab import Person, systems_of
from playwright.sync_api import expect

from nebula.listening import answers_needed, listeners_needed, rating_power
from service.listening.audit import CHECKS
from service.listening.spec import ListeningSpec
from service.listening.states import ListeningState
from service.listening.store import StimulusStore
from service.listening.tables import ListeningTest

pytestmark = pytest.mark.slow

HOSTILE = "<img src=x onerror=alert(1)>"

#: What only an unblinded test shows.
SECRETS = ("/key", "/analysis", "/answers", "/answers.csv", "/report")


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def confirm(page, name):
    """Does the next step, and agrees that there is no way back."""
    press(page, name)
    page.get_by_role("dialog").get_by_role("button", name=name).click()


def figures(page, region):
    """Returns names and values of a part of the page."""
    place = page.locator(region).locator(".facts").first
    return dict(zip(place.locator("dt").all_inner_texts(), place.locator("dd").all_inner_texts(), strict=True))


def slow_to_delete(route):
    """Lets what is deleted be gone for longer than a page waits before it asks again, before the page is told so."""
    if route.request.method != "DELETE":
        route.continue_()
        return
    done = route.fetch()
    route.request.frame.page.wait_for_timeout(3000)
    route.fulfill(response=done)


def take_part(lab, invite, winner):
    """Lets somebody prefer one system in every trial."""
    person = Person(lab, invite)
    person.arrive()
    for trial, systems in systems_of(lab, person)[1]:
        answer = person.answer({"id": trial}, choice="AB"[systems.index(winner)])
        assert answer.status_code == 200, answer.text


def test_a_test_is_planned_sealed_opened_answered_closed_and_unblinded(lab, visit, looks_right):
    page = visit("/listening-tests")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    expect(page.get_by_text("No listening test yet.")).to_be_visible()
    page.get_by_role("link", name="Plan a listening test").click()

    name = page.get_by_label("Name").first
    expect(name).to_have_value("ab-64")
    page.get_by_label("Trials").fill("8")
    page.get_by_label("Practice", exact=True).fill("0")
    page.get_by_label("Seconds").fill("0.5")
    page.get_by_text("What participants read").click()
    page.get_by_label("Title").fill(HOSTILE)
    page.get_by_text("What participants answer").click()
    press(page, "Remove question 2")
    press(page, "Remove question 1")
    looks_right(page)
    name.fill(HOSTILE)
    press(page, "Plan this test")
    error = page.locator("[data-name=name] .error")
    expect(error).to_contain_text(f"got {json.dumps(HOSTILE)}, string should match pattern")
    expect(name).to_be_focused()
    assert [said for said in visit.said if "422" not in said] == []
    visit.said.clear()
    name.fill("tuned or by hand")
    press(page, "Plan this test")

    expect(page.get_by_role("heading", level=1)).to_have_text("tuned or by hand")
    expect(page.locator("#about")).to_contain_text(HOSTILE)
    assert page.locator("main img").count() == 0
    page.get_by_role("link", name="Change the plan").click()
    page.get_by_label("Trials").fill("4")
    press(page, "Save the plan")
    confirm(page, "Seal")
    expect(page.get_by_role("button", name="Audit")).to_be_focused()
    press(page, "Audit")
    expect(page.get_by_text("passed", exact=True)).to_have_count(len(CHECKS))
    expect(page.get_by_role("button", name="Open")).to_be_focused()
    looks_right(page)
    assert figures(page, "#about")["Who counts"] == "everybody"
    page.get_by_text("What participants read").click()
    expect(page.locator("#about")).to_contain_text("You will hear 4 pairs of sounds and say which one of each pair")
    assert re.fullmatch(
        r"-\d\d\.\d LUFS(; -23 were planned, and all sounds are turned down alike so that no peak clips)?",
        figures(page, "#about")["Loudness"],
    )
    confirm(page, "Open")

    copying = page.get_by_role("button", name="Copy link for participants")
    expect(copying).to_be_focused()
    assert copying.evaluate("(button) => button.matches('.quiet, .danger')") is False
    assert page.get_by_role("button", name="Close").evaluate("(button) => button.matches('.danger')") is True
    reached, link = (
        page.get_by_label("Address of this server"),
        page.get_by_role("textbox", name="Link for participants"),
    )
    expect(page.locator("#invite")).to_contain_text("Only this computer reaches this address.")
    reached.fill("https://lab.example.org:8443/")
    expect(page.locator("#invite")).not_to_contain_text("Only this computer")
    expect(link).to_have_value(re.compile(r"^https://lab\.example\.org:8443/listen/[\w-]{22}$"))
    code = page.get_by_alt_text("QR code of the link for participants")
    expect(code).to_have_attribute("src", re.compile(r"\?origin=https%3A%2F%2Flab\.example\.org%3A8443$"))
    reached.fill("lab.example.org")
    expect(page.locator("#invite")).to_contain_text("Expected an address such as")
    reached.fill(lab.url)
    address = link.input_value()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    press(page, "Copy link for participants")
    expect(page.get_by_role("status").filter(has_text="Copied")).to_have_count(1)
    assert page.evaluate("navigator.clipboard.readText()") == address
    assert code.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    looks_right(page)
    guest = visit(address, role=None)
    expect(guest.get_by_role("heading")).to_have_text(HOSTILE)
    assert guest.locator("main img").count() == 0
    assert guest.context.cookies() == []

    for _ in range(6):
        take_part(lab, address.rpartition("/")[2], "tuned")
    expect(page.locator("#counts")).to_contain_text("24")
    shown = figures(page, "#counts")
    assert shown == {"State": "open", "Link opened": "7", "People who agreed": "6", "Finished": "6", "Answers": "24"}
    confirm(page, "Close")
    expect(page.get_by_role("button", name="Unblind")).to_be_visible()
    assert page.locator("#invite, #result").all_inner_texts() == ["", ""]
    assert not [url for url in asked if url.partition("?")[0].endswith(SECRETS)]
    confirm(page, "Unblind")

    expect(page.locator("#result")).to_contain_text("verified")
    row = page.get_by_role("region", name="Preferences").get_by_role("row").last
    # All six are for it: the chance of that is 2 / 2**6.
    expect(row).to_contain_text("0 : 6")
    expect(row).to_contain_text("0.031")
    expect(page.get_by_role("img", name="Preferences with their intervals")).to_be_visible()
    page.get_by_text("8 sounds").click()
    expect(page.get_by_role("region", name="Sounds").get_by_role("row")).to_have_count(1 + 8)
    looks_right(page)
    with page.expect_download() as table:
        page.get_by_role("link", name="Answers as CSV").click()
    # The guest, who only looked, has answered nothing, but has places in it.
    assert table.value.path().read_text().count("\n") == 1 + (6 + 1) * 4 * 2
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Read the report").click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("tuned or by hand")
    page.goto("/listening-tests")
    expect(page.get_by_role("row").last).to_contain_text("unblinded")
    looks_right(page)


@pytest.mark.parametrize("name", ListeningSpec.shipped())
def test_the_form_says_all_that_a_spec_holds(lab, visit, name):
    page = visit("/listening-tests/new")
    page.get_by_label("Start from").select_option(name)
    # 64 pairs and two to practise; of 24 excerpts those of one of two groups, and one to practise; ten sets and one.
    # Of four excerpts, each by BS.1116 with each of two coders.
    trials = {
        "ab-64": "66",
        "mushra-24": "13",
        "mushra-nebulae": "11",
        "ranking-nebulae": "11",
        "bs1116-codecs": "8",
    }.get(name, "4")
    expect(page.locator("#power dd").first).to_have_text(trials)
    press(page, "Plan this test")
    page.wait_for_url(lambda address: "/new" not in address)
    shown = lab.show(page.url.rpartition("/")[2])
    assert ListeningSpec.model_validate(shown["spec"]) == ListeningSpec.load(name)
    page.get_by_role("link", name="Plan another like it").click()
    press(page, "Plan this test")
    page.wait_for_url(lambda address: "/new" not in address)
    assert lab.show(page.url.rpartition("/")[2])["spec"] == shown["spec"]


def test_what_the_form_does_not_show_of_a_plan_is_kept(lab, visit):
    corpus = lab.upload("excerpts", {"a.wav": np.zeros((999, 1)) + np.sin(np.arange(999))[:, None] / 9})
    sounds = {"one": ["a.wav"], "two": ["a.wav"]}
    test = lab.plan(
        {
            "version": 1,
            "name": "imported",
            "method": "multi-stimulus",
            "seconds": 12.0,
            "levels": "as-is",
            "strict": False,
            "systems": [{"name": "one"}, {"name": "two"}],
            "corpus": corpus,
            "items": [{"name": "x", "sounds": sounds}, {"name": "y", "sounds": sounds, "text": "Listen."}],
            "order": {"shuffled": False, "parts": ["y", "x"]},
            "scale": {"minimum": 1, "maximum": 7, "labels": ["no", "yes"], "step": 1},
        }
    )
    before = lab.show(test)["spec"]
    page = visit(f"/listening-tests/{test}")
    expect(page.locator("#about")).to_contain_text("Levels are left as they are in each sound")
    assert figures(page, "#about")["Loudness"] == "left as it is in each sound"
    page.get_by_role("link", name="Change the plan").click()
    expect(page.get_by_label("Levels")).to_have_value("as-is")
    press(page, "Save the plan")
    page.wait_for_url(re.compile(f"/listening-tests/{test}$"))
    assert lab.show(test)["spec"] == before


def test_the_calculator_says_what_the_analysis_will_need(visit):
    page = visit("/listening-tests/new")
    power = page.locator("#power")
    for share in (60, 70):
        page.get_by_label("True preference").fill(str(share))
        expect(power.locator(".figure")).to_have_text(f"{listeners_needed(64, share / 100).count} listeners")
        expect(power).to_contain_text(f"it would take {answers_needed(share / 100).count} people")
    page.get_by_label("True preference").fill("50.1")
    expect(power.get_by_role("status")).to_contain_text("power: 0.8 is not reached")
    assert [said for said in visit.said if "422" not in said] == []
    visit.said.clear()
    page.get_by_label("True preference").fill("60")
    page.get_by_label("Trials").fill("16")
    page.get_by_label("Method").select_option("rating")
    for listeners in (8, 64):
        row = power.get_by_role("row").filter(has=page.get_by_role("cell", name=str(listeners), exact=True)).first
        expect(row).to_contain_text(f"{100 * rating_power(listeners, 16, 5, 8, 15):.0f} %")


def test_values_that_do_not_go_together_are_said_beside_their_field(visit):
    page = visit("/listening-tests/new")
    page.get_by_label("Method").select_option("mushra")
    page.get_by_label("Seconds").fill("13")
    press(page, "Plan this test")
    expect(page.locator("[data-name=seconds] .error")).to_have_text(
        "got 13, expected at most 12 for mushra, as ITU-R BS.1534-3 has it, or strict = false"
    )
    page.get_by_label("Seconds").fill("12")
    page.get_by_text("Excerpts that you list", exact=True).click()
    page.get_by_label("Excerpts, as JSON").fill("[")
    press(page, "Plan this test")
    expect(page.locator("[data-name=items] .error")).to_contain_text("not JSON")
    assert [said for said in visit.said if "422" not in said] == []
    visit.said.clear()


def test_a_test_that_leaks_does_not_open(lab, visit, looks_right):
    systems = [{"name": "a", "nebula": "drum"}, {"name": "b", "nebula": "default"}]
    spec = {"version": 1, "name": "leaks", "method": "preference", "sounds": 2, "seconds": 0.5, "systems": systems}
    test = lab.seal(spec)
    with lab.database.read() as session:
        folder = StimulusStore(lab.home).root / session.get(ListeningTest, test).folder
    path = min(folder.iterdir())
    samples = np.load(path)
    with path.open("wb") as file:
        np.save(file, samples / 2)
    page = visit(f"/listening-tests/{test}")
    press(page, "Audit")
    expect(page.get_by_text("leaks", exact=True).nth(1)).to_be_visible()
    expect(page.get_by_role("button", name="Open")).to_have_count(0)
    looks_right(page)
    press(page, "Copy to a new draft")
    page.wait_for_url(lambda address: test not in address)
    copy = page.url.rpartition("/")[2]
    expect(page.get_by_role("button", name="Seal")).to_be_visible()
    assert (lab.show(copy)["state"], lab.show(copy)["spec"]) == ("draft", lab.show(test)["spec"])
    with lab.database.begin() as session:
        session.get(ListeningTest, copy).state = ListeningState.SEALING
    confirm(page, "Stop sealing")
    expect(page.get_by_role("button", name="Seal")).to_be_focused()
    page.goto(f"/listening-tests/{test}")
    # The page goes on asking how the test is while it is being deleted, but not once it is gone.
    page.route(f"**/v1/listening-tests/{test}", slow_to_delete)
    confirm(page, "Delete")
    expect(page).to_have_url(f"{lab.url}/listening-tests")
    assert lab.experimenter.get(f"/v1/listening-tests/{test}").status_code == 404


def test_a_plan_is_tried_as_a_participant_and_leaves_nothing_behind(lab, visit, looks_right):
    page = visit("/listening-tests/new")
    page.get_by_label("Seconds").fill("0.5")
    page.get_by_label("Practice", exact=True).fill("0")
    press(page, "Preview as a participant")
    link = page.get_by_role("link", name="Open the preview in a new tab")
    expect(link).to_be_focused()
    looks_right(page)
    with page.context.expect_page() as opened:
        link.click()
    tried = opened.value
    expect(tried.locator(".preview")).to_contain_text("This is a preview")
    expect(tried.locator("main")).to_contain_text("You will hear 64 pairs")
    looks_right(tried)
    press(tried, "I agree and want to take part")
    expect(tried.get_by_role("heading", name="What you listen with")).to_be_visible()
    kept = "Object.keys(localStorage).filter((key) => key.startsWith('listen:'))"
    assert tried.evaluate(kept) == []
    press(page, "Plan this test")
    page.get_by_role("button", name="Try it yourself").click()
    expect(page.get_by_role("link", name="Open the preview in a new tab")).to_be_visible()
    assert figures(page, "#counts")["Link opened"] == "0"


def test_who_only_looks_is_shown_nothing_to_press(lab, visit):
    test = lab.plan(
        {
            "version": 1,
            "name": "looked at",
            "method": "rating",
            "systems": [{"name": "a", "nebula": "drum"}],
        }
    )
    page = visit(f"/listening-tests/{test}", role="viewer")
    expect(page.locator("#next")).to_contain_text("It takes an experimenter's key.")
    expect(page.locator("main").get_by_role("button")).to_have_count(0)
    page.goto("/listening-tests/new")
    expect(page.locator("#form")).to_contain_text("takes an experimenter's key")
    expect(page.locator(".figure")).to_be_visible()
