"""Tests of every method, of odd counts and of one trial, from end to end on 320 pixels with a keyboard alone."""

import json
import re

import pytest
from browsing import overflow, reach, violations
from playwright.sync_api import expect

pytestmark = pytest.mark.slow

NARROW = {"viewport": {"width": 320, "height": 640}}

SYSTEMS = [{"name": "made by hand", "nebula": "drum"}, {"name": "untouched", "nebula": "default"}]
EVEN = {"name": "even", "nebula": "uniform"}

#: Of each method what its plan has beside it, and how many trials and of practice people meet.
PLANS = {
    "preference": ({"sounds": 1, "systems": SYSTEMS}, 1, 0),
    "rating": ({"sounds": 1, "practice": 1, "systems": [*SYSTEMS, EVEN]}, 3, 1),
    "multi-stimulus": ({"sounds": 3, "systems": [*SYSTEMS, EVEN]}, 3, 0),
    "ranking": ({"sounds": 1, "practice": 2, "systems": [*SYSTEMS, EVEN]}, 1, 2),
    "mushra": ({"sounds": 1, "systems": SYSTEMS[:1], "reference": SYSTEMS[1], "anchors_hz": [3500]}, 1, 0),
    "abx": ({"sounds": 3, "practice": 1, "systems": SYSTEMS}, 3, 1),
    "same-different": ({"sounds": 1, "systems": SYSTEMS}, 1, 0),
    "bs1116": ({"sounds": 3, "practice": 1, "systems": SYSTEMS[:1], "reference": SYSTEMS[1]}, 3, 1),
}

#: What no text is to have: a place that was not filled, a value that was not there, one of what there are several of.
WRONG = re.compile(
    r"[{}]|undefined|NaN|null|\[object|\b0 (?:trials|pairs|sounds)"
    r"|(?<![\d.,])1 (?:trials|pairs|sounds|people|minutes|questions|rounds)\b"
    r"|(?<![\d.,])[02-9]\d* (?:trial|pair|sound|minute|question|round)\b"
)


class Reader:
    """Somebody who has a keyboard and a narrow screen, and reads everything."""

    def __init__(self, page):
        self.page, self.read = page, []

    def look(self):
        """Reads what is there, as a screen reader has it."""
        tree = self.page.locator("main").aria_snapshot()
        self.read.append(tree)
        assert overflow(self.page) is None, tree
        assert violations(self.page) == {}, tree
        return tree

    def reach(self, element):
        reach(self.page, element)

    def press(self, name):
        self.reach(self.page.get_by_role("button", name=name))
        self.page.keyboard.press("Enter")

    def answer(self):
        """Plays everything of a trial and answers it."""
        plays = self.page.locator("[data-play]")
        for number in range(plays.count()):
            self.reach(plays.nth(number))
            self.page.keyboard.press("Enter")
            expect(self.page.locator(".now")).to_contain_text("Playing")
        # The first answer; the best of all ratings for the first sound and the worst for others; places in their order.
        for role, keys in (
            ("radio", lambda number: [] if number else ["Space"]),
            ("slider", lambda number: ["Home" if number else "End"]),
            ("combobox", lambda number: ["ArrowDown"] * (number + 1)),
        ):
            for number, asked in enumerate(self.page.locator("main").get_by_role(role).all()):
                for key in keys(number):
                    self.reach(asked)
                    self.page.keyboard.press(key)
        self.press("Next")


@pytest.mark.parametrize("method", PLANS)
def test_a_plan_is_read_and_answered_to_its_end(lab, visit, method):
    form, trials, practised = PLANS[method]
    _, invite = lab.open({"version": 1, "name": f"plan {method}", "method": method, "seconds": 0.3, **form})
    page, _ = visit(method, f"/listen/{invite}", arrived=False, **NARROW)
    reader = Reader(page)
    expect(page.get_by_role("button", name="I agree")).to_be_visible()
    reader.look()
    reader.press("I agree")
    expect(page.get_by_role("heading", name="What you listen with")).to_be_focused()
    reader.look()
    reader.reach(page.get_by_role("radio").first)
    # The second one: whoever has no headphones takes no check of them.
    page.keyboard.press("ArrowDown")
    reader.press("Continue")
    expect(page.get_by_role("button", name="Play the noise")).to_be_visible()
    reader.look()
    reader.press("Play the noise")
    reader.press("Continue")
    for counted, begin in ((practised, "Begin the practice"), (trials, "Begin the test")):
        for number in range(counted):
            progress = re.compile(rf"\b{number + 1} of {counted}\b")
            begins = page.get_by_role("button", name=begin)
            expect(begins.or_(page.locator(".progress").filter(has_text=progress)).first).to_be_visible()
            if begins.is_visible():
                reader.look()
                reader.press(begin)
            expect(page.locator(".progress")).to_have_text(progress)
            expect(page.locator("[data-play]").first).to_be_visible()
            reader.look()
            reader.answer()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    reader.look()
    said = "\n".join(reader.read)
    assert WRONG.findall(said) == []
    assert visit.said == []
    # As many as the plan has, in the words in which people are told before they agree.
    assert re.search(rf"(?<!\d){trials} " if trials > 1 else r"(?i)\b(one|1|a) ", reader.read[0]), reader.read[0]
    assert json.dumps(form["systems"][0]["name"]) not in said
