"""Nebulae in the browser: heard by seed, shaped with keyboard and mouse, kept under a name, and compared."""

import json
import math
import re
import zipfile
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from nebula import Nebula, synths

pytestmark = pytest.mark.slow

MARKUP = "<img src=x onerror=alert(1)>"

#: Writes down the address of each sound that begins to be heard.
LISTEN = """
window.heard = [];
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {
  this.addEventListener("playing", () => window.heard.push(this.src), { once: true });
  return play.call(this);
};
"""


@pytest.fixture
def listen(visit, lab):
    """Opens a page on which `heard(n)` waits for n sounds, and returns their addresses within the server."""

    def open_page(path, role="experimenter"):
        page = visit("/", role=role)
        page.add_init_script(LISTEN)
        page.goto(path)

        def heard(count):
            page.wait_for_function("(count) => window.heard.length >= count", arg=count)
            addresses = [address.removeprefix(lab.url) for address in page.evaluate("window.heard")]
            # Whatever is heard is as loud as all else.
            assert all(address.startswith("blob:") or address.endswith("?loudness=matched") for address in addresses)
            return [address.removesuffix("?loudness=matched") for address in addresses]

        return page, heard

    return open_page


def posted(request):
    """Returns the nebula of a request and its seed or name."""
    body = request.post_data_json
    return Nebula.from_json(json.dumps(body["nebula"])), body.get("seed", body.get("name"))


def test_sounds_are_heard_by_seed_with_the_keyboard(listen, looks_right):
    page, heard = listen("/nebulae/drum")
    expect(page.get_by_role("button", name="Play seed 1")).to_be_visible()
    page.keyboard.press("2")
    assert heard(1) == ["/v1/nebulae/drum/sounds/1.flac"]
    expect(page.get_by_role("button", name="Play seed 1")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("n")
    page.keyboard.press("8")
    assert heard(2)[1] == "/v1/nebulae/drum/sounds/15.flac"
    looks_right(page)


def test_a_curve_is_shaped_by_keyboard_and_mouse_heard_and_kept(lab, visit, listen, looks_right):
    page, heard = listen("/nebulae/drum")
    drum = Nebula.load("drum")
    slider = page.get_by_label("Curve of adsr_1 attack", exact=True)
    slider.focus()
    with page.expect_request("**/v1/nebulae/preview") as preview:
        page.keyboard.press("ArrowRight")
    shaped, seed = posted(preview.value)
    # One step is a fiftieth of a decade.
    assert shaped.curve("adsr_1", "attack") == pytest.approx(drum.curve("adsr_1", "attack") * 10**0.02, rel=0.01)
    assert seed == 0
    assert heard(1)[0].startswith("blob:")

    # The curve goes through where the pointer is: u ** (1 / curve) = v.
    page.get_by_label("Filter by name").fill("mixer noise")
    expect(page.locator(".parameter:visible")).to_have_count(1)
    box = page.locator(".parameter:visible .pad").bounding_box()

    def point(u, v):
        page.mouse.move(box["x"] + u * box["width"], box["y"] + (1 - v) * box["height"])

    expected = math.log(0.7) / math.log(0.3)

    def goes_through(request):
        # A pause on the way is heard as well.
        if not request.url.endswith("/v1/nebulae/preview"):
            return False
        return posted(request)[0].curve("mixer", "noise") == pytest.approx(expected, rel=0.02)

    with page.expect_request(goes_through):
        point(0.5, 0.5)
        page.mouse.down()
        point(0.6, 0.4)
        point(0.7, 0.3)
        page.mouse.up()
    heard(2)
    with page.expect_request("**/v1/nebulae/preview") as preview:
        page.locator(".parameter:visible").get_by_label("symmetric").press("Space")
    wanted = posted(preview.value)[0]
    heard(3)
    page.keyboard.press("b")
    page.wait_for_function("() => window.heard.at(-1).includes('/v1/nebulae/drum/sounds/0.flac')")
    page.get_by_label("Filter by name").fill("")
    page.get_by_label("Changed only").check()
    expect(page.locator(".parameter:visible")).to_have_count(2)
    looks_right(page)

    kinds = []
    page.once("dialog", lambda dialog: (kinds.append(dialog.type), dialog.dismiss()))
    page.get_by_label("Pages").get_by_role("link", name="Home").click()
    assert (kinds, page.url) == (["beforeunload"], f"{lab.url}/nebulae/drum")

    page.get_by_role("button", name="Save as new").click()
    dialog = page.get_by_role("dialog")
    for taken in ("drum", MARKUP):
        dialog.get_by_label("Name").fill(taken)
        page.keyboard.press("Enter")
        expect(dialog.locator(".error")).to_contain_text(f"got '{taken}'")
    assert len(visit.said) == len([said for said in visit.said if "422" in said]) == 2
    visit.said.clear()
    dialog.get_by_label("Name").fill("softer drum")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{lab.url}/nebulae/softer%20drum")
    kept = lab.experimenter.get("/v1/nebulae/softer drum/export")
    assert Nebula.from_json(kept.text) == wanted


def test_a_fall_is_shaped_by_its_number_and_saved(lab, visit):
    drum = Nebula.load("drum")
    page = visit("/nebulae/drum")
    fall = page.get_by_label("Fall of mixer noise", exact=True)
    expect(fall).to_have_value("1")
    fall.fill("20")
    fall.press("Enter")
    expect(page.get_by_label("Curve of mixer noise", exact=True)).to_have_attribute(
        "aria-valuetext", re.compile("fall 20")
    )
    page.get_by_role("button", name="Save as new").click()
    page.get_by_role("dialog").get_by_label("Name").fill("resting")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{lab.url}/nebulae/resting")
    expect(fall).to_have_value("20")
    kept = Nebula.from_json(lab.experimenter.get("/v1/nebulae/resting/export").text)
    assert kept == replace(drum, falls=(*drum.falls[:-1], 20.0))
    page.goto("/nebulae/compare?a=drum&b=resting")
    words = page.locator("#differences .value")
    expect(words).to_have_count(2)
    expect(words.nth(0)).not_to_contain_text("fall")
    expect(words.nth(1)).to_contain_text("fall 20")


def test_a_mixture_keeps_its_components_while_the_first_is_shaped(lab, visit):
    kit = Nebula.mixture([(3, Nebula.load("drum")), (1, Nebula.load("default"))])
    lab.experimenter.post("/v1/nebulae", json={"name": "mixed", "nebula": json.loads(kit.to_json())})
    page = visit("/nebulae/mixed")
    expect(page.locator("#origin")).to_contain_text("a mixture of 2 components, 75 %, 25 %")
    expect(page.locator("[data-path='mixer noise'] .bend")).to_have_count(2)
    curve = page.get_by_label("Curve of mixer noise as a number")
    curve.fill("8")
    curve.press("Enter")
    page.get_by_role("button", name="Save as new").click()
    page.get_by_role("dialog").get_by_label("Name").fill("mixed 2")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{lab.url}/nebulae/mixed%202")
    kept = Nebula.from_json(lab.experimenter.get("/v1/nebulae/mixed 2/export").text)
    assert kept == replace(kit, curves=(*kit.curves[:-1], 8.0))
    many = Nebula.mixture([(1, Nebula.load("drum"))] * 20)
    lab.experimenter.post("/v1/nebulae", json={"name": "many", "nebula": json.loads(many.to_json())})
    page.goto("/nebulae/many")
    expect(page.locator("#origin")).to_contain_text(f"a mixture of 20 components, {'5 %, ' * 8}5 % and 11 more;")
    expect(page.locator("[data-path='mixer noise'] .bend")).to_have_count(9)


def test_changes_are_taken_back_one_by_one_and_all_at_once(listen):
    page, _ = listen("/nebulae/drum", role="viewer")
    numbers = {name: page.get_by_label(f"Curve of {name} as a number") for name in ("vco_1 tuning", "mixer noise")}
    before = {name: number.input_value() for name, number in numbers.items()}
    for number in numbers.values():
        number.fill("1000")
        number.press("Enter")
        expect(number).to_have_value("100")  # the most
    status = page.locator("#shaping [role=status]")
    expect(status).to_have_text("2 parameters changed")
    page.get_by_role("button", name="Reset vco_1 tuning").press("Enter")
    expect(numbers["vco_1 tuning"]).to_have_value(before["vco_1 tuning"])
    expect(page.get_by_label("Curve of vco_1 tuning", exact=True)).to_be_focused()
    expect(status).to_have_text("1 parameter changed")
    expect(page.get_by_role("button", name="Save as new")).to_have_count(0)  # a viewer only listens
    page.get_by_role("button", name="Reset all").click()
    expect(status).to_have_text("Drag a curve below, and hear the change.")
    assert {name: number.input_value() for name, number in numbers.items()} == before


def test_a_kept_nebula_is_renamed_and_deleted(lab, visit):
    exported = lab.experimenter.get("/v1/nebulae/drum/export").json()
    assert lab.experimenter.post("/v1/nebulae", json={"name": "old", "nebula": exported}).status_code == 201
    page = visit("/nebulae/old")
    page.get_by_role("button", name="Rename").click()
    page.get_by_role("dialog").get_by_label("Name").fill("new")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{lab.url}/nebulae/new")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export JSON").click()
    assert download.value.suggested_filename == "new.json"
    assert Nebula.load(download.value.path()) == Nebula.load("drum")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page).to_have_url(f"{lab.url}/nebulae")
    assert lab.experimenter.get("/v1/nebulae/new").status_code == 404


def test_a_nebula_is_imported_from_a_file_and_found_among_its_kind(lab, visit, looks_right, tmp_path):
    (tmp_path / "none.json").write_text("curves")
    correlated = Nebula.load("drum-correlated")
    correlated.save(tmp_path / "kit.json")
    page = visit("/nebulae")
    page.get_by_role("button", name="Import JSON").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("File", exact=True).set_input_files(tmp_path / "none.json")
    dialog.get_by_label("Name").fill("kit")
    page.keyboard.press("Enter")
    expect(dialog.get_by_text("none.json is not JSON.")).to_be_visible()
    expect(dialog.get_by_label("Name")).to_have_value("kit")
    dialog.get_by_label("File", exact=True).set_input_files(tmp_path / "kit.json")
    dialog.get_by_role("button", name="Import").click()
    expect(page).to_have_url(f"{lab.url}/nebulae/kit")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export JSON").click()
    assert download.value.path().read_bytes() == (tmp_path / "kit.json").read_bytes()
    page.get_by_role("button", name="Presets").click()
    page.get_by_label("How many").fill("3")
    page.get_by_label("First seed").fill("5")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "kit.json"
    presets = json.loads(download.value.path().read_text())["presets"]
    assert [preset["name"] for preset in presets] == ["kit 5", "kit 6", "kit 7"]
    page.get_by_role("button", name="Sounds and presets").click()
    page.get_by_label("How many").fill("2")
    page.get_by_label("Format").select_option("wav")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "kit.zip"
    names = zipfile.ZipFile(download.value.path()).namelist()
    assert names == ["kit/parameters.csv", "kit/kit-0.wav", "kit/kit-1.wav"]
    page.get_by_label("Curve of mixer noise", exact=True).focus()
    with page.expect_request("**/v1/nebulae/preview") as preview:
        page.keyboard.press("ArrowRight")
    assert preview.value.post_data_json["correlation_of"] == "kit"
    page.get_by_role("button", name="Reset all").click()
    page.goto("/nebulae")
    expect(page.get_by_role("link", name="drum-tuned", exact=True)).to_be_visible()
    page.get_by_role("button", name="Kept").press("Enter")
    expect(page.get_by_role("link", name="drum-tuned", exact=True)).to_have_count(0)
    expect(page.get_by_role("link", name="kit", exact=True)).to_be_visible()
    looks_right(page)
    page.reload()
    expect(page.get_by_role("button", name="Kept")).to_have_attribute("aria-pressed", "true")


def test_two_nebulae_are_heard_drawn_and_measured_beside_each_other(lab, listen, percussion, looks_right):
    files = [("files", (path.name, path.read_bytes())) for path in sorted(percussion.iterdir())]
    corpus = lab.experimenter.post("/v1/corpora", data={"name": MARKUP}, files=files).json()["id"]
    page, heard = listen("/nebulae/compare?a=drum")
    page.get_by_label("B", exact=True).select_option("default")
    expect(page).to_have_url(f"{lab.url}/nebulae/compare?a=drum&b=default")
    differences = lab.experimenter.get("/v1/nebulae/drum/differences", params={"other": "default"}).json()["items"]
    page.get_by_role("button", name="Show ").click()
    expect(page.locator("#differences .parameter")).to_have_count(len(differences))
    first = differences[0]
    expect(page.locator("#differences .parameter h3").first).to_contain_text(f"{first['module']} {first['name']}")
    for key in "ban":
        page.keyboard.press(key)
        heard("ban".index(key) + 1)
    sounds = ["default/sounds/0", "drum/sounds/0", "drum/sounds/1"]
    assert heard(3) == [f"/v1/nebulae/{sound}.flac" for sound in sounds]
    expect(page.locator("#seed")).to_have_text("Seed 1")

    page.get_by_label("And from a corpus").select_option(label=MARKUP)
    page.get_by_role("button", name="Measure").click()
    rows = page.get_by_role("region", name="Distances").locator("tbody tr")
    expect(rows).to_have_count(3)
    measured = lab.experimenter.get("/v1/nebulae/default/mmd", params={"corpus": corpus}).json()["mmd"]
    expect(rows.nth(2)).to_contain_text(f"B, default, and {MARKUP}")
    assert float(rows.nth(2).locator("td").nth(1).inner_text()) == pytest.approx(measured, rel=1e-3)
    looks_right(page)


def test_modules_are_folded_where_there_is_no_room_and_switches_have_bars(visit, looks_right):
    page = visit("/nebulae/uniform-parametric-2-2-1-1", viewport={"width": 375, "height": 800})
    expect(page.locator(".module")).to_have_count(40)
    expect(page.locator(".module[open]")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollHeight") <= 3000
    page.goto("/nebulae/uniform-dx7")
    page.get_by_label("Filter by name").fill("lfo wave")
    card = page.locator(".parameter:visible")
    expect(card).to_have_count(1)
    panel = synths.get("dx7").panel
    wave = panel[panel.columns["lfo", "wave"]]
    assert card.locator("text").all_text_contents() == list(wave.choices)
    bars = card.locator(".bar").get_attribute("d").split("M")[1:]
    assert len(bars) == 6
    # All choices are as likely.
    assert len({bar.split("H")[1].split("v")[0] for bar in bars}) == 1
    expect(card.locator(".bend")).to_have_count(0)
    looks_right(page)
    page.get_by_role("button", name="Fold all").click()
    expect(page.locator(".module[open]")).to_have_count(0)
