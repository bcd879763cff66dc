"""From the first start of the real command to a nebula that one can take away: by mouse, then by keyboard alone."""

import re
import subprocess
import sys
from contextlib import suppress

import psutil
import pytest
from playwright.sync_api import expect

from nebula import Nebula

pytestmark = pytest.mark.slow

#: A study goes through many stages, each of which compiles or renders something first.
PATIENCE_MS = 240_000

MOST_TABS = 80


@pytest.fixture(scope="module")
def link(tmp_path_factory):
    """What `nebula serve` prints at its first start: a link that leads in."""
    home = tmp_path_factory.mktemp("first") / "home"
    command = [sys.executable, "-m", "nebula", "serve", "--home", home, "--port", "0", "--workers", "1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    yield process.stdout.readline().strip()
    with suppress(psutil.NoSuchProcess):
        family = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
        process.wait(60)
        for child in psutil.wait_procs(family, timeout=30)[1]:
            child.kill()
    process.stdout.close()


def ended(page, state):
    expect(page.locator("#state")).to_have_text(state, timeout=PATIENCE_MS)


def reach(page, name):
    """Goes on with the tabulator until what is in focus has a name."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        said = page.evaluate(
            "(() => { const one = document.activeElement;"
            "return one.ariaLabel ?? one.labels?.[0]?.textContent ?? one.textContent; })()"
        )
        if said.strip() == name:
            return
    raise AssertionError(f"{name!r} cannot be reached")


def test_the_first_study_by_mouse(link, visit):
    page = visit(link, role=None, url=link.partition("/?")[0])
    page.get_by_role("link", name="Begin the first study").click()
    # Smaller than it comes, so that it takes less time here.
    for label, value in (("Sounds a trial", "8"), ("Trials", "24"), ("How many", "1"), ("How often", "2")):
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="Launch").click()
    expect(page.locator("#state")).to_have_text("running", timeout=PATIENCE_MS)
    ended(page, "done")
    expect(page.locator(".facts")).to_contain_text("24 of 24 trials")
    expect(page.locator("#importance li")).not_to_have_count(0)
    expect(page.locator("#finalists tbody tr")).to_have_count(3)
    page.locator(".menu summary").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Nebula (JSON)").click()
    assert download.value.suggested_filename == "quickstart.json"
    assert Nebula.load(download.value.path()) != Nebula.load("uniform")
    page.get_by_role("button", name="Play what was found, seed 0").click()
    expect(page.get_by_role("button", name="Play what was found, seed 0")).to_have_attribute("aria-pressed", "true")
    # Its cost is known here from now on.
    page.goto("/studies/new")
    expect(page.locator("#cost")).to_contain_text(re.compile("That takes .* with the one worker that there is"))
    # The report is shown, in a sandbox from which it reaches nothing of ours.
    page.go_back()
    page.locator(".menu summary").click()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Report").click()
    expect(opened.value.get_by_role("heading", level=1)).to_contain_text("quickstart")
    with pytest.raises(Exception, match=r"sandboxed"):
        opened.value.evaluate("document.cookie")


def test_another_by_keyboard_alone_paused_resumed_and_stopped(link, visit, browser):
    page = visit(link, role=None, url=link.partition("/?")[0])
    reach(page, "Studies")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/studies$"))
    reach(page, "New study")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="More settings")).to_be_enabled()
    reach(page, "More settings")
    page.keyboard.press("Enter")
    expect(page.get_by_label("The same as TOML")).to_be_visible()

    def write(label, value):
        reach(page, label)
        page.keyboard.press("Control+a")
        page.keyboard.type(value)

    write("Name", "by keyboard")
    # Without a target there is nothing to render before the first trial, and to listen to after the last.
    reach(page, "Objective")
    page.keyboard.press("End")
    expect(page.get_by_label("Target")).to_be_hidden()
    for label, value in (("Sounds a trial", "4"), ("Trials", "2000"), ("How many", "1")):
        write(label, value)
    expect(page.get_by_role("button", name="Launch")).to_be_enabled()
    reach(page, "Launch")
    page.keyboard.press("Enter")
    expect(page.locator(".facts")).to_contain_text(re.compile(r"[1-9][\d,]* of 2,000 trials"), timeout=PATIENCE_MS)
    reach(page, "Pause")
    page.keyboard.press("Enter")
    ended(page, "paused")
    # Who pressed a button is at the one that came in its place.
    expect(page.get_by_role("button", name="Resume")).to_be_focused()
    page.keyboard.press("Enter")
    ended(page, "running")
    reach(page, "Stop")
    page.keyboard.press("Enter")
    reach(page, "Stop it")
    page.keyboard.press("Enter")
    ended(page, "stopped")
    reach(page, "Export")
    page.keyboard.press("Enter")
    reach(page, "Nebula (JSON)")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename == "by keyboard.json"
    Nebula.load(download.value.path())
