"""Putting sounds in order with a keyboard alone, on a narrow screen."""

import re

import pytest
from browsing import overflow, violations
from listening_lab import saved_answers
from playwright.sync_api import expect

pytestmark = pytest.mark.slow


def test_sounds_are_put_in_order_by_keyboard(lab, visit):
    page, person = visit("ranking", viewport={"width": 320, "height": 640})
    expect(page.locator(".missing")).to_have_text("Still to hear: A, B, and C.")
    tree = page.locator("main").aria_snapshot()
    for words in ("How do you order these, from the best to the worst?", "give each a place", 'combobox "Place of A"'):
        assert words in tree
    places = {slot: page.get_by_role("combobox", name=f"Place of {slot}") for slot in "ABC"}
    for place in places.values():
        expect(place).to_be_disabled()
    # A letter plays, and a digit gives its place to what was played last.
    for letter, digit in (("a", "2"), ("b", "1"), ("c", "2")):
        page.keyboard.press(letter)
        expect(page.locator(".now")).to_have_text(f"Playing {letter.upper()}")
        page.keyboard.press(digit)
        expect(places[letter.upper()]).to_have_value(digit)
    expect(page.locator(".missing")).to_have_text("Still at the same place: A and C.")
    expect(page.get_by_role("button", name="Next")).to_have_attribute("aria-disabled", "true")
    # By the list itself, too.
    places["C"].focus()
    page.keyboard.press("ArrowDown")
    expect(places["C"]).to_have_value("3")
    expect(page.locator(".missing")).to_have_text("")
    assert overflow(page) is None
    assert violations(page) == {}
    page.reload()
    expect(places["A"]).to_have_value("2")
    page.get_by_role("button", name="Next").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".progress")).to_have_text(re.compile("2 of 2"))
    # Not before its sounds are there can anything be played.
    expect(page.locator(".missing")).to_have_text("Still to hear: A, B, and C.")
    (answer,) = saved_answers(lab, person)
    assert (answer["ratings"], answer["finished"]) == ({"A": 2, "B": 1, "C": 3}, True)
    for letter in "abc":
        page.keyboard.press(letter)
        expect(page.locator(".now")).to_have_text(f"Playing {letter.upper()}")
    places["A"].select_option("1")
    places["A"].select_option("")
    expect(page.locator(".missing")).to_have_text("Still to get a place: A, B, and C.")
    for slot, value in zip("ABC", "312", strict=True):
        places[slot].select_option(value)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading")).to_have_text("Thank you")
    assert saved_answers(lab, person)[1]["ratings"] == {"A": 3, "B": 1, "C": 2}
    assert visit.said == []
