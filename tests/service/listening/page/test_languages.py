"""The page in the language of whoever reads it: every text of it, by the browser's wish or the link's."""

import json
from importlib import resources

import pytest
from browsing import overflow, violations
from playwright.sync_api import expect

from service.listening.languages import LANGUAGES, words

pytestmark = pytest.mark.slow

PAGE = resources.files("service.listening.page")


def texts(language):
    return json.loads((PAGE / "assets" / f"texts.{language}.json").read_text(encoding="utf-8"))


def test_the_way_to_the_first_answer_is_in_the_language_of_the_browser(visit):
    page, _ = visit("preference", arrived=False, locale="de-AT")
    said = texts("de")
    assert page.locator("html").get_attribute("lang") == "de"
    expect(page).to_have_title("Hörversuch")
    expect(page.locator("main")).to_contain_text("Sie hören 2 Paare von Folgen von 2 Klängen und sagen bei jedem Paar")
    page.get_by_role("button", name=said["consent.agree"]).click()
    page.get_by_label(said["device.monitors"]).check()
    page.get_by_role("button", name=said["continue"]).click()
    page.get_by_role("button", name=said["continue"]).click()
    page.get_by_role("button", name=said["test.begin"]).click()
    expect(page.get_by_role("heading")).to_have_text(words("de").say("question.preference"))
    page.get_by_role("button", name="A hören").click()
    expect(page.locator(".now")).to_have_text("Es spielt: A")
    expect(page.locator(".missing")).to_have_text("Noch zu hören: A (2) und B (1, 2).")
    expect(page.locator(".withdraw")).to_have_text(said["withdraw"])
    assert visit.said == []


def test_a_trial_fits_a_narrow_screen_in_every_language_that_the_link_asks_for(visit):
    page, _ = visit("mushra", locale="en-GB")
    for language in LANGUAGES:
        page.goto(f"{visit.address('mushra')}?lang={language}")
        expect(page.get_by_role("button", name=texts(language)["pause"], exact=True)).to_be_visible()
        expect(page.get_by_role("heading")).to_have_text(words(language).say("question.mushra"))
        assert page.locator("html").get_attribute("lang") == language
        assert page.locator(".labels").first.locator("span").all_inner_texts() == list(words(language).labels)
        assert overflow(page) is None
        if language == "de":
            assert violations(page) == {}
    page.get_by_role("link", name="Français").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.get_by_role("link", name="Français")).to_have_attribute("aria-current", "page")


def test_a_page_with_words_in_one_language_speaks_that_one(visit):
    page, _ = visit("rating", locale="ja-JP")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".withdraw")).to_have_text(texts("en")["withdraw"])
    expect(page.locator(".languages")).to_be_hidden()
