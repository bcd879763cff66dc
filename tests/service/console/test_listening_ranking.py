"""A test of orders in the console: its start, its power, and its result."""

import pytest
from listening_lab import Person, systems_of
from playwright.sync_api import expect

from nebula.listening import ranking_power

pytestmark = pytest.mark.slow

PLACES = {"tuned": 1, "made by hand": 2, "untouched": 3}


def test_an_order_is_planned_and_shown(lab, visit, looks_right):
    page = visit("/listening-tests/new")
    page.get_by_label("Method").select_option("ranking")
    expect(page.locator("[data-name=method] .hint")).to_contain_text("In which order are several sounds")
    expect(page.locator("[data-name=tie]")).to_be_hidden()
    expect(page.locator("#power")).to_contain_text("An order takes three systems or more.")
    page.get_by_role("button", name="Add another").click()
    page.get_by_label("Name").first.fill("in order")
    for label, value in (("Trials", 2), ("Practice", 0), ("Seconds", 0.3)):
        page.get_by_label(label, exact=True).fill(str(value))
    page.get_by_label("Placed before another, %").fill("75")
    row = page.locator("#power").get_by_role("row", name="16")
    expect(row).to_contain_text(f"{100 * ranking_power(16, 2, 3, 0.75, simulations=500):.0f} %")
    looks_right(page)

    test, invite = lab.open(
        {
            "version": 1,
            "name": "ordered",
            "method": "ranking",
            "sounds": 2,
            "seconds": 0.3,
            "systems": [{"name": name, "nebula": "drum"} for name in PLACES],
            "analysis": {"resamples": 50},
        }
    )
    for _ in range(6):
        person = Person(lab, invite)
        person.arrive()
        for trial, systems in systems_of(lab, person)[1]:
            ratings = {"ABC"[slot]: PLACES[system] for slot, system in enumerate(systems)}
            assert person.answer({"id": trial}, ratings=ratings).status_code == 200
    lab.do(test, "close")
    lab.do(test, "unblind")
    page.goto(f"/listening-tests/{test}")
    result = page.locator("#result")
    expect(result).to_contain_text("Friedman’s test over 6 listeners: p < 0.001; Kendall’s W 1.00.")
    expect(result.get_by_role("img", name="Mean places, of which 1 is the best, with their intervals")).to_be_visible()
    expect(result.get_by_role("region", name="Places").get_by_role("row").last).to_contain_text("3.0")
    looks_right(page)
