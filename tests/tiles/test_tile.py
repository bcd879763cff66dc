"""Tiles on a page of their own, in a real browser: with their script, and without it."""

import hashlib

import numpy as np
import pytest
from browsing import chromium, overflow, violations
from playwright.sync_api import expect

from nebula.audio import encoded
from nebula.tiles import SCRIPT, STYLE, Tile, row

RATE_HZ = 44100
COLOURS = ":root { --panel: #fff; --rule: #ccc; --ink: #222; --soft: #555; --tuned: #0b7d77; }"


def tone(label, frequency_hz, is_lowered=False):
    time = np.arange(2 * RATE_HZ) / RATE_HZ
    return Tile.of(label, encoded(0.1 * np.sin(2 * np.pi * frequency_hz * time), RATE_HZ), is_lowered)


TILES = [tone("a/kick 1.wav", 300), tone("<b>seed</b> 2", 400, is_lowered=True), tone("seed 3", 500)]
PAGE = f"""<!doctype html><html lang="en"><head><title>Tiles</title><style>{COLOURS}{STYLE}</style></head>
<body><main><h1 id="of">Target</h1>{row(TILES, "target", "of")}</main><script>{SCRIPT}</script></body></html>"""


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture
def page(browser):
    opened = browser.new_page()
    opened.set_content(PAGE)
    yield opened
    opened.close()


def test_a_click_plays_shows_where_and_ends(page):
    first, second = (page.get_by_role("button").nth(number) for number in (0, 1))
    expect(first).to_have_accessible_name("Target a/kick 1.wav")
    expect(second).to_have_accessible_name("Target <b>seed</b> 2 (quieter)")
    first.click()
    expect(first).to_have_attribute("aria-pressed", "true")
    line = first.locator(".line")
    page.wait_for_function("document.querySelector('.line').style.left > '1%'")
    expect(line).to_be_visible()
    # One is heard at a time.
    second.click()
    expect(second).to_have_attribute("aria-pressed", "true")
    expect(first).to_have_attribute("aria-pressed", "false")
    assert page.evaluate("[...document.querySelectorAll('audio')].map((audio) => audio.paused)") == [True, False, True]
    page.keyboard.press("Escape")
    expect(second).to_have_attribute("aria-pressed", "false")
    expect(line).to_be_hidden()


def test_arrow_keys_lead_to_the_next_and_play_it(page):
    plays = page.get_by_role("button")
    plays.nth(0).focus()
    page.keyboard.press("ArrowRight")
    expect(plays.nth(1)).to_be_focused()
    expect(plays.nth(1)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("ArrowUp")
    expect(plays.nth(0)).to_be_focused()
    expect(plays.nth(0)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("ArrowLeft")
    expect(plays.nth(0)).to_be_focused()


def test_a_sound_is_kept_as_a_file(page):
    with page.expect_download() as found:
        page.get_by_role("link", name="Download a/kick 1.wav, as FLAC").click()
    assert found.value.suggested_filename == "a-kick 1.flac"
    content = found.value.path().read_bytes()
    time = np.arange(2 * RATE_HZ) / RATE_HZ
    expected = encoded(0.1 * np.sin(2 * np.pi * 300 * time), RATE_HZ)
    assert hashlib.sha256(content).digest() == hashlib.sha256(expected).digest()


def test_it_is_accessible_and_fits_a_telephone(page):
    assert violations(page) == {}
    assert overflow(page) is None


def test_without_a_script_the_browser_plays_them(browser):
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.set_content(PAGE)
    expect(opened.locator("audio[controls]")).to_have_count(3)
    expect(opened.locator("audio").first).to_be_visible()
    expect(opened.get_by_text("<b>seed</b> 2 (quieter)")).to_be_visible()
    context.close()
