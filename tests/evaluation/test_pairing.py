"""Differences between distances, preset by preset."""

import json
import math
import re

import numpy as np
import pytest
from typer.testing import CliRunner

from nebula.audio import Corpus
from nebula.cli import app
from nebula.errors import ArgumentError
from nebula.evaluation import bootstrap_interval, compare, differences, evaluate_ordering
from nebula.evaluation.ordering import Ordering
from nebula.evaluation.plots import comparison_page, judgement_page
from nebula.evaluation.ranking import PresetOrdering


def ordering(distance, scores):
    presets = tuple(
        PresetOrdering(name=name, spearman=score, chance=0.5, ideal=1.0, sounds=4) for name, score in scores.items()
    )
    interval = bootstrap_interval(list(scores.values()))
    return Ordering(distance, "pitch", interval.mean, interval.low, interval.high, 0.5, 1.0, 9, presets, ())


def data_of(page):
    """What a page gives Plotly to draw."""
    call = page[page.rindex("Plotly.newPlot(") :]
    return json.JSONDecoder().raw_decode(call, call.index("["))[0]


def test_a_small_gain_on_every_preset_is_clear_although_presets_differ():
    generator = np.random.default_rng(0)
    ease = generator.uniform(0, 0.9, 30)
    one = ordering("one", {f"{i:02}": ease[i] for i in range(30)})
    other = ordering("other", {f"{i:02}": ease[i] + 0.05 + generator.normal() * 0.02 for i in range(30)})
    assert one.high > other.low
    (found,) = differences([one, other])
    assert (found.distance, found.baseline, found.presets) == ("other", "one", 30)
    assert found.difference == pytest.approx(other.spearman - one.spearman)
    assert 0 < found.low < found.difference < found.high < 0.1


def test_only_presets_of_both_count():
    (found,) = differences([ordering("a", {"x": 0.5, "y": 0.1}), ordering("b", {"x": 0.7, "z": 0.9})])
    assert (found.difference, found.low, found.presets) == (pytest.approx(0.2), -math.inf, 1)
    with pytest.raises(ArgumentError) as raised:
        differences([ordering("a", {"x": 0.5}), ordering("b", {"z": 0.9})])
    assert str(raised.value) == "rows: b and a were judged on no common preset"


def test_the_command_prints_differences_from_the_first(surge, tmp_path):
    arguments = [
        "evaluate",
        "retrieval",
        str(surge),
        "--distance",
        "deaf",
        "--distance",
        "length-only",
        "--trials",
        "2",
    ]
    done = CliRunner().invoke(app, [*arguments, "--plot", str(tmp_path / "figure.html")])
    assert done.exit_code == 0, done.output
    assert "minus deaf" in done.stdout
    found = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)
    gains = [item["gain"] for item in found["items"]]
    assert found["differences"][0]["difference"] == pytest.approx(gains[1] - gains[0])
    assert [trace["name"] for trace in data_of((tmp_path / "figure.html").read_text())] == [
        *("a preset", "mean, 95 % interval", "chance")
    ]


def test_a_plot_needs_a_place_before_anything_is_computed(surge, tmp_path):
    for name in (tmp_path / "figure.png", tmp_path / "nowhere" / "figure.html"):
        done = CliRunner().invoke(app, ["evaluate", "ordering", str(surge), "--plot", str(name)])
        assert isinstance(done.exception, ArgumentError)
        message = f"plot: got {str(name)!r}, expected a name that ends in .html, in a folder that exists"
        assert str(done.exception) == message


def test_a_page_shows_every_preset_and_needs_no_network(surge):
    rows = [evaluate_ordering(Corpus.open(surge), name, limit=9) for name in ("pitch-only", "deaf")]
    page = judgement_page(rows)
    presets, means, chance = data_of(page)
    assert presets["y"] == [preset.spearman for row in rows for preset in row.presets]
    assert means["y"] == [row.spearman for row in rows]
    assert chance["y"] == [rows[0].chance] * 2
    assert not re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=", page)


def test_a_comparison_is_a_square_of_all_pairs(percussion):
    rows = compare([str(percussion), "noise:white"], sounds=8, trials=2)
    (square,) = data_of(comparison_page(rows, "MMD"))
    assert sorted(square["x"]) == sorted([str(percussion), "noise:white"])
    words = {text for row in square["text"] for text in row}
    assert words == {f"{row.value:.3g} ± {row.standard_deviation:.1g}" for row in rows}
    assert square["text"][0][1] == square["text"][1][0]
