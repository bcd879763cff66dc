"""Trials on the chart of a study and its finalists: pointed at, and heard, by mouse and by keyboard."""

import re

import pytest
from kept_study import kept_study
from playwright.sync_api import expect

from nebula import Nebula
from nebula.tuning import Entry, Finalist, Space, StudySpec
from service.settings import Settings

pytestmark = pytest.mark.slow

SPEC = StudySpec.load("quickstart").with_changes({"sounds_per_trial": 4})
SPACE = Space.of(SPEC)
DRUM = SPACE.nebula(SPACE.point(Nebula.load("drum")))

SCORES = (3.0, 5.0, 2.0)


@pytest.fixture
def page(lab, visit):
    settings = Settings.read(home=lab.home)
    entries = [Entry(0, candidate, DRUM, score, 0.1) for candidate, score in enumerate(SCORES)]
    finalists = [Finalist("trial 0.2", DRUM, (2.0, 2.5)), Finalist("start", SPACE.start, (7.0, 7.5))]
    page = visit(f"/studies/{kept_study(lab.database, settings, SPEC, entries, finalists)}")
    # Nothing moves on the page once what known nebulae would score has been drawn.
    expect(page.locator("#scores .legend")).to_contain_text("drum, made by hand", timeout=240_000)
    return page


def test_a_trial_is_pointed_at_and_heard(page, looks_right):
    chart = page.get_by_role("slider", name="Score over trials")
    chart.focus()
    page.keyboard.press("ArrowRight")
    expect(chart).to_have_attribute("aria-valuetext", "trial 1: 3, best until then 3")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#scores .tip")).to_have_text("trial 2: 5, best until then 3")
    with page.expect_response(re.compile(r"/trials/1/sounds/0\.flac\?loudness=matched$")) as heard:
        page.keyboard.press("Enter")
    assert heard.value.ok
    expect(page.locator("#trial h3")).to_have_text("trial 2: 5, best until then 3")
    expect(page.locator("#trial .tile").first).to_have_attribute("aria-pressed", "true")
    expect(chart).to_be_focused()
    looks_right(page)


def test_a_redrawn_chart_keeps_its_focus(page):
    chart = page.get_by_role("slider", name="Score over trials")
    chart.focus()
    page.keyboard.press("End")
    before = chart.get_attribute("viewBox")
    page.set_viewport_size({"width": 375, "height": 800})
    expect(chart).not_to_have_attribute("viewBox", before)
    expect(chart).to_be_focused()
    expect(chart).to_have_attribute("aria-valuetext", "trial 3: 2, best until then 2")


def test_a_trial_is_pointed_at_and_heard_by_mouse(page):
    chart = page.get_by_role("slider", name="Score over trials")
    chart.scroll_into_view_if_needed()
    # The last trial is at the right end and lowest of all.
    box = chart.bounding_box()
    page.mouse.move(box["x"] + box["width"] - 14, box["y"] + box["height"] - 50)
    expect(page.locator("#scores .tip")).to_be_hidden()
    dot = page.locator("#scores .steps").bounding_box()
    page.mouse.move(dot["x"] + dot["width"] - 1, dot["y"] + dot["height"] - 1)
    expect(page.locator("#scores .tip")).to_have_text("trial 3: 2, best until then 2")
    page.mouse.down()
    page.mouse.up()
    expect(page.locator("#trial h3")).to_have_text("trial 3: 2, best until then 2")


def test_a_finalist_is_heard(page, looks_right):
    page.get_by_role("tab", name="Finalists").click()
    with page.expect_response(re.compile(r"/finalists/trial%200\.2/sounds/0\.flac\?loudness=matched$")) as heard:
        page.get_by_role("button", name="Play generation 1, candidate 3", exact=True).click()
    assert heard.value.ok
    expect(page.locator("#finalist .tile").first).to_have_attribute("aria-pressed", "true")
    looks_right(page)
