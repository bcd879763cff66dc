"""The report as one page."""

import functools
from importlib import resources

import jinja2
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from nebula.listening import Analysis, Answers, methods_paragraph
from service.listening.report.figures import figures
from service.listening.spec import ListeningSpec


def report(
    spec: ListeningSpec,
    analysis: Analysis,
    answers: Answers,
    commitment: str,
    verified: bool,
    loudness_lufs: float,
    replaced: int | None = None,
) -> str:
    """Returns a page that shows what a test found. Plotly's script travels in it.

    Args:
        spec: Of the test.
        analysis: What it found.
        answers: Of everyone.
        commitment: Published before it.
        verified: Whether key map and salt are those that were committed to.
        loudness_lufs: Of every sound.
        replaced: How many drawn sounds were replaced before the commitment, if known.
    """
    counted = answers.of(set(analysis.screening.kept)) if analysis.screened is not None else answers
    drawn = {
        # Its own script is Plotly's, once for all figures.
        title: Markup(figure.to_html(full_html=False, include_plotlyjs=False, div_id=f"figure-{number}"))
        for number, (title, figure) in enumerate(figures(analysis, counted).items())
    }
    return _template().render(
        spec=spec,
        analysis=analysis,
        figures=drawn,
        methods=methods_paragraph(analysis, loudness_lufs, commitment, spec.loudness_lufs, replaced),
        commitment=commitment,
        verified=verified,
        plotly=Markup(get_plotlyjs()),
    )


@functools.cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    return environment.from_string(resources.files(__package__).joinpath("page.html").read_text(encoding="utf-8"))
