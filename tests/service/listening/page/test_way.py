"""The way through a test, from consent to withdrawal, with an eye on who cannot see, and the ends it can come to."""

import re

import pytest
from browsing import overflow, violations
from playwright.sync_api import expect
from sqlalchemy import select

from service.listening.tables import ListeningParticipant

pytestmark = pytest.mark.slow

CLOSED = {
    "version": 1,
    "name": "closed",
    "method": "rating",
    "sounds": 1,
    "seconds": 0.2,
    "systems": [{"name": "made by hand", "nebula": "drum"}],
}


def press(page, name):
    page.get_by_role("button", name=name).click()


def listener(lab, recruited):
    """Returns what the server has of who was recruited like this, None if nothing."""
    with lab.database.read() as session:
        found = [row for row in session.scalars(select(ListeningParticipant)) if row.recruited == recruited]
        return (found[0].stages, found[0].questionnaire) if found else None


def test_the_whole_way(lab, visit, invites):
    recruited = {"PROLIFIC_PID": "5f1", "STUDY_ID": "s", "SESSION_ID": "x"}
    query = "&".join(f"{key}={value}" for key, value in recruited.items())
    page, _ = visit("rating", f"/listen/{invites['rating']}?{query}", arrived=False)

    # What the experimenter wrote is text, whatever it looks like.
    expect(page.get_by_role("heading")).to_have_text("Drums & <drones>")
    expect(page).to_have_title("Drums & <drones>")
    expect(page.locator("main p")).to_contain_text(["Read this.", "And <b>this</b>."])
    assert page.locator("main b").count() == 0
    assert violations(page) == {}
    press(page, "I agree")

    expect(page.get_by_role("heading", name="What you listen with")).to_be_focused()
    press(page, "Continue")
    expect(page.locator(".missing")).to_have_text("Please say what you listen with.")
    page.get_by_label("Headphones or earphones").check()
    press(page, "Begin the check")
    for number in range(1, 7):
        expect(page.locator("#check-round")).to_have_text(f"Round {number} of 6")
        expect(page.get_by_role("button", name="Noise 2")).to_be_disabled()
        press(page, "Play the three noises")
        if number == 1:
            assert violations(page) == {}
        press(page, "Noise 2")
    expect(page.locator("headphone-check")).to_have_text("Thank you, the check is done.")
    press(page, "Continue")

    press(page, "Play the noise")
    expect(page.get_by_role("button", name="Play the noise")).to_have_attribute("aria-pressed", "true")
    assert violations(page) == {}
    press(page, "Continue")

    press(page, "Begin the practice")
    for said in ("Practice 1 of 1", "1 of 1"):
        expect(page.locator(".progress")).to_have_text(re.compile(rf"^{said}"))
        press(page, "Play A")
        page.get_by_label("Rating of A as a number").fill("101")  # no rating
        expect(page.get_by_role("slider", name="Rating of A")).to_have_attribute("aria-valuetext", "not rated yet")
        page.get_by_label("Rating of A as a number").fill("12")
        page.get_by_label("unpleasant").check()
        press(page, "Next")
        if said.startswith("Practice"):
            press(page, "Begin the test")

    expect(page.get_by_role("heading", name="A few questions")).to_be_visible()
    press(page, "Send")
    expect(page.locator(".missing")).to_have_text("Please answer: Do you mix?")
    assert violations(page) == {}
    page.get_by_label("yes", exact=True).check()
    page.get_by_label("ears").check()
    page.get_by_label("Anything else?").fill("<i>No</i>")
    page.reload()
    expect(page.get_by_label("Anything else?")).to_have_value("<i>No</i>")
    expect(page.get_by_label("yes", exact=True)).to_be_checked()
    press(page, "Send")

    expect(page.get_by_role("link", name="Confirm")).to_have_attribute("href", "https://example.org/done")
    assert violations(page) == {}
    stages, questionnaire = listener(lab, recruited)
    check = stages["device"]["check"]
    assert stages["device"]["device"] == "headphones"
    assert [answered["answer"] for answered in check["rounds"]] == [2] * 6
    assert check["correct"] == sum(answered["target"] == 2 for answered in check["rounds"])
    outputs = page.evaluate("new AudioContext().destination.maxChannelCount")
    assert stages["volume"] == {"heard": True, "outputs": outputs}
    assert questionnaire == {"mixing": "yes", "tools": ["ears"], "remarks": "<i>No</i>"}

    # The link works in another browser, too.
    link = page.locator("main").get_by_role("link", name="Withdraw").get_attribute("href")
    page.evaluate("localStorage.clear()")
    page.goto("about:blank")
    page.goto(f"/listen/{invites['rating']}{link}")
    expect(page.get_by_role("heading", name="Withdraw")).to_be_visible()
    assert violations(page) == {}
    press(page, "Delete my answers")
    expect(page.get_by_role("heading")).to_have_text("Your answers are deleted")
    assert listener(lab, recruited) is None
    assert visit.said == []


@pytest.mark.parametrize(
    "method", ["abx", "bs1116", "multi-stimulus", "mushra", "preference", "ranking", "rating", "same-different"]
)
def test_a_trial_can_be_used_without_seeing_it(visit, method):
    page, _ = visit(method)
    # A sound that ends would be over before a busy machine looks.
    page.get_by_label("Repeat").check()
    press(page, "Play A")
    expect(page.get_by_role("status").filter(has_text="Playing A")).to_be_visible()
    for summary in page.locator("summary").all():
        summary.click()
    assert violations(page) == {}
    page.set_viewport_size({"width": 320, "height": 640})
    assert violations(page) == {}
    assert overflow(page) is None
    # Nothing tells how long or how loud a sound is.
    assert page.locator("canvas, svg, audio, meter").count() == 0
    assert not re.search(r"\d\s*(s|ms|dB|sec)\b|\d:\d\d", page.locator("main").inner_text())


def test_the_page_is_the_same_for_everyone(lab, invites):
    with lab.client() as client:
        shells = [client.get(f"/listen/{invite}") for invite in (invites["rating"], invites["preference"], "none")]
        assert {shell.content for shell in shells} == {shells[0].content}
        assert "default-src 'none'; script-src 'self'" in shells[0].headers["content-security-policy"]
        assert "trusted-types 'none'" in shells[0].headers["content-security-policy"]
        assert "unsafe" not in shells[0].headers["content-security-policy"]
        answer = client.get("/assets/listening/routes.py")
        assert (answer.status_code, answer.json()["error"]["message"]) == (404, "file 'routes.py': there is none")


def test_nothing_sounds_before_somebody_asks(visit):
    page, _ = visit("mushra")
    page.get_by_role("button", name="Play A").wait_for()
    expect(page.locator(".now")).to_have_text("")
    assert page.get_by_role("button", pressed=True).count() == 0


def test_an_unknown_link_leads_to_a_friendly_page(visit):
    page, _ = visit("mushra", "/listen/none", arrived=False)
    expect(page.get_by_role("heading")).to_have_text("This link leads nowhere")
    assert violations(page) == {}


def test_a_closed_test_says_so_even_in_the_middle(lab, visit, invites):
    test, invite = lab.open(CLOSED)
    page, _ = visit("mushra", f"/listen/{invite}", arrived=False)
    press(page, "I agree")
    page.get_by_label("Something else").check()
    lab.do(test, "close")
    press(page, "Continue")
    expect(page.get_by_role("heading")).to_have_text("This test is over")
    page.reload()
    expect(page.get_by_role("heading")).to_have_text("This test is over")
    assert violations(page) == {}
    page.get_by_role("link", name="Withdraw").click()
    press(page, "Delete my answers")
    expect(page.get_by_role("heading")).to_have_text("Your answers are deleted")


def test_the_next_one_at_a_browser_begins_anew(visit, invites):
    page, _ = visit("rating", f"/listen/{invites['rating']}?PROLIFIC_PID=one", arrived=False)
    press(page, "I agree")
    expect(page.get_by_role("heading")).to_have_text(re.compile("What you listen with"))
    page.goto(f"/listen/{invites['rating']}?PROLIFIC_PID=two")
    expect(page.get_by_role("button", name="I agree")).to_be_visible()
    page.goto(f"/listen/{invites['rating']}?PROLIFIC_PID=one")
    expect(page.get_by_role("heading")).to_have_text(re.compile("What you listen with"))
