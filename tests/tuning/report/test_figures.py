import json
from dataclasses import replace
from typing import Any

import plotly.graph_objects
from report_page import Page
from small_study import NEUTRAL, SCORES, make_outcome

from nebula import PARAMETERS
from nebula.nebulae import Nebula
from nebula.tuning.ledger import Entry
from nebula.tuning.outcome import Outcome
from nebula.tuning.report import report
from nebula.tuning.report.sounds import COUNT
from nebula.tuning.seeds import Purpose, draw_seeds


def test_figures_keep_to_what_the_small_plotly_draws(matched: tuple[Outcome, str, Page]) -> None:
    _, _, page = matched
    # The basic bundle draws these; the whole one weighs 4.8 MB.
    assert {trace["type"] for figure in page.figures.values() for trace in figure["data"]} <= {"scatter", "bar"}
    assert max(len(element.text) for element in page.all("script") if "type" not in element.attributes) < 1.25e6


def test_score_figure_holds_exactly_the_scores(matched: tuple[Outcome, str, Page]) -> None:
    outcome, _, page = matched
    first, second, best, start, tuned = page.figures["scores"]["data"]
    assert (first["name"], second["name"]) == ("phase 1: sobol", "phase 2: cma-es")
    assert first["x"] + second["x"] == list(range(1, 11))
    assert first["y"] + second["y"] == SCORES
    assert len(first["y"]) == 6
    assert first["customdata"] + second["customdata"] == [[i // 3, i % 3] for i in range(10)]
    assert best["y"] == [0.5, 0.41, 0.41, 0.3, 0.3, 0.3, 0.25, 0.25, 0.2, 0.2]
    assert set(start["y"]) == {outcome.start.mean}
    assert set(tuned["y"]) == {outcome.winner.mean}


def test_best_so_far_rises_where_more_is_better(diversified: tuple[Outcome, Page]) -> None:
    _, page = diversified
    best = page.figures["scores"]["data"][2]
    assert best["y"] == [0.5] * 10


def test_score_axis_is_logarithmic_only_for_positive_scores_far_apart() -> None:
    kinds = {}
    for scores in ((0.1, 0.2), (0.1, 2.0), (-0.1, 2.0)):
        entries = [Entry(0, i, NEUTRAL, score, 1.0) for i, score in enumerate(scores)]
        page = Page(report(make_outcome((0.11, 0.12), (0.19, 0.2), entries=entries)))
        kinds[scores] = page.figures["scores"]["layout"]["yaxis"].get("type", "linear")
    assert list(kinds.values()) == ["linear", "log", "linear"]


def test_falls_are_marked_where_they_were_tuned_and_told_wherever_they_are_not_1() -> None:
    outcome = make_outcome()
    falls = [1.0] * 78
    falls[5] = 250.0
    winner = replace(outcome.winner, nebula=replace(outcome.winner.nebula, falls=tuple(falls)))
    space = replace(outcome.space, fall_range=(0.1, 1000.0))
    page = Page(report(replace(outcome, finalists=[winner, outcome.start], space=space)))
    (marks,) = [trace for trace in page.figures["curves"]["data"] if trace.get("name") == "fall, tuned"]
    assert marks["x"] == [falls[column] for column in space.columns]
    assert [text.count("fall 250") for text in marks["text"]] == [int(column == 5) for column in space.columns]
    assert page.figures["curves"]["layout"]["xaxis"]["range"][1] > 2.39
    assert [cell.text for cell in page.all("td") if "fall" in cell.text] == [
        f"{winner.nebula.curves[5]:.3g}, fall 250{' sym' if winner.nebula.symmetric[5] else ''}"
    ]


def test_each_component_of_a_mixture_is_marked_and_told() -> None:
    outcome = make_outcome()
    first, other = outcome.winner.nebula, Nebula.load("drum")
    winner = replace(outcome.winner, nebula=Nebula.mixture([(3, first), (1, other)]))
    page = Page(report(replace(outcome, finalists=[winner, outcome.start])))
    (marks,) = [trace for trace in page.figures["curves"]["data"] if "component" in trace.get("name", "")]
    assert marks["name"] == "tuned, component 2 (25 %)"
    assert marks["x"] == [other.curves[column] for column in outcome.space.columns]
    heads = [head.text for head in page.all("th") if head.text.startswith("Tuned")]
    assert heads == ["Tuned, 75 %", "Tuned, 25 %"]


def test_curve_figure_holds_every_curve_once_and_marks_what_was_flipped() -> None:
    outcome = make_outcome()
    flags = [False] * 78
    flags[10] = flags[20] = True
    winner = replace(outcome.winner, nebula=Nebula(outcome.winner.nebula.curves, tuple(flags), "flipped"))
    space = replace(outcome.space, tunes_symmetry=True)
    page = Page(report(replace(outcome, finalists=[winner, outcome.start], space=space)))
    figure = page.figures["curves"]
    traces = {trace.get("name"): trace for trace in figure["data"]}
    assert traces["start"]["x"] == list(NEUTRAL.curves[2:])
    assert traces["tuned"]["x"] == list(winner.nebula.curves[2:])
    assert traces["frozen"]["x"] == list(NEUTRAL.curves[:2])
    assert traces["symmetry flipped"]["x"] == [winner.nebula.curves[10], winner.nebula.curves[20]]
    assert [place for place, symbol in enumerate(traces["tuned"]["marker"]["symbol"]) if symbol == "diamond"] == [8, 18]
    labels = figure["layout"]["yaxis"]["ticktext"]
    shown = [labels[row] for row in traces["frozen"]["y"] + traces["start"]["y"]]
    assert shown == [parameter.name.replace("->", " → ") for parameter in PARAMETERS]
    tuning = next(column for column, parameter in enumerate(PARAMETERS) if parameter.path == "vco_1.tuning")
    hover = traces["tuned"]["text"][tuning - 2]
    assert "pitch offset from the key<br>−24 to 24 semitones<br>start: curve 1<br>tuned: curve " in hover
    rows = [cells for cells in page.cells("curve-table") if len(cells) > 1]
    assert [cells[1] for cells in rows] == ["1"] * 78
    assert [cells[2].endswith(" sym") for cells in rows] == flags
    assert [cells[3].endswith(", frozen") for cells in rows] == [True] * 2 + [False] * 76


def test_importance_shows_the_largest_twenty_in_order(diversified: tuple[Outcome, Page]) -> None:
    outcome, page = diversified
    bars, labels = page.figures["importance"]["data"]
    assert bars["x"] == list(outcome.importance.values())[:20]
    assert bars["customdata"] == [name.removesuffix(".curve") for name in list(outcome.importance)[:20]]
    assert labels["text"] == [name.replace("->", " → ") for name in bars["customdata"]]
    assert [round(y + 0.42) for y in labels["y"]] == bars["y"] == list(range(20))


def test_missing_importance_is_explained(matched: tuple[Outcome, str, Page]) -> None:
    _, _, page = matched
    assert "importance" not in page.figures
    assert page.with_id("importance-why").text == "With 10 trials there are too few to tell which curves mattered."


def test_map_shows_at_most_256_target_sounds_and_a_trial_of_each_nebula(matched: tuple[Outcome, str, Page]) -> None:
    _, _, page = matched
    traces = page.figures["map"]["data"]
    assert [(trace["name"], len(trace["x"]), len(trace["y"])) for trace in traces] == [
        ("target", 256, 256),
        ("start", 4, 4),
        ("tuned", 4, 4),
    ]
    assert traces[1]["text"] == [f"seed {seed}" for seed in draw_seeds(5, Purpose.LISTENING, 0, COUNT)[:4]]


def test_figures_are_figures_to_plotly(matched: tuple[Outcome, str, Page], diversified: tuple[Outcome, Page]) -> None:
    def coloured(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: coloured(item) for key, item in value.items()}
        if isinstance(value, list):
            return [coloured(item) for item in value]
        return "#123456" if isinstance(value, str) and value.startswith("--") else value

    for page in (matched[2], diversified[1]):
        for identity, figure in page.figures.items():
            plotly.graph_objects.Figure(coloured(figure))
            assert page.with_id(identity).tag == "div"


def test_every_colour_of_the_figures_has_a_value_in_the_style(matched: tuple[Outcome, str, Page]) -> None:
    _, _, page = matched
    style = page.all("style")[0].text
    names = {part.split('"')[0] for part in json.dumps(page.figures).split('"--')[1:]}
    assert {"start", "tuned", "ink", "rule", "font"} <= names
    assert all(f"--{name}:" in style for name in names)
