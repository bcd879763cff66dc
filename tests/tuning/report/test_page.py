import base64
import hashlib
from itertools import pairwise

import torch
from report_page import Page
from small_study import HOSTILE, RATE, make_outcome

from nebula.discrepancy import mean_interval
from nebula.tuning.outcome import Outcome
from nebula.tuning.report import report
from nebula.tuning.report.sounds import COUNT
from nebula.tuning.spec import StudySpec


def test_text_of_users_is_text_on_the_page(matched: tuple[Outcome, str, Page]) -> None:
    _, _, page = matched
    assert {image.attributes["alt"] for image in page.all("img")} == {""}
    assert len(page.all("script")) == 4
    assert not [name for element in page.elements for name in element.attributes if name.startswith("on")]
    assert f"MMD to {HOSTILE}, smaller is nearer" in page.all("header")[0].text
    assert page.with_id("listen-target").text == f"Target: {HOSTILE}"
    shown = [element.text for element in page.all("li") if element.text.startswith(HOSTILE)]
    assert shown == [f"{HOSTILE} {i}.wav: is empty" for i in range(20)]
    assert "And 3 more." in [element.text for element in page.all("p")]


def test_page_needs_no_network_and_runs_only_its_own_scripts(matched: tuple[Outcome, str, Page]) -> None:
    _, _, page = matched
    addresses = [
        element.attributes[name] or ""
        for element in page.elements
        for name in ("src", "href")
        if name in element.attributes
    ]
    assert {address.partition(":")[0] for address in addresses} == {"data"}
    (policy,) = (e.attributes["content"] or "" for e in page.all("meta") if "http-equiv" in e.attributes)
    assert policy.startswith("default-src 'none';")
    scripts = [element.text for element in page.all("script") if "type" not in element.attributes]
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    assert policy.partition("script-src ")[2] == " ".join(f"'sha256-{found}'" for found in hashes)


def test_page_weighs_little_more_than_its_sounds_their_pictures_and_plotly(matched: tuple[Outcome, str, Page]) -> None:
    _, html, page = matched
    plotly_and_sounds = [len(element.text) for element in page.all("script")]
    plotly_and_sounds += [len(audio.attributes["src"] or "") for audio in page.all("audio")]
    pictures = [len(image.attributes["src"] or "") for image in page.all("img")]
    assert max(pictures) < 8_000
    assert len(html) - sum(plotly_and_sounds) - sum(pictures) < 150_000
    # No sound takes more than its samples do.
    assert max(plotly_and_sounds[-3 * COUNT :]) < 4 / 3 * 4 * RATE * 2


def test_page_can_be_read_aloud(matched: tuple[Outcome, str, Page]) -> None:
    _, _, page = matched
    levels = [int(element.tag[1]) for element in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    identities = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
    assert len(identities) == len(set(identities))
    labels = [(element.attributes.get("aria-labelledby") or "").split() for element in page.elements]
    assert {name for names in labels for name in names} <= set(identities)
    for audio in page.all("audio"):
        assert "controls" in audio.attributes
        assert len((audio.attributes["aria-labelledby"] or "").split()) == 2
    assert len(page.all("table")) == len(page.all("caption")) == 4
    assert {element.attributes.get("scope") for element in page.all("th")} == {"col", "row", "rowgroup"}
    assert all("aria-label" in e.attributes for e in page.elements if e.attributes.get("role") == "img")


def test_finalists_table_holds_search_and_fresh_scores(matched: tuple[Outcome, str, Page]) -> None:
    outcome, _, page = matched
    rows = []
    for finalist, search in zip(outcome.finalists, ("0.2000", "–"), strict=True):
        interval = mean_interval(finalist.scores, least=0.0)
        rows.append([finalist.origin, f"{interval.mean:.4f}", f"{interval.low:.4f} to {interval.high:.4f}", search])
    assert page.cells("finalists") == rows
    # The trial scored 0.2 in the search and 0.23 afterwards.
    assert "finalists scored 13.0 % better on average than on fresh seeds." in page.all("main")[0].text


def test_spec_on_the_page_reads_back(matched: tuple[Outcome, str, Page]) -> None:
    outcome, _, page = matched
    assert StudySpec.from_toml(page.with_id("spec").text) == outcome.spec
    target = 'tab\t, line\n, "quotes", \\, \x7f and é'
    odd = StudySpec.parse({**outcome.spec.model_dump(), "target": target})
    assert StudySpec.from_toml(odd.to_toml()) == odd


def test_counts_are_those_of_the_study(matched: tuple[Outcome, str, Page]) -> None:
    _, _, page = matched
    facts = {element.text for element in page.all("tr")}
    # Ten trials and two finalists of three repeats, four sounds each; 1.5 s a trial.
    assert {"Trials10", "Sounds rendered64", "Computing time of trials15.0 seconds", "Target sounds300"} <= facts
    assert f"Version of torch{torch.__version__}" in facts


def test_two_reports_of_one_outcome_are_equal() -> None:
    outcome = make_outcome()
    assert report(outcome) == report(outcome)
