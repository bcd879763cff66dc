"""Sounds in the browser: one as loud as the other, by one control of the volume that is remembered."""

import io

import pytest
import soundfile
import torch
from playwright.sync_api import expect

from nebula.audio import integrated_loudness_lufs

pytestmark = pytest.mark.slow

#: The first sound compiles what renders it, and every core may be busy.
PATIENCE_MS = 240_000

#: Keeps what plays and how loud: the page's one player is on no page as an element.
LISTEN = """
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () { window.player = this; return play.call(this); };
"""


@pytest.fixture
def listening(visit):
    """Opens a page whose player is `window.player`."""

    def open_page(path):
        page = visit("/")
        page.set_default_timeout(PATIENCE_MS)
        page.add_init_script(LISTEN)
        page.goto(path)
        return page

    return open_page


def loudness_lufs(page):
    """Returns the loudness of what the browser has been given to play."""
    address = page.evaluate("window.player.src")
    sound, rate_hz = soundfile.read(io.BytesIO(page.request.get(address, timeout=PATIENCE_MS).body()), dtype="float32")
    return float(integrated_loudness_lufs(torch.from_numpy(sound), rate_hz))


def test_neighbouring_sounds_are_as_loud_as_each_other(listening):
    page = listening("/nebulae/drum")
    found = []
    for seed in range(5):
        page.get_by_role("button", name=f"Play seed {seed}", exact=True).click()
        page.wait_for_function("(seed) => window.player?.src.includes(`/sounds/${seed}.flac`)", arg=seed)
        found.append(loudness_lufs(page))
    # At their own level they lie 20 LU apart and more.
    assert max(found) - min(found) < 0.1


def test_the_two_sides_of_a_comparison_are_as_loud_as_each_other(listening):
    page = listening("/nebulae/compare?a=drum&b=default")
    found = []
    for side in ("a", "b"):
        page.locator(f"#play-{side}").click()
        page.wait_for_function("(name) => window.player?.src.includes(name)", arg="drum" if side == "a" else "default")
        found.append(loudness_lufs(page))
    assert abs(found[0] - found[1]) < 0.1


def test_the_volume_is_set_once_and_remembered(listening):
    page = listening("/nebulae/drum")
    control = page.get_by_label("Volume")
    expect(control).to_have_value("100")
    page.get_by_role("button", name="Play seed 0").click()
    page.wait_for_function("() => window.player?.volume === 1")
    control.fill("50")
    page.wait_for_function("() => window.player.volume === 0.25")
    page.goto("/nebulae/default")
    expect(page.get_by_label("Volume")).to_have_value("50")
    page.get_by_role("button", name="Play seed 0").click()
    page.wait_for_function("() => window.player?.volume === 0.25")
