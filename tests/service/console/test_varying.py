"""Nebulae varied by chance in the browser, with locks, and step by step back and forth."""

import pytest
from playwright.sync_api import expect

from nebula import Nebula
from service.nebulae.variation import varied

pytestmark = pytest.mark.slow


@pytest.fixture
def varied_once(visit):
    """The drum nebula, of which one module and one parameter are locked, varied: the page, and what was asked for."""
    page = visit("/nebulae/drum")
    page.get_by_role("button", name="Lock vco_1", exact=True).press("Enter")
    page.get_by_label("Lock mixer noise", exact=True).check()
    page.get_by_label("How far to vary").select_option("a lot")
    with page.expect_request("**/v1/nebulae/variations") as request, page.expect_request("**/v1/nebulae/preview"):
        page.get_by_role("button", name="Vary this").press("Enter")
    return page, request.value.post_data_json


def test_a_nebula_is_varied_with_locks_by_its_seed_and_saved_with_what_it_was(lab, varied_once, looks_right):
    page, asked = varied_once
    drum = Nebula.load("drum")
    locked = [path for path in drum.panel.paths if path.startswith("vco_1.")] + ["mixer.noise"]
    assert (asked["width"], asked["locked"]) == (0.6, locked)
    expected = varied(drum, 0.6, asked["seed"], locked)
    changed = sum(a != b for a, b in zip(drum.curves, expected.curves, strict=True))
    expect(page.locator("#shaping [role=status]")).to_have_text(f"{changed} parameters changed")
    expect(page.get_by_role("button", name="Lock vco_1", exact=True)).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Lock vco_1 tuning", exact=True).uncheck()
    expect(page.get_by_role("button", name="Lock vco_1", exact=True)).to_have_attribute("aria-pressed", "false")
    looks_right(page)
    page.get_by_role("button", name="Save as new").click()
    page.get_by_role("dialog").get_by_label("Name").fill("varied drum")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{lab.url}/nebulae/varied%20drum")
    assert Nebula.from_json(lab.experimenter.get("/v1/nebulae/varied drum/export").text) == expected
    page.locator("#origin").get_by_role("link", name="drum", exact=True).click()
    expect(page).to_have_url(f"{lab.url}/nebulae/drum")


def test_steps_are_taken_back_and_done_again_by_keys_and_buttons(varied_once):
    page, _ = varied_once
    status = page.locator("#shaping [role=status]")
    undo, redo = page.get_by_role("button", name="Undo"), page.get_by_role("button", name="Redo")
    number = page.get_by_label("Curve of mixer noise as a number")
    first, varied_words = number.input_value(), status.text_content()
    number.fill("7")
    # What is not entered yet is the browser's to take back.
    page.keyboard.press("Control+z")
    expect(status).to_have_text(varied_words)
    number.fill("7")
    number.press("Enter")
    expect(status).not_to_have_text(varied_words)
    page.get_by_label("Filter by name").fill("mixer noise")
    box = page.locator(".parameter:visible .pad").bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    page.mouse.down()
    for part in (0.55, 0.6, 0.7):
        page.mouse.move(box["x"] + part * box["width"], box["y"] + part * box["height"])
    page.mouse.up()
    dragged = number.input_value()
    assert dragged not in (first, "7")
    number.focus()
    # However long it took, a drag is one step.
    for key, value in (("Control+z", "7"), ("Control+z", first), ("Shift+Control+Z", "7"), ("Control+y", dragged)):
        page.keyboard.press(key)
        expect(number).to_have_value(value)
    expect(redo).to_have_attribute("aria-disabled", "true")
    for _ in range(3):
        undo.press("Enter")
    expect(status).to_have_text("Drag a curve below, and hear the change.")
    expect(undo).to_have_attribute("aria-disabled", "true")
    expect(undo).to_be_focused()
    redo.click()
    expect(status).to_have_text(varied_words)
    # Another change ends what could be done again.
    number.fill("3")
    number.press("Enter")
    expect(redo).to_have_attribute("aria-disabled", "true")
    undo.click()
    expect(status).to_have_text(varied_words)
