"""The report as one page."""

import functools
import re
from collections.abc import Sequence
from importlib import resources

import jinja2

from nebula.listening import Analysis, Findings, Method, Preparation, methods_paragraph
from nebula.tiles import SCRIPT, STYLE, row, script_hash
from service.listening.report import audience, tracks
from service.listening.report.audience import Visitor
from service.listening.report.heard import Heard
from service.listening.report.verdict import judged, verdict
from service.listening.spec import ListeningSpec

_METHODS = {
    "preference": "which of two sounds people prefer",
    "rating": "how good one sound is, heard by itself",
    "multi-stimulus": "how good each of several sounds is, side by side (ITU-R BS.2132)",
    "ranking": "in which order several sounds are, from the best to the worst",
    "mushra": "how near each of several sounds is to a reference (MUSHRA, ITU-R BS.1534-3)",
    "abx": "whether a third sound is the same as one or the other of two (ABX)",
    "same-different": "whether two sounds are the same",
    "bs1116": "which of two sounds is the reference, and how much worse the other one is (ITU-R BS.1116-3)",
}


def report(
    spec: ListeningSpec,
    analysis: Analysis,
    visitors: Sequence[Visitor],
    commitment: str,
    verified: bool,
    loudness_lufs: float | None,
    replaced: int | None = None,
    preparation: Preparation | None = None,
    sounds: Sequence[Heard] = (),
) -> str:
    """Returns a page that shows what a test found; it needs no other, and can be read and heard without its script.

    Args:
        spec: Of the test.
        analysis: What it found.
        visitors: Everyone who got as far as the test.
        commitment: Published before it.
        verified: Whether key map and salt are those that were committed to.
        loudness_lufs: Of every sound; None where levels are left as they are.
        replaced: How many drawn sounds were replaced before the commitment, if known.
        preparation: What else was done to the sounds, if known.
        sounds: Some of them; none where they are not at hand.
    """
    paragraph = methods_paragraph(analysis, loudness_lufs, commitment, spec.loudness_lufs, replaced, preparation, True)
    return _template().render(
        spec=spec,
        analysis=analysis,
        asked=_METHODS[spec.method.value],
        verdict=verdict(spec, analysis),
        figures=_figures(spec, analysis.planned),
        folded=_folded(spec, analysis),
        methods=re.sub(r" (After|Without) screening: ", r"\n\n\1 screening: ", paragraph),
        tallies=[
            audience.devices(visitors),
            audience.mixing(visitors, preparation.channels if preparation else None),
            audience.checks(visitors),
        ],
        answered=audience.answered(spec.questionnaire, visitors),
        commitment=commitment,
        verified=verified,
        loudness=_loudness(spec, loudness_lufs),
        sounds=sounds,
        row=row,
        style=f"{_text('page.css')}{STYLE}",
        script=SCRIPT,
        script_hash=script_hash(SCRIPT),
    )


def _figures(spec: ListeningSpec, findings: Findings) -> dict[str, tracks.Tracks]:
    """Returns what is drawn, by its titles."""
    scale = spec.rated_from or (0.0, 1.0)
    is_ranked = spec.method is Method.RANKING
    drawn: dict[str, tracks.Tracks] = {}
    if findings.discriminations:
        drawn["Share of right answers; by chance half of them are"] = tracks.discrimination_tracks(findings)
        drawn["d\u2032, the distance in standard deviations"] = tracks.distance_tracks(findings)
    if findings.preferences:
        drawn["Share of answers for the first of two, ties as halves"] = tracks.preference_tracks(findings)
    if findings.strengths:
        drawn["Strengths (Bradley and Terry), log-odds against an average system"] = tracks.strength_tracks(findings)
    if findings.ratings is not None:
        # Of places the first one is the best.
        ordered = sorted(findings.ratings.systems, key=lambda each: each.mean.value * (1 if is_ranked else -1))
        if spec.method is Method.BS1116:
            title, ends = "Mean difference grades, against the hidden reference; quartiles behind them", (-4.0, 4.0)
        else:
            what = "Mean places, of which 1 is the best" if is_ranked else "Mean ratings"
            title, ends = f"{what}, quartiles behind them", scale
        drawn[title] = tracks.rating_tracks(ordered, ends, "places" if is_ranked else "ratings")
        pairs = [
            each for each in findings.ratings.differences if judged(spec, each.first) and judged(spec, each.second)
        ]
        if pairs:
            title = "Mean differences of places" if is_ranked else "Mean differences"
            drawn[title] = tracks.difference_tracks(pairs, scale)
    return drawn


def _folded(spec: ListeningSpec, analysis: Analysis) -> dict[str, tracks.Tracks]:
    """Returns what is drawn for who wants to know, by its titles."""
    findings = analysis.planned
    scale = spec.rated_from or (0.0, 1.0)
    drawn: dict[str, tracks.Tracks] = {}
    if analysis.screened is not None:
        drawn = {f"Without screening: {title}": each for title, each in _figures(spec, analysis.everyone).items()}
    if findings.ratings is not None:
        pairs = [each for each in findings.ratings.differences if judged(spec, each.first) != judged(spec, each.second)]
        if pairs:
            drawn["Differences from the hidden reference and anchors"] = tracks.difference_tracks(pairs, scale)
    if findings.positions is not None:
        drawn["By position on the page"] = tracks.position_tracks(findings.positions.means, scale)
    return drawn


def _loudness(spec: ListeningSpec, loudness_lufs: float | None) -> str:
    if loudness_lufs is None:
        return "left as it is in each"
    said = f"{loudness_lufs:.1f} LUFS".replace("-", "−")
    if spec.loudness_lufs - loudness_lufs <= 0.05:
        return said
    planned = f"{spec.loudness_lufs:.1f}".replace("-", "−")
    return f"{said}; planned {planned}, all turned down by one gain so that no peak clips"


def _text(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


@functools.cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_text("page.html"))
