"""Sounds left out of a corpus in the browser, put back and added; and where a corpus is used, before it is deleted."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from nebula.tuning import StudySpec
from service.studies.states import StudyState
from service.studies.tables import Study

pytestmark = pytest.mark.slow


@pytest.fixture
def kit(lab):
    """The id of a corpus of four short tones."""
    times = np.arange(8000) / 22050
    sounds = {
        f"{name}.wav": 0.5 * np.sin(2 * np.pi * hz * times)
        for name, hz in zip("abcd", (200, 300, 400, 500), strict=True)
    }
    return lab.upload("kit", sounds, 22050)


def use(lab, corpus, name, state):
    spec = StudySpec.load("quickstart").with_changes({"target": corpus}).model_dump(mode="json")
    with lab.database.begin() as session:
        session.add(Study(name=name, spec=spec, trials_total=9, state=state))


def panel(page, heading):
    return page.locator("#sounds .panel").filter(has=page.get_by_role("heading", name=heading))


def fact(page, name):
    return page.locator("#facts div").filter(has=page.get_by_text(name, exact=True)).locator("dd")


def test_sounds_are_excluded_by_keyboard_heard_and_put_back(lab, kit, visit, looks_right):
    page = visit(f"/corpora/{kit}")
    page.get_by_role("button", name="Exclude b.wav").press("Enter")
    used, excluded = panel(page, "Sounds").locator(".tile"), panel(page, "Excluded").locator(".tile")
    expect(used).to_have_text([re.compile(f"^{name}0") for name in "acd"])
    expect(excluded).to_have_text([re.compile("^b0")])
    # The next one can be excluded at once.
    expect(page.get_by_role("button", name="Exclude c.wav")).to_be_focused()
    expect(fact(page, "Excluded")).to_have_text("1")
    page.keyboard.press("Enter")
    expect(fact(page, "Sounds")).to_have_text("2")
    page.get_by_role("button", name="Draw the map of what is left").click()
    expect(page.locator(".map .point")).to_have_count(2)
    looks_right(page)
    page.get_by_role("button", name="Play b.wav").press("Enter")
    expect(page.get_by_role("button", name="Play b.wav")).to_be_visible()
    page.get_by_role("button", name="Put back b.wav").press("Enter")
    expect(used).to_have_text([re.compile(f"^{name}0") for name in "abd"])
    expect(page.get_by_role("button", name="Put back c.wav")).to_be_focused()
    page.get_by_role("searchbox").fill("a.w")
    expect(used).to_have_count(1)
    page.get_by_role("button", name="Exclude a.wav").click()
    expect(panel(page, "Sounds")).to_contain_text("No sound is called like this.")
    page.get_by_role("searchbox").fill("")
    page.get_by_role("button", name="Exclude b.wav").click()
    # One stays, so that it can be a target.
    expect(used).to_have_count(1)
    expect(page.get_by_role("button", name="Exclude")).to_have_count(0)


def test_who_goes_on_to_search_while_sounds_are_excluded_stays_there(lab, kit, visit):
    page = visit(f"/corpora/{kit}")
    held = []
    page.route(re.compile("excluded=true"), lambda route: held.append(route))
    page.get_by_role("button", name="Exclude b.wav").click()
    used = panel(page, "Sounds").locator(".tile")
    expect(used).to_have_text([re.compile(f"^{name}0") for name in "acd"])
    search = page.get_by_role("searchbox")
    search.focus()
    page.wait_for_timeout(200)
    held[0].continue_()
    expect(panel(page, "Excluded").locator(".tile")).to_have_count(1)
    page.wait_for_timeout(200)
    page.keyboard.type("c.w")
    expect(used).to_have_text([re.compile("^c0")])
    # Nor does the list that is drawn anew take the place of who writes.
    page.unroute(re.compile("excluded=true"))
    page.route(re.compile("/sounds$"), lambda route: held.append(route))
    page.get_by_role("button", name="Exclude c.wav").click()
    search.focus()
    page.wait_for_timeout(200)
    held[1].continue_()
    expect(panel(page, "Excluded").locator(".tile")).to_have_count(2)
    page.keyboard.press("Backspace")
    expect(search).to_have_value("c.")
    expect(search).to_be_focused()


def test_of_a_corpus_that_studies_have_used_a_version_is_made(lab, kit, visit, looks_right):
    use(lab, kit, "first", StudyState.DONE)
    use(lab, kit, "second", StudyState.STOPPED)
    page = visit(f"/corpora/{kit}")
    expect(fact(page, "Used by")).to_have_text("second, first")
    page.get_by_role("button", name="Exclude b.wav").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("2 studies have used these sounds: second, first.")
    looks_right(page)
    dialog.get_by_role("button", name="Make a version").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("kit 2")
    expect(fact(page, "Made from").get_by_role("link")).to_have_text("kit")
    expect(panel(page, "Sounds").locator(".tile")).to_have_count(3)
    page.get_by_role("button", name="Exclude a.wav").click()
    expect(panel(page, "Excluded").locator(".tile")).to_have_count(2)
    assert lab.experimenter.get(f"/v1/corpora/{kit}").json()["sounds_usable"] == 4


def test_sounds_are_added_on_the_page_of_a_corpus(lab, kit, visit, looks_right, percussion):
    page = visit("/")
    page.on("filechooser", lambda _: None)
    page.goto(f"/corpora/{kit}")
    page.get_by_role("button", name="Choose files").focus()
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files([str(path) for path in sorted(percussion.iterdir())[:2]])
    expect(page.get_by_label("Name of the new corpus")).to_have_value("kit with more")
    looks_right(page)
    page.get_by_role("button", name="Upload").click()
    outcome = page.locator(".outcome")
    expect(outcome).to_contain_text("kit with more is ready: 6 sounds")
    outcome.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("kit with more")
    expect(panel(page, "Sounds").locator(".tile")).to_have_count(6)


def test_where_a_corpus_is_used_is_said_before_it_is_deleted(lab, kit, visit, looks_right):
    page = visit(f"/corpora/{kit}")
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(
        "Its 4 sounds are deleted from the server. This cannot be taken back.No study has used it."
    )
    dialog.get_by_role("button", name="Back").click()
    expect(dialog).to_have_count(0)
    for number in range(10):
        use(lab, kit, f"study {number}", StudyState.DONE)
    page.get_by_role("button", name="Delete").click()
    expect(dialog).to_contain_text("10 studies that have ended used it: study 9, study 8")
    expect(dialog).to_contain_text("study 2 and 2 more. They keep what they have found")
    dialog.get_by_role("button", name="Back").click()
    systems = [{"name": "kit", "corpus": kit}, {"name": "drum", "nebula": "drum"}]
    lab.plan({"version": 1, "name": "which kit", "method": "preference", "systems": systems, "sounds": 1})
    assert lab.experimenter.post("/v1/matches", json={"corpus": kit, "sound": 0}).status_code == 201
    page.get_by_role("button", name="Delete").click()
    expect(dialog).to_contain_text(
        "A listening test plays its sounds and could not be sealed without it: which kit.A match is of its recordings."
    )
    looks_right(page)
    dialog.get_by_role("button", name="Delete").click()
    expect(page).to_have_url(f"{lab.url}/corpora")


def test_who_looks_only_excludes_and_adds_nothing(lab, kit, visit):
    assert lab.experimenter.patch(f"/v1/corpora/{kit}/sounds", json={"exclude": [0]}).status_code == 200
    page = visit(f"/corpora/{kit}", role="viewer")
    expect(panel(page, "Excluded").locator(".tile")).to_have_count(1)
    expect(page.locator(".other-act")).to_have_count(0)
    expect(page.get_by_role("heading", name="Add sounds")).to_have_count(0)
