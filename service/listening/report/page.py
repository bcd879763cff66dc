"""The report as one page."""

import functools
import re
from collections.abc import Sequence
from importlib import resources

import jinja2

from nebula.listening import Analysis, Findings, methods_paragraph
from service.listening.report import audience, tracks
from service.listening.report.audience import Visitor
from service.listening.report.verdict import judged, verdict
from service.listening.spec import ListeningSpec

_METHODS = {
    "preference": "which of two sounds people prefer",
    "rating": "how good one sound is, heard by itself",
    "multi-stimulus": "how good each of several sounds is, side by side (ITU-R BS.2132)",
    "mushra": "how near each of several sounds is to a reference (MUSHRA, ITU-R BS.1534-3)",
}


def report(
    spec: ListeningSpec,
    analysis: Analysis,
    visitors: Sequence[Visitor],
    commitment: str,
    verified: bool,
    loudness_lufs: float,
    replaced: int | None = None,
) -> str:
    """Returns a page that shows what a test found; it needs no other, and no script.

    Args:
        spec: Of the test.
        analysis: What it found.
        visitors: Everyone who got as far as the test.
        commitment: Published before it.
        verified: Whether key map and salt are those that were committed to.
        loudness_lufs: Of every sound.
        replaced: How many drawn sounds were replaced before the commitment, if known.
    """
    paragraph = methods_paragraph(analysis, loudness_lufs, commitment, spec.loudness_lufs, replaced)
    return _template().render(
        spec=spec,
        analysis=analysis,
        asked=_METHODS[spec.method.value],
        verdict=verdict(spec, analysis),
        figures=_figures(spec, analysis.planned),
        folded=_folded(spec, analysis),
        methods=re.sub(r" (After|Without) screening: ", r"\n\n\1 screening: ", paragraph),
        tallies=[audience.devices(visitors), audience.checks(visitors)],
        answered=audience.answered(spec.questionnaire, visitors),
        commitment=commitment,
        verified=verified,
        loudness=_loudness(spec, loudness_lufs),
        style=_text("page.css"),
    )


def _figures(spec: ListeningSpec, findings: Findings) -> dict[str, tracks.Tracks]:
    """Returns what is drawn, by its titles."""
    scale = (spec.scale.minimum, spec.scale.maximum)
    drawn: dict[str, tracks.Tracks] = {}
    if findings.preferences:
        drawn["Share of answers for the first of two, ties as halves"] = tracks.preference_tracks(findings)
    if findings.strengths:
        drawn["Strengths (Bradley and Terry), log-odds against an average system"] = tracks.strength_tracks(findings)
    if findings.ratings is not None:
        ordered = sorted(findings.ratings.systems, key=lambda each: -each.mean.value)
        drawn["Mean ratings, quartiles behind them"] = tracks.rating_tracks(ordered, scale)
        pairs = [
            each for each in findings.ratings.differences if judged(spec, each.first) and judged(spec, each.second)
        ]
        if pairs:
            drawn["Mean differences"] = tracks.difference_tracks(pairs, scale)
    return drawn


def _folded(spec: ListeningSpec, analysis: Analysis) -> dict[str, tracks.Tracks]:
    """Returns what is drawn for who wants to know, by its titles."""
    findings = analysis.planned
    scale = (spec.scale.minimum, spec.scale.maximum) if findings.ratings else (0.0, 1.0)
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


def _loudness(spec: ListeningSpec, loudness_lufs: float) -> str:
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
