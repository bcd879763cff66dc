"""Studies in the console: written, launched, watched as they go, and heard. The test plays the manager's part."""

import json
import re
from datetime import timedelta

import pytest
from listening_lab import running
from playwright.sync_api import expect
from sqlalchemy import insert
from study_events import finished, rescored

from nebula import PARAMETERS, Nebula
from nebula.tuning import Entry, Finalist, ImportanceFound, StudyProgress, StudySpec, TrialsKept
from service.database import now
from service.manager.forecast import Forecast
from service.manager.mirror import Mirror
from service.studies.moves import move
from service.studies.states import ManagerVerb, StudyState
from service.studies.tables import Study, Trial

pytestmark = pytest.mark.slow

HOSTILE = "<img src=x onerror=alert(1)>"

DRUM, UNIFORM = Nebula.load("drum"), Nebula.load("uniform")

TRIALS = 10_000

#: Known nebulae are rendered and scored first, however busy every core is.
PATIENCE_MS = 240_000

#: Of a page with everything that it loads.
MOST_BYTES = 1_000_000


class Played:
    """A study whose manager is the test."""

    def __init__(self, lab, name="drums", state=StudyState.RUNNING, trials=40):
        spec = StudySpec.load("quickstart").with_changes({"sounds_per_trial": 4, "name": "drums"})
        content = spec.with_trials(trials).model_dump(mode="json")
        with lab.database.begin() as session:
            study = Study(name=name, spec=content, trials_total=trials, state=state, started_at=now())
            session.add(study)
        self.id, self.path, self._lab, self._total = study.id, f"/studies/{study.id}", lab, trials
        self._mirror = Mirror(lab.database, study.id, lab.home, Forecast(spec, judging_seconds=7200.0))
        self._mirror.follow(StudyProgress("search", 0, trials, event=TrialsKept(())))
        self._scores = []

    def score(self, score, nebula=DRUM):
        """Has a trial finished."""
        self._scores.append(score)
        entry = Entry(len(self._scores), 0, nebula, score, 0.1)
        self._mirror.follow(
            StudyProgress("search", len(self._scores), self._total, min(self._scores), event=finished(entry))
        )

    def finish(self):
        """Has the best scored again, and the study ended."""
        shares = {f"{parameter.path}.curve": 1 / len(PARAMETERS) for parameter in PARAMETERS}
        self._mirror.follow(StudyProgress("search", self._total, self._total, event=ImportanceFound(shares)))
        finalists = (("trial 1.0", DRUM, (0.29, 0.31)), ("start", UNIFORM, (7.0, 7.5)))
        for place, (origin, nebula, scores) in enumerate(finalists, start=1):
            event = rescored(Finalist(origin, nebula, scores))
            self._mirror.follow(StudyProgress("finalists", 2 * place, 4, event=event))
        folder = self._lab.home / "studies" / self.id
        judging = {"judgements": [judged("drum", 0.46), judged("tuned", 0.84), judged("start, uniform", 0.99)]}
        (folder / "nebula.provenance.json").write_text(json.dumps({"listener": judging}))
        DRUM.save(folder / "nebula.json")
        self.move(ManagerVerb.FINISH)

    def move(self, event):
        with self._lab.database.begin() as session:
            move(session, session.get(Study, self.id), event)


def judged(name, share):
    interval = {"mean": share, "low": share - 0.03, "high": min(1.0, share + 0.03)}
    return {"name": name, "told_apart": interval, "fidelity": {"precision": {"mean": 0.57}, "recall": {"mean": 0.75}}}


def fact(page, name):
    """Returns the place of a value by its name."""
    return page.locator(".facts div").filter(has=page.get_by_text(name, exact=True)).locator("dd")


def state(page):
    return page.locator("#state")


def test_a_study_is_written_as_form_and_as_toml_in_step(lab, visit, looks_right):
    page = visit("/studies/new")
    toml = page.get_by_label("The same as TOML")
    expect(toml).to_have_value(re.compile('target = "drum"'))
    expect(page.locator("#cost")).to_contain_text(
        "120 trials, then 4 finalists (the best 2, the centre of the search and the start) scored 16 times over, "
        "of 64 sounds each: 11,776 sounds. Then classifiers are asked."
    )
    expect(page.locator("#cost")).to_contain_text("There is no worker now, so it would wait.")
    looks_right(page)

    page.get_by_label("Sounds a trial").fill("8")
    expect(toml).to_have_value(re.compile("sounds_per_trial = 8"))
    toml.fill(
        toml.input_value().replace("sounds_per_trial = 8", "sounds_per_trial = 16\nseed = 7").replace("seed = 0", "")
    )
    expect(page.get_by_label("Sounds a trial")).to_have_value("16")
    # What has no field is kept when a field is changed.
    page.get_by_label("Trials").fill("10")
    expect(page.locator("#cost")).to_contain_text("10 trials, then")
    expect(toml).to_have_value(re.compile("seed = 7"))
    page.get_by_role("button", name="Add a phase").click()
    expect(toml).to_have_value(re.compile(r"trials = 10\b.*\n.*trials = 100"))
    earlier = page.get_by_label("End earlier once scores are flat")
    expect(earlier).to_have_count(2)
    earlier.first.check()
    expect(toml).to_have_value(re.compile(r"trials = 10\b.*until_flat = true"))
    expect(page.locator("#cost")).to_contain_text("At most 110 trials, then")
    # Candidates drawn at random cannot tell.
    page.get_by_label("Phase 1: sampler").select_option("random")
    expect(earlier.first).to_be_hidden()
    expect(toml).to_have_value(re.compile(r"^(?!.*until_flat = true)", re.DOTALL))
    page.get_by_label("Phase 1: sampler").select_option("auto")
    page.get_by_role("button", name="Remove phase 1").click()
    expect(page.get_by_label("Trials")).to_have_value("100")
    page.get_by_label("Nearness").fill("0.75")
    expect(toml).to_have_value(re.compile(r"nearness = 0\.75"))
    page.get_by_label("Objective").select_option("Be as varied as can be")
    # What only a study with a target has is gone from it.
    expect(toml).to_have_value(re.compile(r"^(?!.*target)(?!.*nearness = 0\.75)", re.DOTALL))
    expect(page.get_by_label("Target")).to_be_hidden()
    expect(page.get_by_label("Nearness")).to_be_hidden()


def test_what_cannot_be_used_is_said_beside_its_field(visit):
    page = visit("/studies/new?spec=drum")
    error = page.locator(".field .error")
    page.get_by_label("Name").fill("<b>")
    expect(error.filter(has_text="Letters, digits, spaces, dots, - and _ are allowed.")).to_be_visible()
    expect(page.get_by_role("button", name="Launch")).to_be_disabled()
    page.get_by_label("Name").fill("kicks")
    page.get_by_role("button", name="Launch").click()
    expect(error.filter(has_text="Choose what its sounds should be like.")).to_be_visible()
    expect(page.get_by_label("Target")).to_be_focused()
    page.get_by_label("Target").select_option("drum")
    assert visit.said == []

    toml = page.get_by_label("The same as TOML")
    toml.fill(toml.input_value().replace("log-mel", "log-mel\nnonsense"))
    expect(page.locator("#toml .error")).to_contain_text("not TOML")
    toml.fill('version = 1\nname = "kicks"\nobjective = "match"\n[search]\nphases = []')
    expect(page.locator("#toml .error")).to_contain_text("search.phases: got ()")
    visit.said.clear()  # the browser notes that the server refused them


def test_a_study_is_launched_paused_resumed_and_cancelled(lab, visit):
    page = visit("/studies/new")
    page.get_by_label("Name").fill("by mouse")
    page.get_by_role("button", name="Launch").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("by mouse")
    expect(state(page)).to_have_text("queued")
    page.get_by_role("button", name="Pause").click()
    expect(state(page)).to_have_text("paused")
    page.get_by_role("button", name="Resume").click()
    expect(state(page)).to_have_text("queued")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Back").click()
    expect(state(page)).to_have_text("queued")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Cancel it").click()
    expect(state(page)).to_have_text("stopped")
    expect(page.locator("#verbs button")).to_have_count(0)


def test_two_browsers_see_a_study_as_it_goes(lab, visit, looks_right):
    study = Played(lab)
    pages = [visit(study.path), visit(study.path, role="viewer")]
    for page in pages:
        expect(page.locator("#scores")).to_contain_text("No trial has finished yet.")
    expect(pages[1].locator("#verbs button")).to_have_count(0)
    for score in (3.0, 4.0, 0.25):
        study.score(score)
    for page in pages:
        expect(fact(page, "Best so far")).to_have_text("0.25")
        expect(fact(page, "Progress")).to_contain_text("3 of 40 trials")
        # Each trial is drawn, and the nebulae that everybody knows.
        expect(page.locator("#scores path.cloud")).to_have_attribute("d", re.compile(r"^(M[\d.]+ [\d.]+h0){3}$"))
        expect(page.locator("#scores .legend")).to_contain_text("drum, made by hand", timeout=PATIENCE_MS)
        expect(page.locator(".curves figure")).to_have_count(len(PARAMETERS))
        expect(page.locator(".curves figure").first).to_contain_text("1 → 0.5")
    pages[0].get_by_role("button", name="Play best so far, seed 1").click()
    expect(pages[0].get_by_role("button", name="Play best so far, seed 1")).to_have_attribute("aria-pressed", "true")
    pages[0].get_by_role("button", name="Pause").click()
    for page in pages:
        expect(state(page)).to_have_text("pausing …")
    for page in pages:
        # Two hours of classifiers, and little else.
        expect(page.locator(".left")).to_have_text("about 2 hours left")
        expect(page).to_have_title("about 2 hours left · drums – Nebula")
    study.finish()
    for page in pages:
        expect(page).to_have_title("done · drums – Nebula")
        expect(state(page)).to_have_text("done")
        # The answer comes first, in two sentences and a picture.
        answer = page.locator("#answer")
        expect(answer).to_contain_text("What was found is 24 times as near to drum as uniform, where the search began")
        expect(answer).to_contain_text("Yet classifiers easily tell it from the target: 84% of its sounds")
        expect(answer).to_contain_text("Next: It is too wide: 57% of its sounds lie among the target’s.")
        expect(answer.get_by_role("img", name="Told from the target by classifiers")).to_have_attribute(
            "aria-label", re.compile(r"found 84 % \(81 % to 87 %\)")
        )
        # What the search's best came to on fresh sounds stands in its place.
        expect(fact(page, "On fresh sounds")).to_have_text("0.3 0.1729 to 0.4271")
        expect(fact(page, "Best so far")).to_have_count(0)
        expect(page.locator("#finalists tbody tr")).to_have_count(2)
        expect(page.locator("#importance li").first).to_contain_text("1.3 %")
        page.locator(".menu summary").click()
        expect(page.get_by_role("link", name="Report")).to_have_attribute("href", f"/v1/studies/{study.id}/report")
    for path in ("/", "/studies"):
        expect(visit(path).get_by_role("row", name="drums").first).to_contain_text("0.3 0.1729 to 0.4271")
    looks_right(pages[1])
    with pages[1].expect_download() as download:
        pages[1].get_by_role("link", name="Nebula (JSON)").click()
    assert download.value.suggested_filename == "drums.json"
    assert Nebula.load(download.value.path()) == DRUM


def test_tabs_lead_from_one_part_to_another_by_mouse_and_by_keyboard(lab, visit, looks_right):
    study = Played(lab, trials=1)
    study.score(0.3)
    page = visit(study.path)
    tabs = page.get_by_role("tab")
    expect(tabs).to_have_text(
        ["Score over trials", "Finalists", "What matters", "Map", "Curves", "As it was asked for"]
    )
    expect(page.get_by_role("tabpanel", name="Score over trials")).to_be_visible()
    page.get_by_role("tab", name="Curves").click()
    expect(page.get_by_role("tabpanel")).to_have_count(1)
    expect(page.get_by_role("tabpanel", name="Curves")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="As it was asked for")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tabpanel", name="Score over trials")).to_be_visible()
    looks_right(page)


def test_a_study_is_run_again_with_changes(lab, visit):
    study = Played(lab, trials=17)
    page = visit(f"/studies/new?study={study.id}")
    expect(page.get_by_label("Name")).to_have_value("drums")
    expect(page.get_by_label("Sounds a trial")).to_have_value("4")
    expect(page.get_by_label("Trials", exact=True)).to_have_value("17")


def test_points_of_the_map_play_their_sounds_by_mouse_and_by_keyboard(lab, visit):
    study = Played(lab, trials=1)
    study.score(0.3)
    page = visit(study.path)
    page.get_by_role("tab", name="Map").click()
    page.get_by_role("button", name="Draw the map").click()
    points = page.locator("#map .point")
    expect(points).to_have_count(768)
    points.first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#map .point:focus")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#map .point[aria-pressed=true]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#map .point[aria-pressed=true]")).to_have_count(0)
    points.nth(300).dispatch_event("click")
    expect(points.nth(300)).to_have_attribute("aria-pressed", "true")


def test_layers_of_the_map_are_left_out_and_looked_at_more_closely(lab, visit, looks_right):
    study = Played(lab, trials=1)
    study.score(0.3)
    page = visit(study.path)
    page.get_by_role("tab", name="Map").click()
    page.get_by_role("button", name="Draw the map").click()
    shown = page.locator("#map .point:not([hidden])")
    expect(shown).to_have_count(768)
    # The target lies on top of all else.
    expect(page.locator("#map .point").last).to_have_attribute("aria-label", re.compile("^Play target: drum, seed "))
    keys = page.get_by_role("group", name="What is shown").get_by_role("button")
    expect(keys).to_have_text(["start: uniform", "best: so far", "target: drum"])
    where = "(point) => point.getAttribute('transform')"
    before = page.locator("#map .point").last.evaluate(where)
    keys.first.click()
    expect(keys.first).to_have_attribute("aria-pressed", "false")
    expect(shown).to_have_count(512)
    # What is left fills the plane.
    closer = page.locator("#map .point").last.evaluate(where)
    assert closer != before
    # The last layer stays.
    for key in (keys.nth(1), keys.nth(2)):
        key.click()
    expect(shown).to_have_count(256)
    keys.nth(1).click()
    expect(shown).to_have_count(512)
    page.get_by_role("button", name="Closer").click()
    assert page.locator("#map .point").last.evaluate(where) != closer
    page.get_by_role("button", name="All of it").click()
    assert page.locator("#map .point").last.evaluate(where) == closer
    looks_right(page)


def test_what_a_person_typed_is_text_wherever_it_stands(lab, visit):
    study = Played(lab, HOSTILE, trials=2)
    study.score(0.5)
    for path in ("/", "/studies", study.path):
        page = visit(path)
        expect(page.locator("main")).to_contain_text(HOSTILE)
        # Pictures of sounds are the page's own.
        assert page.locator("main img:not(.tile img)").count() == 0
    expect(page).to_have_title(f"about 2 hours left · {HOSTILE} – Nebula")


def test_a_restart_is_said_and_overcome_without_a_reload(lab, visit, tmp_path):
    home = tmp_path / "home"
    with running(home) as first:
        study = Played(first)
        study.score(2.0)
        port = int(first.url.rpartition(":")[2])
        page = visit(f"{study.path}?token={first.keys['viewer']}", role=None, url=first.url)
        expect(fact(page, "Best so far")).to_have_text("2")
        page.evaluate("window.same = true")
    expect(page.locator("#notice")).to_contain_text("The server is away; trying again.")
    with running(home, port) as second:
        expect(page.locator("#notice")).to_contain_text("The server is back.")
        again = Mirror(second.database, study.id, home)
        again.follow(StudyProgress("search", 1, 40, 2.0, event=TrialsKept((Entry(1, 0, DRUM, 2.0, 0.1),))))
        again.follow(StudyProgress("search", 2, 40, 1.0, event=finished(Entry(2, 0, DRUM, 1.0, 0.1))))
        expect(fact(page, "Best so far")).to_have_text("1")
        assert page.evaluate("window.same")
        page.close()
    # What was being asked for when the server stopped was refused, or not answered.
    assert all("ERR_" in said or "503" in said for said in visit.said)
    visit.said.clear()


def test_who_is_signed_out_meanwhile_signs_in_and_comes_back(lab, visit):
    page = visit("/studies?state=paused")
    expect(page.get_by_role("button", name="paused")).to_be_visible()
    page.context.clear_cookies()
    # It asks again by itself.
    expect(page).to_have_url(f"{lab.url}/sign-in?return=%2Fstudies%3Fstate%3Dpaused")
    expect(page.get_by_role("button", name="Sign in")).to_be_enabled()
    page.get_by_label("Key").fill(lab.keys["experimenter"])
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{lab.url}/studies?state=paused")
    assert all("401" in said for said in visit.said)
    visit.said.clear()


def test_ten_thousand_trials_and_a_hundred_studies_are_drawn_with_little(lab, visit):
    study = Played(lab, "long", trials=TRIALS)
    began = now()
    rows = [
        {
            "study_id": study.id,
            "number": number,
            "generation": number,
            "candidate": 0,
            "score": 10.0 - number / TRIALS + (number * 7919 % 1000) / 500,
            "seconds": 0.1,
            "finished_at": began + timedelta(seconds=number),
        }
        for number in range(TRIALS)
    ]
    with lab.database.begin() as session:
        session.execute(insert(Trial), rows)
        for number in range(100):
            session.add(Study(name=f"study {number}", spec={}, trials_total=10, state=StudyState.PAUSED))
    for path, ready in ((study.path, "#scores path.cloud"), ("/studies", "#list tbody tr"), ("/", "#steps article")):
        page = visit("/sign-in")
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        sizes = []
        network.on("Network.loadingFinished", lambda event, sizes=sizes: sizes.append(event["encodedDataLength"]))
        page.goto(path)
        expect(page.locator(ready).first).to_be_attached()
        assert sum(sizes) < MOST_BYTES
        assert page.evaluate("document.querySelectorAll('*').length") < 2000
        if path == study.path:
            marks, pixels = page.locator("#scores").evaluate(
                "(place) => [place.querySelector('.cloud').getAttribute('d').split('M').length - 1, place.clientWidth]"
            )
            assert TRIALS / 100 < marks <= pixels
    # The list comes in pieces.
    page = visit("/studies?state=paused")
    rows = page.locator("#list tbody tr")
    expect(rows).to_have_count(50)
    page.get_by_role("button", name="Show more").click()
    expect(rows).to_have_count(100)
