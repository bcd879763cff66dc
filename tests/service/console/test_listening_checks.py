"""Attention checks in the console: planned, said before sealing, and in the result."""

import pytest
from listening_lab import Person, systems_of
from playwright.sync_api import expect

pytestmark = pytest.mark.slow


def figures(page, region):
    """Returns names and values of a part of the page."""
    place = page.locator(region).locator(".facts").first
    return dict(zip(place.locator("dt").all_inner_texts(), place.locator("dd").all_inner_texts(), strict=True))


def take_part(lab, invite, of_checks):
    """Lets somebody answer every trial, each check with one choice and all else with A."""
    person = Person(lab, invite)
    person.arrive()
    for trial, systems in systems_of(lab, person)[1]:
        answer = person.answer({"id": trial}, choice=of_checks if len(set(systems)) == 1 else "A")
        assert answer.status_code == 200, answer.text


def test_checks_are_planned_and_who_fails_them_is_screened_out(lab, visit, looks_right):
    page = visit("/listening-tests/new")
    page.get_by_label("Name").first.fill("checked")
    for label, value in (("Trials", 2), ("Practice", 0), ("Seconds", 0.3), ("Attention checks", 2)):
        page.get_by_label(label, exact=True).fill(str(value))
    expect(page.locator("#power dd").first).to_have_text("4")
    expect(page.locator("#power dd").last).to_have_text("6")
    page.get_by_role("button", name="Plan this test").click()
    error = page.locator("[data-name=checks] .error")
    expect(error).to_have_text("got 2, expected 0 but for preference with tie = true")
    visit.said.clear()
    page.get_by_label("is an answer").check()
    page.get_by_text("How answers are analysed").click()
    page.get_by_label("Who counts").select_option("attention")
    page.get_by_text("What participants answer").click()
    for row in (2, 1):
        page.get_by_role("button", name=f"Remove question {row}").click()
    looks_right(page)
    page.get_by_role("button", name="Plan this test").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("checked")
    expect(page.locator("#about .remarks")).to_contain_text("counts, with a chance of at most 55.6 %.")
    shown = figures(page, "#about")
    assert (shown["Attention checks"], shown["Who counts"]) == ("2", "who fails no more than one attention check")
    test = page.url.rpartition("/")[2]
    lab.seal_draft(test)
    invite = lab.do(test, "open")["invite"].removeprefix("/listen/")
    take_part(lab, invite, "tie")
    take_part(lab, invite, "B")
    lab.do(test, "close")
    lab.do(test, "unblind")
    page.reload()
    expect(page.locator("#result")).to_contain_text("verified")
    found = figures(page, "#result")
    assert (found["Screened out"], found["Attention checks failed"]) == ("1", "2 of 4, by 1 participant")
    looks_right(page)
