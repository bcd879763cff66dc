"""A new study by four questions, and the form with the same answers."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from nebula.tuning import StudySpec
from service.database import now
from service.studies.states import StudyState
from service.studies.tables import Study, Trial

pytestmark = pytest.mark.slow

PHONE = {"viewport": {"width": 375, "height": 760}, "is_mobile": True, "has_touch": True}


def cost(page):
    return page.locator("#cost")


def test_how_long_says_how_many_trials_that_buys_and_the_form_goes_on_from_there(visit, looks_right):
    page = visit("/studies/quick")
    expect(cost(page)).to_contain_text("60 trials, then 4 finalists")
    page.get_by_label("How long").select_option("10 minutes")
    expect(cost(page)).to_contain_text("300 trials, then 4 finalists")
    expect(cost(page)).to_contain_text("scored 16 times over")
    page.get_by_label("Towards").select_option("the nebula drum")
    page.get_by_label("Name").fill("!")
    expect(page.locator("#field-name-error")).not_to_be_empty()
    expect(page.get_by_role("button", name="Launch")).to_be_disabled()
    page.get_by_label("Name").fill("ten minutes")
    expect(page.get_by_role("button", name="More settings")).to_be_enabled()
    expect(page.locator("#field-name-error")).to_be_empty()
    looks_right(page)
    page.get_by_role("button", name="More settings").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("ten minutes")
    expect(page.get_by_label("Trials")).to_have_value("300")
    expect(page.get_by_label("Target")).to_have_value("drum")
    # What is wrong while somebody types is answered with 422, which browsers note.
    assert all("422" in said for said in visit.said)
    visit.said.clear()


def test_a_study_of_variety_is_launched(lab, visit, looks_right):
    page = visit("/studies/quick", **PHONE)
    page.get_by_label("Towards").select_option("nothing: as varied as can be")
    page.get_by_label("Synthesizer").select_option("percussion")
    page.get_by_label("Name").fill("varied")
    button = page.get_by_role("button", name="Launch")
    expect(button).to_be_enabled()
    looks_right(page)
    button.click()
    page.wait_for_url(re.compile(r"/studies/[0-9a-f]{16}$"))
    with lab.database.read() as session:
        study = session.scalars(select(Study).where(Study.name == "varied")).one()
        spec = StudySpec.parse(study.spec, study.name)
    assert (spec.objective, spec.synth, spec.target, spec.trials) == ("diversify", "percussion", None, 60)


def test_trials_fit_into_the_time_by_what_earlier_ones_took(lab, visit):
    # A second a trial of 64 sounds: 540 of the 600 s are left beside classifiers, 64 of them for finalists.
    spec = StudySpec.load("drum").with_changes({"target": "drum", "sounds_per_trial": 64})
    content = spec.model_dump(mode="json") | {"synth": "voice"}
    with lab.database.begin() as session:
        study = Study(name="before", spec=content, trials_total=1, trials_done=1, state=StudyState.STOPPED)
        session.add(study)
        session.flush()
        row = {"number": 0, "generation": 0, "candidate": 0, "score": 1.0, "seconds": 1.0, "finished_at": now()}
        session.add(Trial(study_id=study.id, **row))
    page = visit("/studies/quick")
    page.get_by_label("How long").select_option("10 minutes")
    expect(cost(page)).to_contain_text("476 trials, then 4 finalists")
    expect(cost(page)).to_contain_text("about 10 minutes")
