"""Whole trials by keyboard alone, by mouse, and with a finger on 320 pixels; nothing is lost on the way."""

import re
import time

import pytest
from browsing import reach
from playwright.sync_api import expect
from sqlalchemy import select

from service.accounts.queries import digest
from service.listening.tables import ListeningParticipant, ListeningQuestion

pytestmark = pytest.mark.slow

PHONE = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}


class Keyboard:
    """Someone who has nothing else."""

    def __init__(self, page):
        self.page = page

    def reach(self, element):
        reach(self.page, element, presses=60)

    def press(self, element):
        self.reach(element)
        self.page.keyboard.press("Enter")

    def choose(self, element):
        self.reach(self.page.get_by_role("radio").first)
        self.page.keyboard.press("Space")
        while not element.is_checked():
            self.page.keyboard.press("ArrowDown")

    def rate(self, field, value):
        self.reach(field.get_by_role("slider"))
        if value == 50:  # it stands there already
            self.page.keyboard.press("Enter")
            return
        key, start, step = ("End", 100, "ArrowLeft") if value > 50 else ("Home", 0, "ArrowRight")
        self.page.keyboard.press(key)
        for _ in range(abs(value - start)):
            self.page.keyboard.press(step)


class Mouse:
    """Someone who points."""

    def __init__(self, page):
        self.page = page

    def press(self, element):
        element.click()

    def choose(self, element):
        element.check()

    def rate(self, field, value):
        slider = field.get_by_role("slider")
        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        # The knob's middle goes from half its width to half its width before the end.
        knob = 0.5 * 1.6 * 16
        target = box["x"] + knob + (box["width"] - 2 * knob) * value / 100
        middle = box["y"] + box["height"] / 2
        self.point(box["x"] + box["width"] / 2, target, middle)

    def point(self, start, target, height):
        self.page.mouse.move(start, height)
        self.page.mouse.down()
        self.page.mouse.move((start + target) / 2, height)
        self.page.mouse.move(target, height)
        self.page.mouse.up()


class Finger(Mouse):
    """Someone with a phone."""

    def press(self, element):
        element.tap()

    def choose(self, element):
        element.tap()

    def point(self, start, target, height):
        self.page.touchscreen.tap(target, height)


def answers(lab, person):
    """Returns what the server has saved of a participant's trials, in order."""
    token = person.path.rsplit("/", 1)[1]
    query = select(ListeningQuestion.answer).join(
        ListeningParticipant, ListeningParticipant.id == ListeningQuestion.participant_id
    )
    query = query.where(ListeningParticipant.session_digest == digest(token)).order_by(ListeningQuestion.number)
    with lab.database.read() as session:
        return [answer for answer in session.scalars(query) if answer is not None]


def until(holds):
    """Waits until something holds."""
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def field(page, slot):
    return page.locator(f"rating-field[data-slot={slot}]")


@pytest.mark.parametrize(("hands", "device"), [(Keyboard, {}), (Mouse, {}), (Finger, PHONE)])
def test_a_whole_mushra_trial(lab, visit, hands, device):
    page, person = visit("mushra", **device)
    hand = hands(page)
    expect(page.locator(".progress")).to_have_text(re.compile("1 of 2"))
    ratings = {"A": 73, "B": 50, "C": 4}
    following = page.get_by_role("button", name="Next")
    hand.press(page.get_by_role("button", name="Play the reference"))
    expect(page.locator(".now")).to_have_text("Playing the reference")
    for slot, rating in ratings.items():
        slider = field(page, slot).get_by_role("slider")
        expect(slider).to_be_disabled()
        expect(slider).to_have_attribute("aria-valuetext", "not rated yet")
        expect(following).to_have_attribute("aria-disabled", "true")
        hand.press(page.get_by_role("button", name=f"Play {slot}"))
        expect(page.locator(".now")).to_have_text(f"Playing {slot}")
        hand.rate(field(page, slot), rating)
        expect(slider).to_have_attribute("aria-valuetext", re.compile(r"^\d+, (bad|fair|good)$"))
    exact = hands is Keyboard
    shown = {slot: int(field(page, slot).get_by_role("slider").input_value()) for slot in ratings}
    assert all(abs(shown[slot] - ratings[slot]) <= (0 if exact else 1) for slot in ratings)
    assert field(page, "A").get_by_role("spinbutton").input_value() == str(shown["A"])
    expect(following).to_have_attribute("aria-disabled", "false")
    hand.press(following)
    expect(page.locator(".progress")).to_have_text(re.compile("2 of 2"))
    (answer,) = answers(lab, person)
    assert answer["finished"]
    assert answer["ratings"] == shown
    assert answer["plays"] == {"reference": 1, "A": 1, "B": 1, "C": 1}
    assert 0 < answer["seconds"] < 600
    assert visit.said == []


@pytest.mark.parametrize(("hands", "device"), [(Keyboard, {}), (Mouse, {}), (Finger, PHONE)])
def test_a_whole_comparison_of_playlists(lab, visit, hands, device):
    page, person = visit("preference", **device)
    hand = hands(page)
    for slot in "AB":
        expect(page.get_by_role("radio", name="I prefer B")).to_be_disabled()
        hand.press(page.get_by_role("button", name=f"Play {slot}"))
        for number in (1, 2):
            hand.press(page.get_by_role("button", name=f"Sound {number}"))
            expect(page.locator("[aria-current=true]")).to_have_text(str(number))
        expect(page.locator(f"[data-heard={slot}]")).to_have_text("2 of 2 heard")
    expect(page.locator(".missing")).to_have_text("Your choice is still to be made.")
    hand.choose(page.get_by_role("radio", name="I prefer B"))
    hand.press(page.get_by_role("button", name="Next"))
    expect(page.locator(".progress")).to_have_text(re.compile("2 of 2"))
    (answer,) = answers(lab, person)
    assert (answer["finished"], answer["choice"], answer["ratings"]) == (True, "B", {})
    assert visit.said == []


def test_several_are_rated_on_a_scale_of_five(lab, visit):
    page, person = visit("multi-stimulus")
    for slot, rating, said in (("A", "2", "2, not at all"), ("B", "5", "5, very")):
        page.get_by_role("button", name=f"Play {slot}").click()
        field(page, slot).get_by_role("spinbutton").fill(rating)
        expect(field(page, slot).get_by_role("slider")).to_have_attribute("aria-valuetext", said)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading")).to_have_text("Thank you")
    assert answers(lab, person)[0]["ratings"] == {"A": 2, "B": 5}


def test_letters_play_and_can_be_switched_off(visit):
    page, _ = visit("mushra")
    page.get_by_role("button", name="Play A").wait_for()
    for letter, said in (("r", "the reference"), ("b", "B"), ("C", "C")):
        page.keyboard.press(letter)
        expect(page.locator(".now")).to_have_text(f"Playing {said}")
    page.keyboard.press("p")
    expect(page.locator(".now")).to_have_text("Paused")
    page.get_by_text("Letter and number keys", exact=True).click()
    page.get_by_label("Use letter and number keys").uncheck()
    page.keyboard.press("a")
    page.reload()
    page.get_by_role("button", name="Play A").wait_for()
    page.keyboard.press("a")
    # Whatever is pressed afterwards is heard of only after it.
    page.get_by_role("button", name="Play B").press("Enter")
    expect(page.locator(".now")).to_have_text("Playing B")
    expect(field(page, "A").get_by_role("slider")).to_be_disabled()


def test_digits_choose_and_the_page_says_which(lab, visit):
    page, person = visit("preference")
    page.get_by_role("button", name="Play A").wait_for()
    assert page.locator(".card kbd").all_inner_texts() == ["1", "2", "0"]
    page.keyboard.press("2")
    expect(page.locator(".now")).to_have_text(re.compile("^Still to hear: A .* and B "))
    page.keyboard.press("a")
    page.keyboard.press("b")
    for key, said in (("2", "I prefer B"), ("0", "No preference"), ("1", "I prefer A")):
        page.keyboard.press(key)
        expect(page.get_by_label(said)).to_be_checked()
    until(lambda: answers(lab, person)[0]["choice"] == "A")
    page.get_by_text("Letter and number keys", exact=True).click()
    expect(page.locator(".keys dl")).to_contain_text("2I prefer B")
    page.get_by_label("Use letter and number keys").uncheck()
    expect(page.locator(".card kbd").first).to_be_hidden()
    page.keyboard.press("2")
    # Whatever is pressed afterwards is heard of only after it.
    page.get_by_role("button", name="Play B").press("Enter")
    expect(page.get_by_label("I prefer A")).to_be_checked()


def test_a_reload_in_the_middle_resumes(lab, visit):
    page, person = visit("mushra")
    addresses = person.look()["trial"]["slots"]
    page.get_by_role("button", name="Play A").click()
    field(page, "A").get_by_role("spinbutton").fill("31")
    page.reload()
    slider = field(page, "A").get_by_role("slider")
    expect(slider).to_have_attribute("aria-valuetext", "31, poor")
    expect(slider).to_be_enabled()
    expect(field(page, "B").get_by_role("slider")).to_have_attribute("aria-valuetext", "not rated yet")
    expect(page.locator(".missing")).to_have_text("Still to hear: the reference, B, and C.")
    assert person.look()["trial"]["slots"] == addresses
    assert person.look()["trial"]["saved"]["edit"] == 2
    assert answers(lab, person)[0]["ratings"] == {"A": 31}


def test_ten_seconds_without_network_lose_nothing(lab, visit):
    page, person = visit("mushra")
    page.get_by_role("button", name="Play A").click()
    until(lambda: answers(lab, person))
    page.context.set_offline(True)
    began = time.monotonic()
    for slot in ("B", "C"):
        page.get_by_role("button", name=f"Play {slot}").click()
    page.get_by_role("button", name="Play the reference").click()
    for slot, rating in zip("ABC", (11, 22, 33), strict=True):
        field(page, slot).get_by_role("spinbutton").fill(str(rating))
    expect(page.locator(".connection")).to_have_text(re.compile("^There is no connection"))
    page.get_by_role("button", name="Next").click()
    expect(page.locator(".now")).to_have_text("Your answer is being saved.")
    page.keyboard.press("a")  # too late: the answer is given
    assert answers(lab, person)[0]["ratings"] == {}
    page.wait_for_timeout(1000 * max(0, began + 10 - time.monotonic()))
    page.context.set_offline(False)
    expect(page.locator(".progress")).to_have_text(re.compile("2 of 2"))
    expect(page.locator(".connection")).to_have_text("")
    (answer,) = answers(lab, person)
    assert (answer["finished"], answer["ratings"]) == (True, {"A": 11, "B": 22, "C": 33})
    assert answer["plays"] == {"A": 1, "B": 1, "C": 1, "reference": 1}


def test_what_was_said_offline_outlives_the_page(lab, visit):
    page, person = visit("mushra")
    page.get_by_role("button", name="Play A").click()
    until(lambda: answers(lab, person))
    # The server fails, but the page itself can be loaded again.
    page.route("**/trials/*", lambda route: route.fulfill(status=503, body="{}"))
    field(page, "A").get_by_role("spinbutton").fill("64")
    expect(page.locator(".connection")).not_to_be_empty()
    page.unroute("**/trials/*")
    page.reload()
    expect(field(page, "A").get_by_role("slider")).to_have_attribute("aria-valuetext", "64, good")
    assert answers(lab, person)[0]["ratings"] == {"A": 64}


def test_two_pages_of_one_visit_do_not_overwrite_each_other(lab, visit):
    page, person = visit("mushra")
    page.get_by_role("button", name="Play A").click()
    until(lambda: answers(lab, person))
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_role("button", name="Play A").wait_for()
    for slot in "AB":
        other.get_by_role("button", name=f"Play {slot}").click()
    field(other, "B").get_by_role("spinbutton").fill("80")
    until(lambda: answers(lab, person)[0]["ratings"] == {"B": 80})
    # This one knows nothing of that; what it says is older, and it looks again.
    page.get_by_role("button", name="Play C").click()
    expect(field(page, "B").get_by_role("slider")).to_have_attribute("aria-valuetext", "80, excellent")
    assert answers(lab, person)[0]["ratings"] == {"B": 80}


@pytest.mark.parametrize(
    "method", ["abx", "bs1116", "multi-stimulus", "mushra", "preference", "ranking", "rating", "same-different"]
)
def test_everything_is_large_enough_for_a_finger_and_nothing_scrolls_sideways(visit, method):
    page, _ = visit(method, **PHONE)
    page.locator("[data-play]").first.wait_for()
    for summary in page.locator("summary").all():
        summary.tap()
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, summary, label, a, select, input:not(label input)")]
            .filter(element => element.checkVisibility() && !element.matches(".edge label"))
            .map(element => [element.outerHTML, element.getBoundingClientRect()])
            .filter(([, { width, height }]) => Math.min(width, height) < 44)
            .map(([text]) => text)"""
    )
    assert small == []
