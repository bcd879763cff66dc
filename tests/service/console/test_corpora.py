"""Corpora in the browser: brought by a drop or by keyboard, watched, heard, and deleted unless a study needs them."""

import re
import shutil
import zipfile

import pytest
from playwright.sync_api import expect

from nebula.tuning import StudySpec
from service.studies.states import StudyState
from service.studies.tables import Study

pytestmark = pytest.mark.slow

MARKUP = "<img src=x onerror=alert(1)>"


@pytest.fixture
def folder(percussion, tmp_path):
    """Four sounds in a folder of a folder, one of them called like markup, and two files that are none."""
    inner = tmp_path / "hits" / "kicks"
    inner.mkdir(parents=True)
    sounds = sorted(percussion.iterdir())[:4]
    for name, sound in zip(["a", "b", "c", MARKUP], sounds, strict=True):
        shutil.copy(sound, inner / f"{name}.wav")
    (inner / "broken.wav").write_bytes(b"RIFF")
    (inner / "c.wav").write_bytes((inner / "c.wav").read_bytes()[:-5000])
    (inner / "notes.pdf").write_bytes(b"%PDF")
    (inner / ".DS_Store").write_bytes(b"nothing to hear")
    return inner.parent


@pytest.fixture
def look(visit):
    """Opens a page that asks for files in a way that tests can answer."""

    def open_page(path):
        page = visit("/")
        # Playwright takes questions for files over only once somebody listens, and not within the press that asks.
        page.on("filechooser", lambda _: None)
        page.goto(path)
        return page

    return open_page


def choose(page, button, path):
    """Chooses a folder or file with the keyboard."""
    page.get_by_role("button", name=button).focus()
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(str(path))


def drop(page, path):
    """Drops a folder or file of this machine onto the page, as a hand would."""
    box = page.locator("#bring").bounding_box()
    where = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    session = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
        session.send("Input.dispatchDragEvent", {"type": kind, **where, "data": data})


def test_a_folder_is_brought_by_keyboard_heard_and_deleted(lab, look, looks_right, folder):
    page = look("/corpora")
    choose(page, "Choose a folder", folder)
    name = page.get_by_label("Name of the corpus")
    expect(name).to_have_value("hits")
    expect(name).to_be_focused()
    page.keyboard.type(MARKUP)
    page.keyboard.press("Enter")
    outcome = page.locator(".outcome")
    expect(outcome).to_contain_text(f"{MARKUP} is ready: 4 sounds, 2 s. 2 files were skipped:")
    expect(outcome).to_contain_text("kicks/notes.pdf is not a sound by its name")
    expect(page.get_by_role("row", name=MARKUP)).to_contain_text("ready")
    looks_right(page)

    (corpus,) = lab.experimenter.get("/v1/corpora").json()["items"]
    assert (corpus["sounds_usable"], corpus["sounds_total"], corpus["name"]) == (4, 6, MARKUP)
    outcome.get_by_role("link").press("Enter")
    expect(page).to_have_url(f"{lab.url}/corpora/{corpus['id']}")
    expect(page.get_by_role("heading", level=1)).to_have_text(MARKUP)
    link = page.get_by_role("link", name="Tune a nebula to it")
    expect(link).to_have_attribute("href", f"/studies/quick?target={corpus['id']}")
    expect(page.get_by_role("region", name="Skipped files")).to_contain_text("kicks/broken.wav")
    expect(page.locator("#facts")).to_contain_text("kicks/c.wav is damaged or breaks off after ")
    sounds = page.locator("#sounds")
    expect(sounds.get_by_role("button", name="Play kicks/c.wav")).to_contain_text("is damaged or breaks off after ")
    expect(sounds.locator(".tile")).to_have_count(4)
    words = sounds.get_by_role("searchbox", name="Search sounds by name")
    words.fill("kicks/B")
    expect(sounds.locator(".tile")).to_have_text([re.compile(r"^b0\.\d\d s$")])
    words.fill("nothing")
    expect(sounds).to_contain_text("No sound is called like this.")
    words.fill("")
    expect(sounds.locator(".tile")).to_have_count(4)
    picture = sounds.get_by_role("button", name="Play kicks/a.wav").locator("img")
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") > 0
    wav = sounds.get_by_role("link", name="Download kicks/a.wav, as WAV")
    with page.expect_download() as download:
        wav.press("Enter")
    assert download.value.suggested_filename == "a.wav"
    sound = sounds.get_by_role("button", name=f"Play kicks/{MARKUP}.wav")
    # Pictures of sounds may be on their way, too.
    with page.expect_response(re.compile(rf"/v1/corpora/{corpus['id']}/sounds/\d+\?loudness=matched$")) as heard:
        sound.press("Enter")
    assert heard.value.headers["content-type"] == "audio/flac"
    expect(sound).to_have_attribute("aria-pressed", "false")  # it is short
    points = page.locator(".map .point")
    expect(points).to_have_count(4)
    points.first.click()
    expect(page.locator(".map [role=status]")).to_contain_text("kicks/")
    looks_right(page)

    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").press("Enter")
    expect(page).to_have_url(f"{lab.url}/corpora")
    expect(page.locator("#list")).to_contain_text("No corpus yet.")


def test_a_folder_and_a_zip_are_dropped(lab, visit, folder, tmp_path):
    with zipfile.ZipFile(tmp_path / "zipped hits.zip", "w") as archive:
        archive.write(folder / "kicks" / "a.wav", "a.wav")
    page = visit("/corpora")
    for path, name, sounds in ((folder, "hits", 4), (tmp_path / "zipped hits.zip", "zipped hits", 1)):
        drop(page, path)
        expect(page.get_by_label("Name of the corpus")).to_have_value(name)
        page.get_by_role("button", name="Upload").click()
        expect(page.locator(".outcome")).to_contain_text(f"{name} is ready: {sounds} sound")
    shown = {item["name"]: item["sounds_usable"] for item in lab.experimenter.get("/v1/corpora").json()["items"]}
    assert shown == {"hits": 4, "zipped hits": 1}


def test_an_upload_is_cancelled_and_leaves_nothing(lab, look, tmp_path):
    before = lab.experimenter.get("/v1/corpora").json()["items"]
    (tmp_path / "long.wav").write_bytes(bytes(5_000_000))
    page = look("/corpora")
    choose(page, "Choose files or a zip", tmp_path / "long.wav")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 500_000}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", slow)
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("#bring [role=status]")).to_contain_text("of 5.00 MB sent")
    page.get_by_role("button", name="Cancel").press("Enter")
    expect(page.get_by_label("Name of the corpus")).to_have_value("long")
    assert lab.experimenter.get("/v1/corpora").json()["items"] == before


def test_files_that_are_no_sounds_are_refused_with_the_reason(visit, tmp_path):
    (tmp_path / "notes.pdf").write_bytes(b"%PDF")
    page = visit("/corpora")
    drop(page, tmp_path / "notes.pdf")
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("alert")).to_have_text(
        "upload: got no sounds, expected files or one zip; 'notes.pdf' is not a sound by its name"
    )
    expect(page.get_by_label("Name of the corpus")).to_have_value("notes")
    assert [said for said in visit.said if "422" not in said] == []
    visit.said.clear()


def test_a_corpus_that_a_study_needs_is_not_deleted(lab, visit, folder):
    files = [("files", ("a.wav", (folder / "kicks" / "a.wav").read_bytes()))]
    corpus = lab.experimenter.post("/v1/corpora", data={"name": "needed"}, files=files).json()["id"]
    spec = StudySpec.load("quickstart").with_changes({"target": corpus})
    with lab.database.begin() as session:
        study = Study(name=MARKUP, spec=spec.model_dump(mode="json"), trials_total=9, state=StudyState.PAUSED)
        session.add(study)
    page = visit(f"/corpora/{corpus}")
    page.get_by_role("link", name="Tune a nebula to it").click()
    expect(page.get_by_label("Towards")).to_have_value(corpus)
    page.goto("/corpora")
    page.get_by_role("button", name="Delete needed").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"A study needs its sounds: {MARKUP}. Stop or cancel first, then delete.")
    dialog.get_by_role("button", name="Go to the study").click()
    expect(page).to_have_url(f"{lab.url}/studies/{study.id}")
    page.goto(f"/corpora/{corpus}")
    expect(page.locator("#facts").get_by_role("link", name=MARKUP)).to_be_visible()


def test_a_viewer_listens_but_neither_brings_nor_deletes(visit, lab):
    page = visit("/corpora", role="viewer")
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("button", name="Choose a folder")).to_have_count(0)
    expect(page.get_by_role("button", name="Delete")).to_have_count(0)
