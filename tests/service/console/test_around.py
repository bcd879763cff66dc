"""Nebulae around sounds and around presets, made in the browser."""

import json

import pytest
from playwright.sync_api import expect

from nebula import Nebula

pytestmark = pytest.mark.slow


def around(lab, **what):
    answer = lab.experimenter.post("/v1/nebulae/surroundings", json=what)
    return Nebula.from_json(json.dumps(answer.json()["nebula"]))


def kept(lab, name):
    return Nebula.from_json(lab.experimenter.get(f"/v1/nebulae/{name}/export").text)


def test_a_nebula_is_made_around_the_sound_that_was_heard_last(lab, visit, looks_right):
    page = visit("/nebulae/drum")
    page.get_by_role("button", name="Play seed 3").click()
    page.get_by_role("button", name="Around a sound").press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Seed")).to_have_value("3")
    expect(dialog.get_by_label("Name")).to_have_value("drum around 3")
    dialog.get_by_label("How near").select_option("very near")
    looks_right(page)
    dialog.get_by_label("Name").press("Enter")
    expect(page).to_have_url(f"{lab.url}/nebulae/drum%20around%203")
    expect(page.locator("#origin").get_by_role("link", name="drum", exact=True)).to_be_visible()
    assert kept(lab, "drum around 3") == around(lab, nebula="drum", seed=3, width=0.05)


def test_the_dialog_stays_until_the_nebula_is_made_and_says_why_it_is_not(visit, looks_right):
    page = visit("/nebulae/drum")
    page.get_by_role("button", name="Around a sound").click()
    dialog = page.get_by_role("dialog")
    held = []
    page.route("**/v1/nebulae/surroundings", lambda route: held.append(route))
    dialog.get_by_label("Name").fill("drum")
    dialog.get_by_label("Name").press("Enter")
    expect(dialog.get_by_role("status")).to_have_text("One moment …")
    expect(dialog.get_by_role("button", name="Make it")).to_be_disabled()
    held[0].continue_()
    # It is asked for, and refused, under a name that is taken.
    expect(dialog.locator("[data-name=name] .error")).to_contain_text("'drum'")
    expect(dialog.get_by_label("Name")).to_be_focused()
    expect(dialog.get_by_role("status")).to_have_text("")
    looks_right(page)
    visit.said.clear()
    dialog.get_by_role("button", name="Back").click()
    expect(dialog).to_have_count(0)


def test_a_nebula_is_made_around_presets_of_a_file(lab, visit, tmp_path):
    bank = lab.experimenter.get("/v1/nebulae/drum/presets", params={"count": 3, "format": "json"})
    (tmp_path / "bank.json").write_bytes(bank.content)
    (tmp_path / "drum.json").write_text(Nebula.load("drum").to_json())
    page = visit("/nebulae")
    page.get_by_role("button", name="Around presets").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Presets").set_input_files(tmp_path / "drum.json")
    dialog.get_by_label("Name").fill("three")
    dialog.get_by_role("button", name="Make it").click()
    # A nebula is a list, and no presets.
    expect(dialog.locator(".error").filter(has_text="presets")).to_be_visible()
    visit.said.clear()
    dialog.get_by_label("Presets").set_input_files(tmp_path / "bank.json")
    dialog.get_by_role("button", name="Make it").click()
    expect(page).to_have_url(f"{lab.url}/nebulae/three")
    expect(page.locator("#origin")).to_contain_text("a mixture of 3 components")
    assert kept(lab, "three") == around(lab, presets=bank.json(), width=0.2)
    page.goto("/nebulae")
    page.get_by_role("button", name="Around presets").click()
    dialog.get_by_label("Presets").set_input_files(tmp_path / "bank.json")
    dialog.get_by_label("Which of them").fill("2")
    dialog.get_by_label("Name").fill("second")
    dialog.get_by_role("button", name="Make it").click()
    expect(page).to_have_url(f"{lab.url}/nebulae/second")
    assert kept(lab, "second") == around(lab, nebula="drum", seed=1, width=0.2)
