"""Tags and notes of studies in the console: written, read, and what studies are found by."""

import pytest
from playwright.sync_api import expect

from nebula.tuning import StudySpec
from service.studies.states import StudyState
from service.studies.tables import Study

pytestmark = pytest.mark.slow

HOSTILE = "<img src=x onerror=alert(1)>"


def add(lab, name, **described):
    spec = StudySpec.load("quickstart").model_dump(mode="json")
    with lab.database.begin() as session:
        study = Study(name=name, spec=spec, trials_total=120, state=StudyState.PAUSED)
        session.add(study)
    assert lab.experimenter.patch(f"/v1/studies/{study.id}", json=described).status_code == 200
    return study.id


def test_tags_and_a_note_are_written_with_the_keyboard(lab, visit, looks_right):
    add(lab, "other", tags=["live", "quiet"])
    page = visit(f"/studies/{add(lab, 'kicks')}")
    description = page.locator("#description")
    description.get_by_role("button", name="Add tags or a note").press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Tags", exact=True)).to_be_focused()
    page.keyboard.type("Drums, too-long-for-a-single-tag")
    live = dialog.get_by_role("button", name="live")
    expect(live).to_have_attribute("aria-pressed", "false")
    live.press("Enter")
    expect(live).to_have_attribute("aria-pressed", "true")
    expect(dialog.get_by_label("Tags", exact=True)).to_have_value("drums too-long-for-a-single-tag live")
    dialog.get_by_label("Note").fill(f"Louder than the last.\n{HOSTILE}")
    looks_right(page)
    dialog.get_by_role("button", name="Save").press("Enter")
    expect(dialog.locator(".error", has_text='got "too-long-for-a-single-tag"')).to_be_visible()
    assert all("422" in said for said in visit.said)
    visit.said.clear()
    expect(dialog.get_by_label("Note")).to_have_value(f"Louder than the last.\n{HOSTILE}")
    dialog.get_by_label("Tags", exact=True).fill("Drums live")
    dialog.get_by_role("button", name="Save").press("Enter")
    expect(dialog).to_have_count(0)
    expect(description.get_by_role("link")).to_have_text(["drums", "live"])
    expect(description.get_by_role("note")).to_have_text(f"Louder than the last. {HOSTILE}")
    looks_right(page)
    description.get_by_role("link", name="drums").press("Enter")
    expect(page).to_have_url(f"{lab.url}/studies?tag=drums")
    row = page.get_by_role("region", name="Studies").get_by_role("row").nth(1)
    expect(row).to_contain_text("Louder than the last.")
    expect(row).not_to_contain_text(HOSTILE)
    expect(row.get_by_role("link")).to_have_text(["kicks", "drums", "live"])
    looks_right(page)


def test_studies_are_filtered_by_tag_and_found_by_their_notes(lab, visit):
    for name, tags, note in (("hat one", ["hats"], ""), ("hat two", ["hats", "best"], ""), ("ride", [], "a cymbal")):
        add(lab, name, tags=tags, note=note)
    page = visit("/studies")
    rows = page.get_by_role("region", name="Studies").get_by_role("row")
    tag = page.get_by_label("Tag", exact=True)
    tag.select_option("hats (2)")
    expect(rows).to_have_count(3)  # the heading among them
    expect(page).to_have_url(f"{lab.url}/studies?tag=hats")
    page.get_by_role("button", name="running").click()
    expect(page.locator("main")).to_contain_text("No study that is running has the tag hats.")
    expect(page).to_have_url(f"{lab.url}/studies?state=running&tag=hats")
    page.reload()
    expect(tag).to_have_value("hats")
    page.get_by_role("button", name="all").click()
    expect(rows).to_have_count(3)
    tag.select_option("Any tag")
    page.get_by_label("Search by name, tag or note").fill("CYMB")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text("ride")


def test_who_looks_only_reads_them(lab, visit):
    page = visit(f"/studies/{add(lab, 'claps', tags=['hands'], note='clap')}", role="viewer")
    expect(page.locator("#description")).to_have_text("handsclap")
    expect(page.get_by_role("button", name="Edit")).to_have_count(0)


def test_a_long_note_leaves_room_for_the_rest(lab, visit, looks_right):
    page = visit(f"/studies/{add(lab, 'told at length', note='word ' * 400)}")
    note = page.get_by_role("note")
    note.focus()
    expect(note).to_be_focused()
    assert note.bounding_box()["height"] < 80
    looks_right(page)
