"""Sounds as tiles: seen, heard one after another by the arrow keys, and taken along."""

import io

import pytest
import soundfile
from playwright.sync_api import expect

pytestmark = pytest.mark.slow

#: The first sound compiles what renders it, and every core may be busy.
PATIENCE_MS = 240_000


@pytest.fixture
def page(visit):
    page = visit("/nebulae/drum")
    page.set_default_timeout(PATIENCE_MS)
    return page


def test_every_sound_has_a_picture_of_a_few_kilobytes(page, looks_right):
    pictures = page.locator(".tile img")
    expect(pictures).to_have_count(8)
    page.wait_for_function("() => [...document.querySelectorAll('.tile img')].every((one) => one.naturalWidth === 160)")
    address = pictures.first.get_attribute("src")
    assert address == "/v1/nebulae/drum/sounds/0.flac?as=picture"
    answer = page.request.get(address)
    assert answer.headers["content-type"] == "image/png"
    assert 100 < len(answer.body()) < 5000
    looks_right(page)


def test_arrow_keys_lead_from_sound_to_sound(page):
    plays = page.locator(".tile")
    plays.nth(2).focus()
    page.keyboard.press("ArrowRight")
    expect(plays.nth(3)).to_be_focused()
    expect(plays.nth(3)).to_have_attribute("aria-pressed", "true")
    line = page.locator(".tile .line:not([hidden])")
    expect(line).to_have_count(1)
    # It moves with what is heard.
    page.wait_for_function("() => parseFloat(document.querySelector('.tile .line:not([hidden])').style.left) > 5")
    page.keyboard.press("ArrowLeft")
    expect(plays.nth(2)).to_have_attribute("aria-pressed", "true")
    expect(plays.nth(3)).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Escape")
    expect(line).to_have_count(0)


def test_a_sound_is_taken_along_as_a_file(page):
    with page.expect_download() as download:
        page.get_by_role("link", name="Download seed 1, as WAV").click()
    assert download.value.suggested_filename == "seed 1.wav"
    content = page.request.get("/v1/nebulae/drum/sounds/1.flac?as=wav").body()
    found, rate_hz = soundfile.read(download.value.path(), dtype="int16")
    expected, _ = soundfile.read(io.BytesIO(page.request.get("/v1/nebulae/drum/sounds/1.flac").body()), dtype="int16")
    assert content.startswith(b"RIFF")
    assert rate_hz == 44100
    assert (found == expected).all()


def test_a_tile_is_dragged_out_as_a_file(page):
    """What a folder or a program gets of a drag in Chromium; that they take it is theirs."""
    given = page.get_by_role("button", name="Play seed 2").evaluate(
        """(button) => {
          const dataTransfer = new DataTransfer();
          button.dispatchEvent(new DragEvent("dragstart", { bubbles: true, dataTransfer }));
          return [button.draggable, dataTransfer.getData("DownloadURL"), dataTransfer.getData("text/uri-list")];
        }"""
    )
    host = page.evaluate("location.origin")
    address = f"{host}/v1/nebulae/drum/sounds/2.flac?as=wav"
    assert given == [True, f"audio/wav:seed 2.wav:{address}", address]
