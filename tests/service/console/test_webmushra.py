"""A configuration of webMUSHRA in the browser: read, with what is not kept, and planned."""

import json
import re

import numpy as np
import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow

STIMULI = {"low": "configs/resources/a.wav", "high": "configs/resources/b.wav"}
PAGES = [
    {"type": "generic", "id": "hello", "name": "Hello", "content": "<b>Hello</b>"},
    {"type": "mushra", "id": "tones", "reference": "configs/resources/c.wav", "stimuli": STIMULI, "showWaveform": True},
    {"type": "paired_comparison", "id": "pair", "stimuli": STIMULI},
    {"type": "spatial", "id": "room", "stimuli": STIMULI},
]
CONFIGURATION = json.dumps({"testname": "Tones", "pages": PAGES})


@pytest.fixture
def tones(lab):
    """The id of a corpus with the recordings of the configuration."""
    times = np.arange(16000) / 16000
    sounds = {
        f"{name}.wav": 0.5 * np.sin(2 * np.pi * hz * times) for name, hz in zip("abc", (200, 300, 400), strict=True)
    }
    return lab.upload("tones", sounds, 16000)


def error(page, name):
    return page.locator(f"[data-name={name}] .error")


def test_a_file_becomes_tests_with_what_is_left_out_said_before(lab, tones, visit, looks_right):
    page = visit("/listening-tests")
    page.get_by_role("link", name="From webMUSHRA").click()
    page.get_by_role("button", name="Read it").click()
    expect(error(page, "configuration")).to_have_text("Choose a file, or paste what it says.")
    content = CONFIGURATION.encode()
    page.get_by_label("Configuration").set_input_files(
        {"name": "tones.yaml", "mimeType": "text/yaml", "buffer": content}
    )
    expect(page.get_by_label("or its text")).to_have_value(CONFIGURATION)
    page.get_by_role("button", name="Read it").click()
    expect(error(page, "corpus")).to_have_text("Choose the corpus that has its recordings.")
    page.get_by_label("Its recordings").select_option(tones)
    page.get_by_role("button", name="Read it").click()
    expected = lab.experimenter.post(
        "/v1/listening-tests/webmushra", json={"configuration": CONFIGURATION, "corpus": tones}
    ).json()
    assert len(expected["items"]) == 2
    expect(page.get_by_role("heading", name="It becomes 2 tests")).to_be_focused()
    lines = page.locator("#tests li")
    expect(lines).to_have_count(len(expected["notes"]))
    for shown, note in zip(lines.all_inner_texts(), expected["notes"], strict=True):
        assert shown.startswith(note["text"])
        assert all(name in shown for name in note["pages"])
    expect(page.get_by_role("heading", level=3)).to_have_text(
        [*(spec["name"] for spec in expected["items"]), "Left out", "Changed", "As in every test here"]
    )
    looks_right(page)
    card = page.locator("article").filter(has_text="MUSHRA ·")
    expect(card).to_contain_text("1 excerpt")
    card.get_by_role("button", name="Plan this test").click()
    expect(page).to_have_url(re.compile(f"{re.escape(lab.url)}/listening-tests/[0-9a-f]+$"))
    expect(page.get_by_role("heading", level=1)).to_have_text(expected["items"][0]["name"])
    (test,) = lab.experimenter.get("/v1/listening-tests").json()["items"]
    kept = lab.experimenter.get(f"/v1/listening-tests/{test['id']}").json()
    assert (kept["state"], kept["spec"]["method"]) == ("draft", "mushra")
    assert kept["spec"]["items"] == expected["items"][0]["items"]


def test_what_cannot_be_read_is_said_beside_it(tones, visit):
    page = visit("/listening-tests/webmushra")
    page.get_by_label("or its text").fill("pages: 5")
    page.get_by_label("Its recordings").select_option(tones)
    page.get_by_role("button", name="Read it").click()
    expect(error(page, "configuration")).to_have_text("got none, expected a mapping with a list under the key 'pages'")
    visit.said.clear()


def test_who_looks_only_plans_nothing(visit):
    page = visit("/listening-tests/webmushra", role="viewer")
    expect(page.locator("main")).to_contain_text("Planning a listening test takes an experimenter's key.")
    expect(page.get_by_role("button", name="Read it")).to_have_count(0)
