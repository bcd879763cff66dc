"""The console on a telephone: nothing is clipped, everything can be pressed, and nothing is said of keys."""

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from nebula.tuning import StudySpec
from service.studies.states import StudyState
from service.studies.tables import Study

pytestmark = pytest.mark.slow

PHONE = {"viewport": {"width": 375, "height": 760}, "is_mobile": True, "has_touch": True}

#: Of what is pressed by a finger, in CSS pixels.
LEAST = 44

BOXES = "(all) => all.filter((one) => one.offsetParent).map((one) => one.getBoundingClientRect().toJSON())"


@pytest.fixture
def study(lab):
    spec = StudySpec.load("quickstart").model_dump(mode="json")
    long = "a study with a long name"
    with lab.database.begin() as session:
        session.add(Study(name=long, spec=spec, trials_total=120, state=StudyState.PAUSED, best=0.5))


@pytest.mark.parametrize("path", ["/studies", "/nebulae", "/nebulae/drum"])
def test_whatever_is_pressed_has_the_size_of_a_finger(visit, study, path):
    page = visit(path, **PHONE)
    page.wait_for_load_state("networkidle")
    boxes = page.locator("main button:not(.link), nav a").evaluate_all(BOXES)
    assert len(boxes) > 6
    assert min(box["height"] for box in boxes) >= LEAST


def test_the_way_to_all_pages_is_one_line_at_the_bottom(visit):
    page = visit("/studies", **PHONE)
    boxes = page.locator("nav a").evaluate_all(BOXES)
    assert len({box["top"] for box in boxes}) == 1
    assert boxes[0]["bottom"] == pytest.approx(760, abs=1)
    assert boxes[-1]["right"] <= 375
    page.get_by_label("Pages").get_by_role("link", name="Nebulae").tap()
    page.wait_for_url("**/nebulae")


def test_rows_of_tables_are_cards_with_nothing_cut_off(lab, visit, study, looks_right):
    page = visit("/studies", **PHONE)
    row = page.get_by_role("row", name="a study with a long name").first
    expect(row).to_contain_text("0.5 so far")
    box = page.get_by_role("region", name="Studies")
    assert box.evaluate("(one) => one.scrollWidth - one.clientWidth") <= 0
    looks_right(page)


def test_nothing_is_said_of_keys_where_there_are_none(visit):
    page = visit("/nebulae/drum", **PHONE)
    expect(page.get_by_role("button", name="Play seed 1")).to_be_visible()
    assert page.locator("kbd").evaluate_all(BOXES) == []


def test_hundreds_of_parameters_are_folded_with_a_lock_beside_each_module(visit):
    page = visit("/nebulae/uniform-parametric-2-2-1-1", **PHONE)
    expect(page.locator(".lock")).to_have_count(40)
    assert page.evaluate("document.documentElement.scrollHeight") <= 3000
    boxes = page.locator(".lock").evaluate_all(BOXES)
    assert all(above["bottom"] <= below["top"] + 0.5 for above, below in pairwise(boxes))
