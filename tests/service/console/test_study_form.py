"""The form of a study: synthesizers that no list has, words that are explained, and answers that are carried once."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

import service.console
from nebula import synths
from service.studies.tables import Study

pytestmark = pytest.mark.slow

ROOT = Path(service.console.__file__).parents[2]


@pytest.mark.parametrize("form", ["/studies/new", "/studies/quick"])
def test_a_member_of_a_family_is_chosen_by_its_name_and_launched(lab, visit, looks_right, form):
    page = visit(form)
    synth = page.get_by_label("Synthesizer")
    expect(synth).to_have_value("voice")
    expect(page.get_by_role("button", name="Launch")).to_be_enabled()
    synth.select_option("another, by its name …")
    name = page.get_by_label("Called")
    expect(name).to_be_focused()
    # What was chosen stays until another one is known.
    expect(synth).to_have_value("voice")
    expect(page.locator("main")).to_contain_text("parametric-s-q-f-g: the numbers of sines, square-saws, FM sines")
    page.keyboard.type("parametric-9-9-9-9")
    page.keyboard.press("Enter")
    expect(page.locator(".error", has_text="got 'parametric-9-9-9-9', expected parametric-s-q-f-g")).to_be_visible()
    assert all("404" in said for said in visit.said)
    visit.said.clear()
    looks_right(page)
    name.fill("parametric-1-0-0-0")
    page.keyboard.press("Enter")
    expect(synth).to_have_value("parametric-1-0-0-0")
    expect(synth).to_be_focused()
    expect(name).to_be_hidden()
    title = f"one of {form.rpartition('/')[2]}"
    page.get_by_label("Name", exact=True).fill(title)
    expect(page.get_by_role("button", name="Launch")).to_be_enabled()
    page.get_by_role("button", name="Launch").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    with lab.database.read() as session:
        study = session.scalars(select(Study).where(Study.name == title)).one()
    assert (study.synth, study.spec["search"]["start"]) == ("parametric-1-0-0-0", "uniform-parametric-1-0-0-0")
    sound = lab.experimenter.get("/v1/nebulae/uniform-parametric-1-0-0-0").json()
    assert len(sound["parameters"]) == len(synths.get("parametric-1-0-0-0").panel)


def test_a_word_is_explained_where_it_stands_by_keyboard(visit, looks_right):
    page = visit("/studies/new")
    button = page.get_by_role("button", name="What “nearness” means")
    meaning = page.locator(".meaning", has_text="how near a sound comes to the nearest one of the target")
    expect(meaning).to_be_hidden()
    button.press("Enter")
    expect(meaning).to_be_visible()
    box, beside = meaning.bounding_box(), button.bounding_box()
    assert abs(box["x"] - beside["x"]) < 400
    assert min(abs(box["y"] - beside["y"]), abs(box["y"] + box["height"] - beside["y"])) < 40
    looks_right(page)
    page.keyboard.press("Escape")
    expect(meaning).to_be_hidden()
    expect(button).to_be_focused()
    assert button.get_attribute("title").startswith("nearness: how near a sound comes")


def test_words_mean_what_the_glossary_says(visit):
    rows = re.findall(
        r"^\| \*(.+?)\* \| (.*) \|$", (ROOT / "docs/glossary.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    expected = {f"{word}: {meaning}." for word, meaning in rows}
    page = visit("/studies/new")
    expect(page.get_by_role("button", name="What “sampler”, “phase” means")).to_be_visible()
    said = set(page.locator(".meaning p").all_text_contents())
    assert said <= expected
    script = (ROOT / "service/console/assets/glossary.js").read_text(encoding="utf-8")
    known = re.findall(r'^  (\w+): ".*",$', script, re.MULTILINE)
    # None is kept that no field needs.
    assert {words.split(":")[0] for words in said} == set(known)


def test_answers_are_carried_over_once(visit):
    page = visit("/studies/quick")
    page.get_by_label("Name", exact=True).fill("carried over")
    expect(page.get_by_role("button", name="More settings")).to_be_enabled()
    page.get_by_role("button", name="More settings").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("carried over")
    expect(page).to_have_url(re.compile(r"/studies/new$"))
    page.goto("/studies/new?carried=yes")
    expect(page.get_by_label("Name", exact=True)).to_have_value("quickstart")
