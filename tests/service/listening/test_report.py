"""The report of a test: what it says, draws and leaves out, and that it can be read anywhere."""

import base64
import dataclasses
import io
import re

import numpy as np
import pytest
import soundfile
from browsing import chromium, overflow, violations
from playwright.sync_api import expect

from nebula.audio import encoded
from nebula.listening import Answer, Answers, Choice, Participant, Preparation, Resampling, analyse
from nebula.tiles import Tile
from service.listening import queries
from service.listening.design import questions
from service.listening.report import Heard, Visitor, report
from service.listening.report.heard import ITEMS
from service.listening.spec import ListeningSpec
from service.listening.store import StimulusStore

MEANS = {"reference": 100, "tuned": 60, "untouched": 35, "anchor-3500": 20, "anchor-7000": 45}

VISITORS = [
    Visitor("headphones", (6, 6), {"musician": "yes", "remarks": "<b>Loud</b>\nbut nice"}, outputs=2),
    Visitor("headphones", (4, 6), {"musician": "yes", "remarks": " "}, outputs=6),
    Visitor("monitors", None, {"musician": "no", "remarks": ""}),
    Visitor(None, None, {}),
]


@pytest.fixture(scope="module")
def spec():
    return ListeningSpec.load("mushra-nebulae")


def rated(listeners):
    """Returns ratings of six items with known means; every second listener misses the hidden reference."""
    generator = np.random.default_rng(1)
    rows = [
        Answer(
            participant=f"p{listener}",
            trial=str(item),
            item=str(item),
            system=system,
            position=place,
            rating=float(
                80
                if system == "reference" and listener % 2
                else mean
                if system == "reference"
                else generator.normal(mean, 4)
            ),
        )
        for listener in range(listeners)
        for item in range(6)
        for place, (system, mean) in enumerate(MEANS.items())
    ]
    return Answers(tuple(Participant(key=f"p{listener}") for listener in range(listeners)), tuple(rows))


def page(spec, listeners=14, visitors=VISITORS, verified=True, loudness_lufs=-23.0, channels=None, sounds=()):
    """Returns a report and the analysis in it."""
    plan = dataclasses.replace(spec.plan, resampling=Resampling(resamples=50))
    analysis = analyse(rated(listeners), plan)
    prepared = Preparation(channels)
    return report(spec, analysis, visitors, "ab" * 32, verified, loudness_lufs, 0, prepared, sounds), analysis


def tally(html, title):
    """Returns the rows of the table below a heading."""
    table = html.partition(f"<h3>{title}</h3>")[2].partition("</table>")[0]
    return [(words, int(count)) for words, count in re.findall(r'row">([^<]*)</th><td class="number">(\d+)', table)]


@pytest.mark.parametrize(
    ("channels", "rows"),
    [
        (None, []),
        (1, []),
        (2, [("apart", 2), ("not known", 2)]),
        (6, [("apart", 1), ("mixed by the device", 1), ("not known", 2)]),
    ],
)
def test_who_heard_channels_mixed_is_counted_where_there_are_several(spec, channels, rows):
    html, _ = page(spec, channels=channels)
    assert tally(html, "How the channels were heard") == rows


def test_who_took_part_is_counted_and_what_they_wrote_is_quoted(spec):
    html, _ = page(spec)
    assert tally(html, "What they listened with") == [
        ("Headphones or earphones", 2),
        ("Studio monitors", 1),
        ("not said", 1),
    ]
    assert tally(html, "Headphone check") == [("6 of 6 right", 1), ("4 of 6 right", 1), ("not taken", 2)]
    assert tally(html, "Do you make music?") == [("yes", 2), ("no", 1), ("no answer", 1)]
    assert re.findall(r"<blockquote>(.*?)</blockquote>", html, re.DOTALL) == ["&lt;b&gt;Loud&lt;/b&gt;\nbut nice"]


def test_figures_lie_on_their_scale_with_the_systems_first_and_anchors_folded(spec):
    html, analysis = page(spec)
    shown, _, folded = html.partition("<details>")
    named = re.findall(r'<span class="name">(.*?)</span>', shown)
    ordered = sorted(analysis.screened.ratings.systems, key=lambda each: -each.mean.value)
    assert named == [*(each.system for each in ordered), "tuned less untouched"]
    assert re.findall(r'class="name">(\S+ less \S+)<', folded.partition("Differences from")[2]) == [
        f"{first} less {second}"
        for first, second in (
            ("anchor-3500", "tuned"),
            ("anchor-3500", "untouched"),
            ("anchor-7000", "tuned"),
            ("anchor-7000", "untouched"),
            ("reference", "tuned"),
            ("reference", "untouched"),
        )
    ]
    assert "Without screening: Mean ratings" in folded
    tuned = next(each.mean for each in ordered if each.system == "tuned")
    track = shown.partition('class="name">tuned<')[2].partition("</li>")[0]
    # The scale is from 0 to 100, so that places in percent are ratings.
    span = re.search(r'class="span" style="left: (.*?)%; right: (.*?)%', track).groups()
    assert (float(span[0]), 100 - float(span[1])) == pytest.approx((tuned.low, tuned.high), abs=0.01)
    assert float(re.search(r'class="value" style="left: (.*?)%', track)[1]) == pytest.approx(tuned.value, abs=0.01)
    assert all(0 <= float(place) <= 100 for place in re.findall(r'style="left: (.*?)%', html))


def test_of_few_listeners_no_interval_is_drawn_and_how_many_it_takes_is_said(spec):
    html, _ = page(spec, listeners=4)
    assert 'class="span"' not in html
    assert "Without interval: 2 listeners; an interval takes 6." in html
    assert "Nobody whose answers count has answered." in page(spec, listeners=0)[0]


def test_listeners_who_prefer_neither_are_counted():
    rows = [
        Answer(participant=f"p{listener}", trial="0", item="0", system=system, position=place, choice=choice)
        for listener, choices in enumerate([("chosen", "passed"), ("passed", "chosen"), ("tied", "tied")])
        for place, (system, choice) in enumerate(zip(("tuned", "made by hand"), map(Choice, choices), strict=True))
    ]
    spec = ListeningSpec.load("ab-64")
    analysis = analyse(Answers(tuple(Participant(key=f"p{n}") for n in range(3)), tuple(rows)), spec.plan)
    html = report(spec, analysis, [], "ab" * 32, True, -23.0)
    assert "As many listeners preferred made by hand as tuned: 1 each, 1 neither." in html
    assert "1 to 1 listeners, 1 neither, p = 1.000" in html


def test_a_broken_commitment_and_a_gain_are_said(spec):
    html, _ = page(spec, verified=False, loudness_lufs=-29.3)
    assert "do not trust this report" in html
    assert "−29.3 LUFS; planned −23.0, all turned down by one gain so that no peak clips" in html


@pytest.mark.slow
def test_it_reads_and_plays_without_a_script_on_a_telephone_and_in_the_dark(spec):
    html, _ = page(spec)
    assert "<script" not in html
    noise = np.random.default_rng(0).uniform(-0.1, 0.1, 2 * 44100)
    tiles = tuple(Tile.of(f"item {number}", encoded(noise, 44100)) for number in range(4))
    html, _ = page(spec, sounds=[Heard(system, tiles) for system in MEANS])
    with chromium() as browser:
        opened = browser.new_context(java_script_enabled=False).new_page()
        opened.set_content(html)
        expect(opened.locator("audio").first).to_be_visible()
        opened = browser.new_page()
        opened.set_content(html)
        opened.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
        assert violations(opened) == {}
        assert overflow(opened) is None


def played(html, number):
    """Returns the labels and samples of the tiles of one system."""
    row = html.partition(f'<h3 id="heard-{number}">')[2].partition("</div>")[0]
    labels = re.findall(r'class="label" id="[^"]*">([^<]*)<', row)
    contents = [base64.b64decode(found) for found in re.findall(r'src="data:audio/flac;base64,([^"]*)"', row)]
    return list(zip(labels, [soundfile.read(io.BytesIO(content))[0] for content in contents], strict=True))


def test_sounds_of_the_first_items_are_heard_under_the_names_of_their_systems(lab):
    systems = [{"name": "made by hand", "nebula": "drum"}, {"name": "untouched", "nebula": "default"}]
    spec = {"version": 1, "name": "heard", "method": "preference", "systems": systems, "seconds": 0.3}
    test, _ = lab.open(spec | {"sounds": ITEMS + 2, "practice": 1, "playlist": 2, "analysis": {"resamples": 50}})
    lab.do(test, "close")
    lab.do(test, "unblind")
    html = lab.experimenter.get(f"/v1/listening-tests/{test}/report").text
    with lab.database.read() as session:
        row = queries.find(session, test)
        folder, asked = row.folder, questions(queries.spec_of(row))
    counted = {question.key for question in asked if not question.practice}
    store = StimulusStore(lab.home)
    known = lab.experimenter.get(f"/v1/listening-tests/{test}/key").json()["key_map"]["stimuli"]
    for number, system in enumerate(("made by hand", "untouched"), 1):
        found = played(html, number)
        assert len(found) == 2 * ITEMS
        for label, samples in found:
            item, place = re.fullmatch(r"item (.*), sound ([12])", label).groups()
            (name,) = (
                name
                for name, each in known.items()
                if (each["item"], each["system"], each["place"]) == (item, system, int(place) - 1)
                and each["question"] in counted
            )
            np.testing.assert_allclose(samples, store.read(folder, name)[0].numpy(), atol=2**-15)
    store.remove(folder)
    assert "What was heard" not in lab.experimenter.get(f"/v1/listening-tests/{test}/report").text
