"""Up to six studies beside each other: chosen in the list, held against each other where that can be, and heard."""

import json
import re

import pytest
from found_study import found_study
from playwright.sync_api import expect
from sqlalchemy import insert

from nebula import Nebula
from nebula.tuning import StudySpec
from service.database import now
from service.studies.results import study_folder
from service.studies.states import StudyState
from service.studies.tables import Study, StudyEvent, Trial

pytestmark = pytest.mark.slow

SPEC = StudySpec.load("quickstart").with_changes({"sounds_per_trial": 8})


def finished(lab, name, rescored, told=None, spec=SPEC, scores=()):
    """Returns the id of a study that has found `drum`: re-scored to an interval, told apart so often."""
    study = found_study(lab.database, lab.home, name, spec, trials=max(1, len(scores)))
    low, mean, high = rescored
    with lab.database.begin() as session:
        row = session.get(Study, study)
        row.rescored_low, row.rescored_mean, row.rescored_high = rescored
        found = {"origin": "trial 0.0", "mean": mean, "low": low, "high": high}
        for data in (found, {"origin": "start", "mean": 9.0, "low": 8.0, "high": 10.0}):
            session.add(StudyEvent(study_id=study, kind="finalist", data=data))
    enter(lab, study, scores)
    judgements = [] if told is None else [judged("drum", (0.45, 0.5, 0.55)), judged("tuned", told)]
    listener = {"judgements": judgements} if told else "not asked for"
    provenance = json.dumps({"listener": listener})
    (study_folder(lab.home, study) / "nebula.provenance.json").write_text(provenance)
    return study


def judged(name, told):
    interval = dict(zip(("low", "mean", "high"), told, strict=True))
    return {"name": name, "told_apart": interval, "fidelity": {"precision": {"mean": 0.9}, "recall": {"mean": 0.9}}}


def enter(lab, study, scores):
    common = {"study_id": study, "candidate": 0, "seconds": 0.5, "finished_at": now()}
    rows = [common | {"number": at, "generation": at, "score": score} for at, score in enumerate(scores)]
    if rows:
        with lab.database.begin() as session:
            session.execute(insert(Trial), rows)


def running(lab, name, scores):
    with lab.database.begin() as session:
        counts = {"trials_total": 40, "trials_done": len(scores), "best": min(scores)}
        content = SPEC.model_dump(mode="json")
        study = Study(name=name, spec=content, state=StudyState.RUNNING, started_at=now(), **counts)
        session.add(study)
    enter(lab, study.id, scores)
    return study.id


def words(page):
    return page.get_by_role("region", name="What it comes to").get_by_role("paragraph")


def rows(page):
    return page.get_by_role("region", name="Studies side by side").get_by_role("row")


def address(*studies):
    return f"/studies/compare?studies={','.join(studies)}"


def test_studies_are_chosen_in_the_list_and_what_clearly_leads_is_said(lab, visit, looks_right):
    clear = finished(lab, "clear", (0.2, 0.25, 0.3), (0.6, 0.62, 0.64), scores=[3.0, 4.0, 2.0])
    worse = finished(lab, "worse", (0.5, 0.6, 0.7), (0.9, 0.95, 1.0), scores=[5.0])
    page = visit("/studies")
    page.get_by_label("Compare clear").press("Space")
    bar = page.locator("#comparing")
    expect(bar).to_contain_text("To compare: clear, and which others?")
    page.get_by_label("Compare worse").check()
    looks_right(page)
    bar.get_by_role("link", name="Compare 2 studies").press("Enter")
    expect(page).to_have_url(f"{lab.url}{address(clear, worse)}")
    expect(words(page)).to_have_text(
        [
            "A is nearest to the target: on fresh sounds it scores 0.25 (0.2 to 0.3), clearly ahead of B.",
            "Classifiers tell A from the target least often, by 62 % (60 % to 64 %), clearly ahead of B.",
        ]
    )
    expect(rows(page)).to_have_count(3)
    expect(rows(page).nth(1)).to_contain_text(re.compile(r"A\s*clear.*done.*drum.*log-mel.*voice.*24.*0\.25.*62 %"))
    # The best so far, over sounds: 8, then 24 of them.
    steps = page.locator("#charts path.steps")
    expect(steps).to_have_count(2)
    expect(steps.first).to_have_attribute("d", re.compile(r"^M[\d.]+ [\d.]+H[\d.]+V[\d.]+$"))
    sounds = page.get_by_role("group", name="seed 0")
    expect(sounds.get_by_role("button")).to_have_text(["Aclear", "Bworse"])
    expect(page.get_by_role("group", name="Target: drum").get_by_role("button")).to_have_count(4)
    looks_right(page)


def test_what_may_be_chance_is_called_so_and_what_is_unfinished_is_held_against_nothing(lab, visit):
    near = finished(lab, "near", (0.2, 0.25, 0.3), scores=[3.0])
    nearly = finished(lab, "nearly", (0.29, 0.4, 0.5), (0.5, 0.6, 0.7), scores=[3.0])
    open_one = running(lab, "open", [2.0, 0.1])
    page = visit(address(nearly, near, open_one))
    expect(words(page)).to_have_text(
        [
            "B is nearest to the target: on fresh sounds it scores 0.25 (0.2 to 0.3). Yet the interval of A overlaps "
            "with its own, so that it may be chance.",
            "C is running and not scored on fresh sounds: its score is the best of many noisy ones, and held against "
            "no other.",
        ]
    )
    expect(rows(page).nth(3)).to_contain_text(re.compile(r"open.*running.*16.*0\.1 so far.*not yet"))
    expect(rows(page).nth(2)).to_contain_text("not asked")
    expect(page.locator("#sounds")).to_contain_text("Of C there is nothing to hear yet.")
    # It goes on by itself.
    folder = lab.home / "studies" / open_one
    folder.mkdir(parents=True)
    Nebula.load("default").save(folder / "best.json")
    with lab.database.begin() as session:
        session.add(StudyEvent(study_id=open_one, kind="best", data={"number": 1, "score": 0.1}))
        session.get(Study, open_one).trials_done = 3
    expect(page.get_by_role("group", name="seed 0").get_by_role("button")).to_have_text(["Anearly", "Bnear", "Copen"])
    expect(rows(page).nth(3)).to_contain_text("24")


def test_scores_of_different_targets_are_not_compared(lab, visit, looks_right):
    drum = finished(lab, "towards drum", (0.2, 0.25, 0.3), scores=[3.0])
    other = finished(
        lab, "towards default", (1.2, 1.25, 1.3), spec=SPEC.with_changes({"target": "default"}), scores=[9.0]
    )
    more = finished(
        lab, "of more sounds", (0.1, 0.11, 0.12), spec=SPEC.with_changes({"sounds_per_trial": 16}), scores=[1.0]
    )
    page = visit(address(drum, other, more))
    expect(words(page)).to_have_text(
        "Scores of A cannot be compared with those of B or those of C: their targets and sounds a trial differ."
    )
    expect(page.locator("#charts h2")).to_have_text(
        [
            "Best so far of A: drum by log-mel, 8 sounds a trial",
            "Best so far of B: default by log-mel, 8 sounds a trial",
            "Best so far of C: drum by log-mel, 16 sounds a trial",
        ]
    )
    expect(page.locator("#sounds h3").nth(1)).to_have_text("Target of B: default")
    looks_right(page)


def test_at_most_six_are_compared_and_any_is_left_out_again(lab, visit, looks_right):
    studies = [finished(lab, f"study {number}", (0.1, 0.2, 0.3), scores=[3.0]) for number in range(7)]
    page = visit("/studies")
    for number in range(6):
        page.get_by_label(f"Compare study {number}").check()
    expect(page.get_by_label("Compare study 6")).to_be_disabled()
    expect(page.locator("#comparing")).to_contain_text("(6 at most)")
    page.goto(address(*studies))
    expect(rows(page)).to_have_count(7)  # the heading among them
    expect(page.get_by_label("Add a study")).to_have_count(0)
    looks_right(page)
    page.get_by_role("button", name="Leave out study 0").press("Enter")
    expect(rows(page)).to_have_count(6)
    expect(rows(page).nth(1)).to_contain_text(re.compile(r"A\s*study 1"))
    page.get_by_label("Add a study").select_option("study 6")
    expect(rows(page).nth(6)).to_contain_text(re.compile(r"F\s*study 6"))
    expect(page).to_have_url(f"{lab.url}{address(*studies[1:])}")


def test_a_study_that_is_gone_is_left_out(lab, visit):
    here = finished(lab, "here", (0.1, 0.2, 0.3))
    page = visit(address("0" * 16, here))
    expect(page.get_by_role("alert")).to_have_text(f"study '{'0' * 16}': there is none")
    expect(page.locator("#chosen")).to_contain_text("here")
    expect(page.locator("#chosen")).to_contain_text("Two to 6 studies are held against each other")
    assert all("404" in said for said in visit.said)
    visit.said.clear()
