"""Trials of ABX, of same or different and of BS.1116, read at 320 pixels and answered with a keyboard alone."""

import re

import pytest
from browsing import overflow, reach, violations
from listening_lab import saved_answers
from playwright.sync_api import expect

pytestmark = pytest.mark.slow

NARROW = {"viewport": {"width": 320, "height": 640}}

# Beside what the plan says: what is to be done, and what can be answered, as a screen reader has it.
SAID = {
    "abx": ["Is X the same as A or as B?", "Play A, B and X.", "X is A", "X is B", "I cannot tell"],
    "same-different": ["Are these two the same or different?", "Play both.", "The same", "Different"],
    "bs1116": [
        "How much worse than the reference is the one that is not the reference?",
        "Play the reference and both of the others, and grade both.",
        "it gets 5.",
    ],
}


def press(page, name):
    """Presses a button that is reached with the tabulator."""
    button = page.get_by_role("button", name=name, exact=True)
    reach(page, button)
    page.keyboard.press("Enter")


def play(page, *names):
    """Plays each of the sounds."""
    for name in names:
        press(page, f"Play {name}")
        expect(page.locator(".now")).to_have_text(f"Playing {name}")


def choose(page, label):
    """Chooses an answer with space and the arrows."""
    reach(page, page.get_by_role("radio").first)
    page.keyboard.press("Space")
    wanted = page.get_by_role("radio", name=re.compile(f"^{re.escape(label)}"))
    for _ in range(page.get_by_role("radio").count()):
        if wanted.is_checked():
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError("out of reach")


@pytest.mark.parametrize("method", SAID)
def test_a_trial_is_read_on_a_narrow_screen(visit, method):
    page, _ = visit(method, **NARROW)
    expect(page.get_by_role("button", name="Play A")).to_be_visible()
    tree = page.locator("main").aria_snapshot()
    for words in SAID[method]:
        assert words in tree
    # One of the sounds is X, or the reference, and no other has a name that tells.
    heard = {"abx": ["A", "B", "X"], "same-different": ["A", "B"], "bs1116": ["the reference", "A", "B"]}[method]
    assert page.locator("[data-play]").evaluate_all(
        "buttons => buttons.map(button => button.ariaLabel ?? button.textContent.trim())"
    ) == [f"Play {name}" for name in heard]
    assert overflow(page) is None
    assert violations(page) == {}


def test_abx_by_keyboard(lab, visit):
    page, person = visit("abx", **NARROW)
    expect(page.locator(".progress")).to_have_text(re.compile("1 of 2"))
    answers = page.get_by_role("radio")
    expect(answers).to_have_count(3)
    play(page, "A", "B")
    # X decides: before it is heard there is no answer.
    for answer in answers.all():
        expect(answer).to_be_disabled()
    expect(page.locator(".missing")).to_have_text("Still to hear: X.")
    play(page, "X")
    expect(page.locator(".missing")).to_have_text("Your choice is still to be made.")
    choose(page, "X is B")
    press(page, "Next")
    expect(page.locator(".progress")).to_have_text(re.compile("2 of 2"))
    play(page, "A", "B", "X")
    page.keyboard.press("0")
    expect(page.get_by_role("radio", name="I cannot tell")).to_be_checked()
    press(page, "Next")
    expect(page.get_by_role("heading")).to_have_text("Thank you")
    assert [answer["choice"] for answer in saved_answers(lab, person)] == ["B", "tie"]
    assert [answer["plays"] for answer in saved_answers(lab, person)] == [{"A": 1, "B": 1, "X": 1}] * 2
    assert visit.said == []


def test_same_or_different_by_keyboard(lab, visit):
    page, person = visit("same-different", **NARROW)
    for choice, other in (("Different", "The same"), ("The same", "Different")):
        expect(page.get_by_role("radio", name=other)).to_be_disabled()
        play(page, "A", "B")
        choose(page, choice)
        expect(page.get_by_role("radio", name=other)).not_to_be_checked()
        press(page, "Next")
        expect(page.locator(".progress, h1").filter(has_text=re.compile("2 of 2|Thank you"))).to_be_visible()
    expect(page.get_by_role("heading")).to_have_text("Thank you")
    assert [answer["choice"] for answer in saved_answers(lab, person)] == ["different", "same"]
    assert visit.said == []


def test_grades_by_keyboard(lab, visit):
    page, person = visit("bs1116", **NARROW)
    play(page, "the reference", "A")
    slider, number = (page.locator("rating-field[data-slot=A]").get_by_role(role) for role in ("slider", "spinbutton"))
    reach(page, slider)
    page.keyboard.press("Home")
    for _ in range(12):
        page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "2.2, annoying")
    expect(number).to_have_value("2.2")
    play(page, "B")
    other = page.locator("rating-field[data-slot=B]").get_by_role("slider")
    reach(page, other)
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    expect(other).to_have_attribute("aria-valuetext", "4.9, imperceptible")
    # One of the two is the reference, and gets the highest grade.
    expect(page.locator(".missing")).to_have_text("The one that you take for the reference has to get 5.")
    expect(page.get_by_role("button", name="Next")).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("ArrowRight")
    expect(other).to_have_attribute("aria-valuetext", "5, imperceptible")
    expect(page.get_by_role("button", name="Next")).to_have_attribute("aria-disabled", "false")
    press(page, "Next")
    expect(page.locator(".progress")).to_have_text(re.compile("2 of 2"))
    (answer,) = saved_answers(lab, person)
    assert (answer["ratings"], answer["finished"]) == ({"A": 2.2, "B": 5}, True)
    assert visit.said == []
