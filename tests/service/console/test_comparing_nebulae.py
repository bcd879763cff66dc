"""More than two nebulae beside each other: chosen, heard by the same seed, measured two by two, and drawn."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow

PATIENCE_MS = 240_000


@pytest.fixture
def compare(visit):
    def open_page(query, role="experimenter"):
        page = visit(f"/nebulae/compare{query}", role=role)
        page.set_default_timeout(PATIENCE_MS)
        return page

    return open_page


def test_a_third_nebula_joins_two_and_one_of_them_leaves(lab, compare, looks_right):
    page = compare("?a=drum&b=default")
    page.get_by_label("C", exact=True).select_option("uniform")
    expect(page).to_have_url(f"{lab.url}/nebulae/compare?a=drum&b=default&c=uniform")
    expect(page.get_by_label("C", exact=True)).to_be_focused()
    expect(page.locator("#sounds .tile")).to_have_text(["Adrum", "Bdefault", "Cuniform"])
    expected = lab.experimenter.get("/v1/nebulae/drum/differences", params={"other": ["default", "uniform"]}).json()
    expect(page.locator("#differences")).to_contain_text(
        f"{len(expected['items'])} of the 78, the furthest apart first."
    )
    card = page.locator("#differences .parameter").first
    expect(card.get_by_role("heading")).to_contain_text(expected["items"][0]["name"])
    expect(card.locator(".letter")).to_have_text(["A", "B", "C"])
    expect(card.locator(".bend")).to_have_count(3)
    looks_right(page)
    page.get_by_label("A", exact=True).select_option("None")
    expect(page).to_have_url(f"{lab.url}/nebulae/compare?a=default&b=uniform")
    expect(page.locator("#sounds .tile")).to_have_text(["Adefault", "Buniform"])
    # Two are the fewest.
    assert page.get_by_label("A", exact=True).locator("option").first.is_disabled()


def test_six_are_heard_by_their_letters_with_the_same_seed(compare):
    page = compare("?a=drum&b=default&c=uniform&d=drum-tuned&e=drum&f=default", role="viewer")
    expect(page.locator("#chosen select")).to_have_count(6)
    tiles = page.locator("#sounds .tile")
    expect(tiles).to_have_count(6)
    page.locator("h1").click()
    page.keyboard.press("f")
    expect(tiles.nth(5)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("n")
    expect(page.locator("#seed")).to_have_text("Seed 1")
    # The same one goes on with the next seed.
    expect(tiles.nth(5)).to_have_attribute("aria-pressed", "true")
    expect(tiles.nth(5).locator("img")).to_have_attribute("src", "/v1/nebulae/default/sounds/1.flac?as=picture")


def test_each_pair_is_measured(lab, compare):
    page = compare("?a=drum&b=default&c=uniform")
    page.get_by_role("button", name="Measure").click()
    rows = page.get_by_role("region", name="Distances").locator("tbody tr")
    expect(rows).to_have_count(3, timeout=PATIENCE_MS)
    expect(rows.locator("td:first-child")).to_have_text(
        ["A, drum, and B, default", "A, drum, and C, uniform", "B, default, and C, uniform"], timeout=PATIENCE_MS
    )
    measured = lab.experimenter.get("/v1/nebulae/default/mmd", params={"other": "uniform"}).json()["mmd"]
    assert float(rows.nth(2).locator("td").nth(1).inner_text()) == pytest.approx(measured, rel=1e-3)


def test_nebulae_of_two_synths_are_heard_side_by_side(compare, looks_right):
    page = compare("?a=drum&b=dx7-default")
    expect(page.locator("#differences")).to_contain_text(
        "They are of the synths voice and dx7, which can be compared by their sounds, not by their curves."
    )
    expect(page.locator("#sounds .tile")).to_have_count(2)
    looks_right(page)
