"""Studies in the console: called otherwise, found by a part of their names, and deleted."""

import pytest
from playwright.sync_api import expect

from nebula.tuning import StudySpec
from service.studies.states import StudyState
from service.studies.tables import Study

pytestmark = pytest.mark.slow


def add(lab, name):
    spec = StudySpec.load("quickstart").model_dump(mode="json")
    with lab.database.begin() as session:
        study = Study(name=name, spec=spec, trials_total=120, state=StudyState.PAUSED)
        session.add(study)
    return study.id


def test_a_study_is_renamed_and_asked_again_while_the_name_is_taken(lab, visit, looks_right):
    add(lab, "snares")
    page = visit(f"/studies/{add(lab, 'kicks')}")
    page.get_by_role("button", name="Rename").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Name")).to_have_value("kicks")
    dialog.get_by_label("Name").fill("snares")
    dialog.get_by_role("button", name="Rename").click()
    expect(dialog).to_contain_text("got 'snares', which another study has; choose another")
    dialog.get_by_label("Name").fill("bass drums")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("bass drums")
    expect(page).to_have_title("paused · bass drums – Nebula")
    looks_right(page)
    assert all("409" in said for said in visit.said)
    visit.said.clear()


def test_who_looks_only_cannot_rename(lab, visit):
    page = visit(f"/studies/{add(lab, 'claps')}", role="viewer")
    expect(page.get_by_role("heading", level=1)).to_have_text("claps")
    expect(page.get_by_role("button", name="Rename")).to_have_count(0)


def test_studies_are_searched_by_name(lab, visit, looks_right):
    for name in ("hat one", "hat two", "tom"):
        add(lab, name)
    page = visit("/studies")
    rows = page.get_by_role("region", name="Studies").get_by_role("row")
    page.get_by_label("Search by name").fill("HAT ")
    expect(rows).to_have_count(3)  # the heading among them
    page.get_by_label("Search by name").fill("hat three")
    expect(page.locator("main")).to_contain_text("No study of such a name, tag or note.")
    looks_right(page)
    page.get_by_label("Search by name").fill("hat")
    page.get_by_label("Order").select_option("By name")
    expect(rows.get_by_role("link")).to_have_text(["hat one", "hat two"])
    expect(rows.nth(1)).to_contain_text("drum")
    expect(rows.nth(1)).to_contain_text("log-mel")
    page.get_by_label("Order").select_option("Newest first")
    expect(rows.get_by_role("link")).to_have_text(["hat two", "hat one"])


def test_a_study_is_deleted_after_it_was_said_what_that_frees(lab, visit, looks_right):
    page = visit(f"/studies/{add(lab, 'short-lived')}")
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Its 0 trials, the nebula that it found, its report and its sounds are deleted")
    expect(dialog).to_contain_text("which frees 0 bytes")
    looks_right(page)
    dialog.get_by_role("button", name="Back").click()
    page.get_by_role("button", name="Delete").click()
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Studies")
    expect(page.get_by_role("link", name="short-lived")).to_have_count(0)
