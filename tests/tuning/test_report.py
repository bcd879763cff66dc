import base64
import hashlib
import io
import json
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects
import pytest
import soundfile
import torch

from nebula import PARAMETERS, Voice, distances, draws
from nebula.audio import Corpus, align_loudness, integrated_loudness_lufs
from nebula.discrepancy import Interval, mean_interval
from nebula.evaluation.listener import Check, Fidelity, Judgement
from nebula.nebulae import Nebula
from nebula.synths.voice import VOICE
from nebula.tuning.ledger import Entry, Finalist
from nebula.tuning.outcome import Outcome
from nebula.tuning.report import hearing, report
from nebula.tuning.report.page import spec_toml
from nebula.tuning.report.plane import principal_places
from nebula.tuning.report.quantiles import HEIGHT, WIDTH, quantile_drawings
from nebula.tuning.report.sounds import COUNT
from nebula.tuning.report.verdict import Digits, verdict
from nebula.tuning.seeds import Purpose, draw_seeds
from nebula.tuning.space import Space
from nebula.tuning.spec import StudySpec
from nebula.tuning.target import Target

HOSTILE = "<img src=x onerror=alert(1)>&amp;</script><script>alert(2)</script>'\""
RATE = 44100
NEUTRAL = Nebula((1.0,) * 78, (False,) * 78, "neutral")
# Entries 0 ... 5 are the first phase, 6 ... 9 the second.
SCORES = [0.5, 0.41, 0.45, 0.3, 0.31, 0.32, 0.25, 0.26, 0.2, 0.21]


def bent(seed: int, name: str) -> Nebula:
    generator = np.random.default_rng(seed)
    curves = tuple(float(curve) for curve in np.exp(generator.uniform(-1, 1, 78)))
    return Nebula(curves, (False,) * 78, name)


def make_outcome(
    winner: tuple[float, ...] = (0.22, 0.23, 0.24),
    start: tuple[float, ...] = (0.5, 0.51, 0.52),
    objective: str = "match",
    **changes: Any,
) -> Outcome:
    """A study of ten trials in two phases; keyword arguments replace its parts."""
    spec = StudySpec.parse(
        {
            "version": 1,
            "name": "small study",
            "objective": objective,
            "sounds_per_trial": 4,
            "seed": 5,
            "search": {
                "frozen": ["keyboard.*"],
                "phases": [{"sampler": "sobol", "trials": 6}, {"sampler": "cma-es", "trials": 4}],
            },
            "finalists": {"count": 1, "repeats": 3},
        }
        | ({"target": HOSTILE} if objective == "match" else {})
    )
    entries = [Entry(i // 3, i % 3, bent(i, f"trial {i // 3}.{i % 3}"), score, 1.5) for i, score in enumerate(SCORES)]
    finalists = [Finalist("trial 2.2", entries[8].nebula, winner), Finalist("start", NEUTRAL, start)]
    sign = 1 if objective == "match" else -1
    outcome = Outcome(
        spec=spec,
        space=Space(NEUTRAL, tuple(range(2, 78)), (0.1, 10.0), False),
        target=None,
        entries=entries,
        finalists=sorted(finalists, key=lambda finalist: sign * finalist.mean),
        importance={},
    )
    return replace(outcome, **changes)


def nebula_target(name: str, skipped: tuple[tuple[str, str], ...] = ()) -> Target:
    vectors = torch.randn(300, 6464, generator=torch.Generator().manual_seed(0)) * 1e-4
    return Target(Nebula((2.0,) * 78, (True,) * 78, name), vectors, "c0ffee" * 10, skipped)


@dataclass
class Element:
    tag: str
    attributes: dict[str, str | None]
    text: str = ""
    inside: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """Every element of a page in the order of the text, each with all the text inside it."""

    void = frozenset({"meta", "br", "img", "link", "input", "polyline"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs), inside=[outer.tag for outer in self._open])
        self.elements.append(element)
        if tag not in self.void:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, dict(attrs), inside=[outer.tag for outer in self._open]))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def all(self, *tags: str) -> list[Element]:
        return [element for element in self.elements if element.tag in tags]

    def with_id(self, identity: str) -> Element:
        (element,) = (element for element in self.elements if element.attributes.get("id") == identity)
        return element

    def cells(self, table: str) -> list[list[str]]:
        """The rows of a table in its bodies, as text."""
        start = self.elements.index(self.with_id(table))
        rows: list[list[str]] = []
        for element in self.elements[start + 1 :]:
            if "table" not in element.inside:
                break
            if "tbody" in element.inside:
                if element.tag == "tr":
                    rows.append([])
                elif element.tag in ("td", "th"):
                    rows[-1].append(element.text)
        return rows

    @property
    def figures(self) -> dict[str, Any]:
        figures = json.loads(self.with_id("figures").text)
        assert isinstance(figures, dict)
        return figures

    @property
    def sounds(self) -> list[tuple[str, np.ndarray]]:
        """The role of each playable sound, and what it decodes to."""
        found = []
        for audio in self.all("audio"):
            head, _, body = (audio.attributes["src"] or "").partition(",")
            assert head == "data:audio/flac;base64"
            samples, rate = soundfile.read(io.BytesIO(base64.b64decode(body)), dtype="float64")
            assert rate == RATE
            assert soundfile.info(io.BytesIO(base64.b64decode(body))).subtype == "PCM_16"
            found.append(((audio.attributes["aria-labelledby"] or "").split()[0].removeprefix("listen-"), samples))
        return found


def listener_check(others: tuple[str, ...] = ()) -> Check:
    """A check whose numbers are all different, of a target and two nebulae."""

    def interval(value: float) -> Interval:
        return Interval(value, value - 0.05, value + 0.05, 0.95)

    def judgement(name: str, first: float) -> Judgement:
        share = interval(first) if others else None
        numbers = Fidelity(*(interval(first + step / 50) for step in range(1, 5)))
        return Judgement(name, 24, share, {}, interval(first + 0.1), {}, numbers)

    rows = (judgement(HOSTILE, 0.4), judgement("tuned", 0.5), judgement("drum", 0.6))
    known = (interval(0.93), interval(0.04)) if others else (None, None)
    return Check(HOSTILE, 1200, others, 800, *known, rows)


@pytest.fixture(scope="module")
def matched() -> tuple[Outcome, str, Page]:
    """A study towards a nebula, whose names are all hostile."""
    skipped = tuple((f"{HOSTILE} {i}.wav", "is empty") for i in range(23))
    outcome = make_outcome(target=nebula_target(HOSTILE, skipped), check=listener_check((HOSTILE, "pianos")))
    html = report(outcome)
    return outcome, html, Page(html)


@pytest.fixture(scope="module")
def diversified() -> tuple[Outcome, Page]:
    """A study that tuned symmetry too, has importance, and found nothing better than its start."""
    importance = {f"{parameter.path}.curve": 1 / (i + 2) for i, parameter in enumerate(PARAMETERS[2:30])}
    outcome = make_outcome(objective="diversify", importance=importance)
    return outcome, Page(report(outcome))


def test_text_of_users_is_text_on_the_page(matched: tuple[Outcome, str, Page]) -> None:
    _, _, page = matched
    assert page.all("img") == []
    assert len(page.all("script")) == 3
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


def test_page_weighs_little_more_than_its_sounds_and_plotly(matched: tuple[Outcome, str, Page]) -> None:
    _, html, page = matched
    plotly_and_sounds = [len(element.text) for element in page.all("script")]
    plotly_and_sounds += [len(audio.attributes["src"] or "") for audio in page.all("audio")]
    assert len(html) - sum(plotly_and_sounds) < 150_000
    # No sound takes more than its samples do.
    assert max(plotly_and_sounds[-3 * COUNT :]) < 4 / 3 * 4 * RATE * 2


def test_figures_keep_to_what_the_small_plotly_draws(matched: tuple[Outcome, str, Page]) -> None:
    _, _, page = matched
    # The basic bundle draws these; the whole one weighs 4.8 MB.
    assert {trace["type"] for figure in page.figures.values() for trace in figure["data"]} <= {"scatter", "bar"}
    assert max(len(element.text) for element in page.all("script") if "type" not in element.attributes) < 1.25e6


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


def test_sounds_are_the_renderings_at_one_loudness(matched: tuple[Outcome, str, Page]) -> None:
    outcome, _, page = matched
    assert outcome.target is not None
    assert isinstance(outcome.target.source, Nebula)
    seeds = draw_seeds(5, Purpose.LISTENING, 0, COUNT)
    played = {
        "target": (outcome.target.source, draw_seeds(5, Purpose.TARGET, 0, COUNT)),
        "start": (NEUTRAL, seeds),
        "tuned": (outcome.winner.nebula, seeds),
    }
    sounds = page.sounds
    assert [role for role, _ in sounds] == [role for role in played for _ in range(COUNT)]
    position = 0
    for nebula, drawn in played.values():
        for seed, rendered in zip(drawn, Voice().play(drawn, nebula), strict=True):
            expected = align_loudness(rendered, RATE).double().numpy()
            _, sound = sounds[position]
            position += 1
            fits = min(1.0, (1 - 2**-15) / np.abs(expected).max())
            assert sound.shape == (4 * RATE,)
            # Half a step of 16 bit, and float32's rounding of the gain.
            assert np.abs(sound - fits * expected).max() <= 2**-16 * 1.01
            loudness = integrated_loudness_lufs(torch.from_numpy(sound), RATE).item()
            if fits == 1.0 and np.isfinite(loudness):
                # At -23 LUFS, rounding to 16 bit adds less than a thousandth of the power.
                assert loudness == pytest.approx(-23.0, abs=0.05)
            label = page.with_id(f"{sounds[position - 1][0]}-{(position - 1) % COUNT + 1}").text
            assert label == f"seed {seed}" + (" (quieter)" if fits < 1.0 else "")


def test_recordings_are_played_and_unreadable_ones_passed_over(tmp_path: Path) -> None:
    time = np.arange(RATE) / RATE
    for i in range(9):
        soundfile.write(tmp_path / f"tone {i}.wav", 0.1 * np.sin(2 * np.pi * 200 * (i + 1) * time), RATE)
    corpus = Corpus.open(tmp_path)
    vectors = torch.cat([distances.get("log-mel").embed(clips.audio, RATE) for clips in corpus.audio()])
    (tmp_path / "tone 3.wav").write_text("no sound any more")
    (tmp_path / "tone 4.wav").unlink()
    outcome = make_outcome(target=Target(corpus, vectors, "c0ffee", (("tone 0.wav", "was left out"),)))

    page = Page(report(outcome))
    tones = [sound for role, sound in page.sounds if role == "target"]
    names = [page.with_id(f"target-{i + 1}").text for i in range(COUNT)]
    assert sorted(names) == [f"tone {i}.wav" for i in (1, 2, 5, 6, 7, 8)]
    for name, tone in zip(names, tones, strict=True):
        loudest = np.abs(np.fft.rfft(tone)).argmax() / 4
        assert loudest == pytest.approx(200 * (int(name[5]) + 1), abs=1)

    for file in tmp_path.iterdir():
        file.unlink()
    empty = Page(report(outcome))
    assert [role for role, _ in empty.sounds] == ["start"] * COUNT + ["tuned"] * COUNT
    assert "Its sounds could not be read again when this report was written." in [e.text for e in empty.all("p")]


def test_nothing_is_played_twice(diversified: tuple[Outcome, Page]) -> None:
    outcome, page = diversified
    assert outcome.winner.origin == "start"
    assert [role for role, _ in page.sounds] == ["start"] * COUNT
    assert [trace["name"] for trace in page.figures["map"]["data"]] == ["start"]


@pytest.mark.parametrize(
    ("objective", "winner", "start", "words"),
    [
        ("match", (0.22, 0.23, 0.24), (0.5, 0.51, 0.52), "was beaten: "),
        ("match", (0.2, 0.4, 0.6), (0.3, 0.5, 0.7), "was not clearly beaten: "),
        ("match", (0.6, 0.61, 0.62), (0.3, 0.31, 0.32), "was not beaten: "),
        ("diversify", (0.6, 0.61, 0.62), (0.3, 0.31, 0.32), "was beaten: "),
        ("diversify", (0.4, 0.6, 0.8), (0.3, 0.5, 0.7), "was not clearly beaten: "),
        ("diversify", (0.22, 0.23, 0.24), (0.5, 0.51, 0.52), "was not beaten: "),
    ],
)
def test_verdict_says_whether_the_start_was_beaten(
    objective: str, winner: tuple[float, ...], start: tuple[float, ...], words: str
) -> None:
    outcome = make_outcome(winner, start, objective)
    sentence = verdict(outcome)
    assert sentence.startswith(f"The start nebula, neutral, {words}")
    assert sentence.endswith(".")
    for finalist in {outcome.winner.origin: outcome.winner, "start": outcome.start}.values():
        interval = mean_interval(finalist.scores)
        assert (
            f"{interval.mean:.4f} (95 % interval {interval.low:.4f} to {interval.high:.4f})".replace("-", "−")
            in sentence
        )
    assert f"a ratio of {outcome.winner.mean / outcome.start.mean:.2f}" in sentence
    assert ("overlap" in sentence) == ("clearly" in words)


def test_verdict_gives_no_ratio_of_scores_of_either_sign() -> None:
    assert "ratio" not in verdict(make_outcome((-0.01, -0.02), (0.1, 0.2)))


def test_digits_show_four_of_the_largest_and_no_hyphen_for_a_minus() -> None:
    digits = Digits.of([0.0123456, -0.001])
    assert [digits.text(value) for value in (0.0123456, -0.001, float("-inf"))] == ["0.01235", "−0.00100", "−∞"]
    assert Digits.of([12345.6]).text(12345.6) == "12346"
    assert Digits.of([]).text(0.0) == "0.000"


def test_finalists_table_holds_search_and_fresh_scores(matched: tuple[Outcome, str, Page]) -> None:
    outcome, _, page = matched
    rows = []
    for finalist, search in zip(outcome.finalists, ("0.2000", "–"), strict=True):
        interval = mean_interval(finalist.scores)
        rows.append([finalist.origin, f"{interval.mean:.4f}", f"{interval.low:.4f} to {interval.high:.4f}", search])
    assert page.cells("finalists") == rows
    # The trial scored 0.2 in the search and 0.23 afterwards.
    assert "finalists scored 13.0 % better on average than on fresh seeds." in page.all("main")[0].text


def test_listener_table_holds_the_check(matched: tuple[Outcome, str, Page], diversified: tuple[Outcome, Page]) -> None:
    _, _, page = matched
    rows = page.cells("hearings")
    assert [row[0] for row in rows] == [f"{HOSTILE}, by halves", "tuned", "drum"]
    numbers = (0.5, 0.6, 0.52, 0.54, 0.56, 0.58)
    assert rows[1][1:] == [f"{number:.2f} ({number - 0.05:.2f} to {number + 0.05:.2f})" for number in numbers]
    words = [element.text for element in page.all("p")]
    known = f"Three kinds of classifiers know 1,200 sounds of the target and 800 others ({HOSTILE}, pianos)."
    assert any(
        f"{known} Of sounds held out from them they took 93% of the target’s and 4% of" in text for text in words
    )
    assert diversified[1].with_id("listener-why").text == (
        "A study without a target has nothing that its sounds should be taken for."
    )


def test_without_others_no_share_is_shown() -> None:
    outcome = make_outcome(target=nebula_target("drum"), check=listener_check())
    assert hearing.columns(outcome.check) == hearing.COLUMNS[1:]
    assert [len(row.cells) for row in hearing.hearings(outcome.check)] == [5, 5, 5]
    assert "They know nothing else" in hearing.teaching(outcome.check)
    assert hearing.why_not(replace(outcome, check="target: 3 different recordings are too few")) == (
        "target: 3 different recordings are too few"
    )


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


@pytest.mark.parametrize("shape", [(40, 7), (12, 300), (3, 1)])
def test_principal_places_agree_with_singular_values(shape: tuple[int, int]) -> None:
    vectors = np.random.default_rng(0).normal(size=shape) * np.linspace(3, 1, shape[1]) + 5
    places, shares = principal_places(vectors)
    left, spread, _ = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)
    expected = np.zeros((len(vectors), 2))
    expected[:, : min(2, len(spread))] = (left * spread)[:, :2]
    # Products of rows hold half the digits of float64.
    np.testing.assert_allclose(np.abs(places), np.abs(expected), atol=1e-6)
    np.testing.assert_allclose(shares, (np.pad(spread, (0, 2)) ** 2)[:2] / (spread**2).sum(), atol=1e-12)
    assert (places.max(axis=0) >= -places.min(axis=0) - 1e-6).all()


@pytest.mark.parametrize("sounds", [1, 5])
def test_principal_places_of_equal_sounds_are_one_point(sounds: int) -> None:
    places, shares = principal_places(np.ones((sounds, 3)))
    assert shares == (0.0, 0.0)
    np.testing.assert_array_equal(places, np.zeros((sounds, 2)))


def test_quantile_drawings_are_the_quantile_functions() -> None:
    outcome = make_outcome()
    drawings = [drawing for members in quantile_drawings(outcome).values() for drawing in members]
    assert [drawing.parameter for drawing in drawings] == list(PARAMETERS[2:])
    tuned = torch.tensor(outcome.winner.nebula.curves, dtype=torch.float64)
    for column, drawing in enumerate(drawings, start=2):
        start = np.array([point.split(",") for point in drawing.start.split()], dtype=float)
        # A neutral curve is a straight line from corner to corner; four digits are written.
        np.testing.assert_allclose(start[:, 1], HEIGHT * (1 - start[:, 0] / WIDTH), atol=0.02)
        points = np.array([point.split(",") for point in drawing.tuned.split()], dtype=float)
        unit = torch.zeros(len(points), 78, dtype=torch.float64)
        unit[:, column] = torch.from_numpy(points[:, 0] / WIDTH)
        physical = draws.to_physical(VOICE.panel, unit, tuned, torch.zeros(78, dtype=torch.bool))[:, column].numpy()
        low, high = drawing.parameter.minimum, drawing.parameter.maximum
        # Where the function is steep, four digits of the share are two of the value.
        np.testing.assert_allclose(1 - points[:, 1] / HEIGHT, (physical - low) / (high - low), atol=0.01)


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


def test_spec_on_the_page_reads_back(matched: tuple[Outcome, str, Page]) -> None:
    outcome, _, page = matched
    assert StudySpec.from_toml(page.with_id("spec").text) == outcome.spec
    target = 'tab\t, line\n, "quotes", \\, \x7f and é'
    odd = StudySpec.parse({**outcome.spec.model_dump(), "target": target})
    assert StudySpec.from_toml(spec_toml(odd)) == odd


def test_counts_are_those_of_the_study(matched: tuple[Outcome, str, Page]) -> None:
    _, _, page = matched
    facts = {element.text for element in page.all("tr")}
    # Ten trials and two finalists of three repeats, four sounds each; 1.5 s a trial.
    assert {"Trials10", "Sounds rendered64", "Computing time of trials15.0 seconds", "Target sounds300"} <= facts
    assert f"Version of torch{torch.__version__}" in facts


def test_two_reports_of_one_outcome_are_equal() -> None:
    outcome = make_outcome()
    assert report(outcome) == report(outcome)
