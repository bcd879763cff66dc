"""Links for others in the console: made, opened signed out, heard, and withdrawn."""

import json

import pytest
from found_study import found_study
from playwright.sync_api import expect

from service.studies.results import study_folder
from service.studies.tables import StudyEvent

pytestmark = pytest.mark.slow

#: The first sound compiles what renders it, and every core may be busy.
PATIENCE_MS = 240_000

PHONE = {"viewport": {"width": 375, "height": 760}, "is_mobile": True, "has_touch": True}

FINALISTS = (
    {"origin": "trial 1.0", "mean": 0.3, "low": 0.29, "high": 0.31},
    {"origin": "start", "mean": 7.2, "low": 7.0, "high": 7.5},
)


@pytest.fixture
def study(lab):
    """Id of a finished study."""
    study = found_study(lab.database, lab.home, "kicks", trials=4)
    with lab.database.begin() as session:
        session.add_all(StudyEvent(study_id=study, kind="finalist", data=finalist) for finalist in FINALISTS)
    made = {"listener": {"judgements": [judged("target", 0.5)]}}
    (study_folder(lab.home, study) / "nebula.provenance.json").write_text(json.dumps(made))
    return study


def judged(name, share):
    interval = {"mean": share, "low": share - 0.03, "high": share + 0.03}
    return {"name": name, "told_apart": interval, "fidelity": {"precision": {"mean": 0.9}, "recall": {"mean": 0.9}}}


@pytest.fixture
def opened(visit):
    """Makes a link on a page, and returns the dialog and the link."""

    def made(page):
        page.get_by_role("button", name="Share").click()
        dialog = page.get_by_role("dialog", name="Links for others")
        dialog.get_by_role("button", name="Make a link").click()
        field = dialog.get_by_label("Link", exact=True)
        expect(field).to_be_visible()
        return dialog, field.input_value()

    return made


def test_a_study_is_shared_seen_signed_out_and_withdrawn(visit, study, opened, looks_right):
    page = visit(f"/studies/{study}")
    page.set_default_timeout(PATIENCE_MS)
    dialog, link = opened(page)
    expect(dialog).to_contain_text("Recordings of a corpus are not shared")
    expect(dialog).to_contain_text("Only this computer reaches this address")
    looks_right(page)

    other = visit(link, role=None)
    other.set_default_timeout(PATIENCE_MS)
    expect(other.get_by_role("heading", level=1)).to_have_text("kicks")
    expect(other.locator("#answer")).to_contain_text("24 times as near to drum as uniform")
    expect(other.locator("#answer svg").first).to_be_visible()
    expect(other.get_by_role("heading", level=2)).to_have_text(["Target", "What was found", "Start: uniform"])
    expect(other.locator(".tile")).to_have_count(18)
    other.get_by_role("button", name="Play what was found, seed 0").click()
    expect(other.locator(".tile[aria-pressed=true] .line")).to_be_visible()
    other.wait_for_function("() => parseFloat(document.querySelector('.tile .line:not([hidden])').style.left) > 2")
    looks_right(other)

    page.bring_to_front()
    dialog.get_by_role("button", name="Withdraw link").click()
    expect(dialog.get_by_role("button", name="Make a link")).to_be_visible()
    expect(dialog.locator("input")).to_have_count(0)
    answer = other.goto(link)
    assert answer.status == 404
    expect(other.get_by_role("heading", level=1)).to_have_text("There is nothing here")
    looks_right(other)
    assert all("404" in said for said in visit.said)
    visit.said.clear()


def test_a_nebula_is_shared_on_a_phone(visit, opened, looks_right):
    page = visit("/nebulae/drum", **PHONE)
    page.set_default_timeout(PATIENCE_MS)
    _, link = opened(page)
    other = visit(link, role=None, **PHONE)
    expect(other.get_by_role("heading", level=1)).to_have_text("drum")
    expect(other.locator("#about")).to_have_text("A nebula of voice: each seed is another sound.")
    expect(other.locator(".tile")).to_have_count(6)
    looks_right(other)


def test_who_may_only_look_is_not_offered_to_share(visit, study):
    page = visit(f"/studies/{study}", role="viewer")
    expect(page.get_by_role("link", name="Open the nebula")).to_be_visible()
    expect(page.get_by_role("button", name="Share")).to_have_count(0)
