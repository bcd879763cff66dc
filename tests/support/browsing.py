"""A real browser, and an eye on what it has to say against a page."""

import shutil
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# Generous: nothing is timed here, and a busy machine is no fault of a page.
PATIENCE_MS = 120_000
expect.set_options(timeout=PATIENCE_MS)


@contextmanager
def chromium():
    """Yields Chromium as it comes, which lets no page make a sound before somebody presses something."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser
        browser.close()


def listen_in(page, said):
    """Enters all errors of a page into a list: those of scripts, of loading, and what its policy has forbidden."""
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))


#: What axe-core looks for in each scheme: all there is, and then what another scheme can change.
RULES = {
    "light": {"resultTypes": ["violations"]},
    "dark": {"resultTypes": ["violations"], "runOnly": ["color-contrast", "link-in-text-block"]},
}


def violations(page):
    """Returns what axe-core has against a page, in light and in dark."""
    found = {}
    for scheme, options in RULES.items():
        page.emulate_media(color_scheme=scheme)
        for violation in Axe().run(page, options=options).response["violations"]:
            found[scheme, violation["id"]] = [node["html"] for node in violation["nodes"]]
    return found


def overflow(page, width=320):
    """Returns by how many pixels a page is wider than a narrow screen, and what sticks out of it."""
    before = page.viewport_size
    page.set_viewport_size({"width": width, "height": 700})
    # What follows the size of its place is drawn with the next frames.
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    found = page.evaluate(
        """(width) => [
          document.documentElement.scrollWidth - width,
          [...document.querySelectorAll("body *")]
            .filter((one) => one.getBoundingClientRect().right > width + 1 && !one.closest(".scrolls, .skip, pre"))
            .slice(0, 5).map((one) => one.outerHTML.slice(0, 120)),
        ]""",
        width,
    )
    page.set_viewport_size(before)
    return None if found[0] <= 0 else found


def reach(page, element, presses=80):
    """Goes to an element with so many presses of the tabulator at most, from wherever the focus is."""
    for _ in range(presses):
        if element.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"out of reach: {element}")
