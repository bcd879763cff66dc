"""Where nebulae come from, and their stars, in the browser."""

import json

import pytest
from found_study import found_study
from playwright.sync_api import expect

from nebula import Nebula

pytestmark = pytest.mark.slow


def test_nebulae_say_where_they_come_from_and_are_found_again_by_their_stars(lab, visit, looks_right):
    drum = json.loads(Nebula.load("drum").to_json())
    lab.experimenter.post("/v1/nebulae", json={"name": "a child", "nebula": drum, "saved_from": "drum-tuned"})
    lab.experimenter.post("/v1/nebulae", json={"name": "lost", "nebula": drum})
    lab.experimenter.post("/v1/nebulae", json={"name": "an orphan", "nebula": drum, "saved_from": "lost"})
    lab.experimenter.delete("/v1/nebulae/lost")
    study = found_study(lab.database, lab.home)

    page = visit("/nebulae")
    row = page.get_by_role("row")
    expect(row.filter(has_text="dx7-default")).to_contain_text("searches of it begin here")
    expect(row.filter(has_text="an orphan")).to_contain_text("saved from lost")
    expect(row.filter(has_text="an orphan").get_by_role("link", name="lost")).to_have_count(0)
    expect(row.filter(has_text="found by study").get_by_role("link", name="Found drums", exact=True)).to_have_count(2)
    for name in ("Star a child", "Star drum-correlated"):
        page.get_by_role("button", name=name, exact=True).press("Enter")
        expect(page.get_by_role("button", name=name, exact=True)).to_have_attribute("aria-pressed", "true")
    looks_right(page)
    page.get_by_role("button", name="★ Starred").press("Enter")
    expect(row).to_have_count(3)  # with the heading
    expect(page.get_by_role("button", name="★ Starred")).to_be_focused()
    page.get_by_role("button", name="Kept").click()
    expect(row).to_have_count(2)
    page.reload()
    expect(row).to_have_count(2)
    page.get_by_role("link", name="a child", exact=True).click()
    star = page.get_by_role("button", name="Star a child")
    expect(star).to_have_attribute("aria-pressed", "true")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "false")
    looks_right(page)
    page.get_by_role("link", name="drum-tuned", exact=True).click()
    expect(page.locator("#origin")).to_contain_text("towards 452 recordings of percussion")
    page.goto(f"/nebulae/{study}")
    page.get_by_role("link", name="Found drums", exact=True).click()
    expect(page).to_have_url(f"{lab.url}/studies/{study}")


def test_a_viewer_sees_no_stars(visit):
    page = visit("/nebulae", role="viewer")
    expect(page.get_by_role("link", name="drum-logmel", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Star")).to_have_count(0)
