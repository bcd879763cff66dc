"""Optuna's dashboard as people see it: it leads back, and offers nothing that is refused."""

import pytest
from kept_study import kept_study
from playwright.sync_api import expect

from nebula import Nebula
from nebula.tuning import Entry, StudySpec
from service.settings import Settings

pytestmark = pytest.mark.slow


def test_it_offers_looking_only_and_leads_back(lab, visit):
    entries = [Entry(0, 0, Nebula.load("drum"), 0.5, 0.1)]
    kept_study(lab.database, Settings.read(home=lab.home), StudySpec.load("quickstart"), entries, ())
    page = visit("/dashboard")
    expect(page.get_by_role("button", name="Reload")).to_be_visible()
    expect(page.get_by_text("quickstart")).to_be_visible()
    for name in ("Create", "rename study", "delete study"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    page.get_by_role("link", name="Back to Nebula").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Studies")
    # It asks for a map of its script and an icon, which it does not bring.
    visit.said[:] = [said for said in visit.said if "404" not in said]
