"""Matches in the browser: asked for with a file or a recording of a corpus, heard, taken along and deleted."""

import pytest
from playwright.sync_api import expect

from nebula import synths
from service.matches import queries

pytestmark = pytest.mark.slow

MARKUP = "<img src=x onerror=alert(1)>"


def finish(lab, match_id):
    """Enters what a manager would have found."""
    with lab.database.begin() as session:
        synth = queries.find(session, match_id).synth
        queries.finish(session, match_id, synths.get(synth).sample([9])[0].tolist(), 0.25, 0.5)


def test_recordings_are_matched_heard_taken_along_and_deleted(lab, visit, percussion, looks_right):
    paths = sorted(percussion.iterdir())[:2]
    files = [("files", (path.name, path.read_bytes())) for path in paths]
    corpus = lab.experimenter.post("/v1/corpora", data={"name": MARKUP}, files=files).json()["id"]
    page = visit("/nebulae", viewport={"width": 375, "height": 800})
    page.get_by_role("link", name="Match recordings").click()
    expect(page.get_by_text("No match yet.")).to_be_visible()
    looks_right(page)

    page.get_by_label("File", exact=True).set_input_files(paths[1])
    page.get_by_label("Synthesizer").select_option("dx7")
    page.get_by_role("button", name="Match", exact=True).click()
    row = page.get_by_role("region", name="Matches").locator("tbody tr").first
    expect(row).to_contain_text("hit-01.wav")
    expect(row).to_contain_text("queued")
    (asked,) = lab.experimenter.get("/v1/matches").json()["items"]
    assert (asked["synth"], asked["corpus_name"], asked["sound"]) == ("dx7", "hit-01", 0)

    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"/corpora/{corpus}")
    page.get_by_role("link", name="Match its sounds").click()
    expect(page.get_by_label("Recording from").locator("option:checked")).to_have_text(MARKUP)
    page.get_by_label("Recording", exact=True).select_option("hit-00.wav")
    page.get_by_label("Synthesizer").select_option("voice")
    page.get_by_label("Search").select_option("quick")
    page.get_by_role("button", name="Match", exact=True).click()
    expect(row).to_contain_text("hit-00.wav")
    asked = lab.experimenter.get("/v1/matches").json()["items"][0]
    assert (asked["synth"], asked["corpus_name"], asked["sound"]) == ("voice", MARKUP, 0)
    finish(lab, asked["id"])
    expect(row).to_contain_text("done")
    expect(row.locator("td").nth(3)).to_have_text("0.25")
    expect(row.locator("td").nth(4)).to_have_text("0.5")
    looks_right(page)
    with page.expect_response(f"**/v1/matches/{asked['id']}/sound.flac?loudness=matched") as heard:
        page.get_by_role("button", name="Play what voice has for hit-00.wav").click()
    assert heard.value.status in (200, 206)
    for name, kind in (("Download the preset as json", "json"), ("Download the sound as wav", "wav")):
        with page.expect_download() as download:
            row.get_by_role("link", name=name).click()
        assert download.value.suggested_filename == f"{asked['id']}.{kind}"
    page.get_by_role("button", name="Delete the match of hit-00.wav by voice").click()
    expect(row).to_contain_text("hit-01.wav")
    assert lab.experimenter.get(f"/v1/matches/{asked['id']}").status_code == 404


def test_a_viewer_looks_and_asks_for_nothing(lab, visit):
    page = visit("/matches", role="viewer")
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("button", name="Match", exact=True)).to_have_count(0)
    expect(page.get_by_role("button", name="Delete")).to_have_count(0)
