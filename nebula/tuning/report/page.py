"""The report as one page."""

import functools
from importlib import resources
from importlib.metadata import PackageNotFoundError, version

import jinja2

from nebula.draws import Panel, Parameter
from nebula.evaluation.judges import Judging
from nebula.tiles import SCRIPT, STYLE, row, script_hash
from nebula.tuning.outcome import Outcome
from nebula.tuning.report import figures, judging, quantiles, sounds
from nebula.tuning.report.plane import sound_plane
from nebula.tuning.report.verdict import direction, finalist_rows, flatness, flattery, is_unchanged, measure, verdict

#: Plotly's bundle of the plain kinds of figures, lines and bars, a quarter of the whole; from npm's
#: plotly.js-basic-dist-min, unchanged.
PLOTLY = "plotly-basic-4.1.1.min.js"

#: How many skipped sounds are named.
SKIPPED_SHOWN = 20


def report(outcome: Outcome, device: str = "cpu") -> str:
    """Returns a self-contained HTML page that shows and plays what a study found.

    Apart from the versions of libraries that it names, it follows from the outcome alone. It weighs about 3 MB, of
    which 1 MB is Plotly's script; up to 6 MB where every sound is loud noise over all its length. A browser is told,
    by the page's own content security policy, to load nothing and to run no script but the page's.

    Args:
        outcome: The finished study.
        device: Where sounds are rendered and embedded.

    Raises:
        ArgumentError: The device does not exist.
    """
    plane = sound_plane(outcome, device)
    drawn = {
        "scores": figures.score_figure(outcome),
        "curves": figures.curve_figure(outcome),
        "map": figures.plane_figure(plane),
    }
    if outcome.importance:
        drawn["importance"] = figures.importance_figure(outcome)
    scripts = {"plotly": _text(PLOTLY), "page": _text("page.js"), "tiles": SCRIPT}
    return _template().render(
        outcome=outcome,
        spec=outcome.spec,
        verdict=verdict(outcome),
        measure=measure(outcome),
        direction=direction(outcome),
        unchanged=is_unchanged(outcome),
        groups=sounds.listening_groups(outcome, device),
        loudness_lufs=f"{sounds.LOUDNESS_LUFS:.0f}".replace("-", "−"),
        finalists=finalist_rows(outcome),
        flattery=flattery(outcome),
        flatness=flatness(outcome),
        judging=outcome.judging if isinstance(outcome.judging, Judging) else None,
        words=judging,
        modules=_modules(outcome.space.panel),
        span=figures.span,
        drawings=quantiles.quantile_drawings(outcome),
        drawing_size=(quantiles.WIDTH, quantiles.HEIGHT),
        important=figures.IMPORTANT,
        plane=plane,
        facts=_facts(outcome),
        skipped_shown=SKIPPED_SHOWN,
        spec_text=outcome.spec.to_toml(),
        figures=drawn,
        style=f"{_text('page.css')}{STYLE}",
        row=row,
        scripts=scripts,
        script_hashes=[script_hash(script) for script in scripts.values()],
    )


def _modules(panel: Panel) -> dict[str, list[tuple[int, Parameter]]]:
    """Returns the parameters, each with its column, by module."""
    modules: dict[str, list[tuple[int, Parameter]]] = {}
    for column, parameter in enumerate(panel):
        modules.setdefault(parameter.module, []).append((column, parameter))
    return modules


def _facts(outcome: Outcome) -> dict[str, str]:
    spec = outcome.spec
    repeated = sum(len(finalist.scores) for finalist in outcome.finalists)
    facts = {
        "Trials": f"{len(outcome.entries):,}",
        "Sounds rendered": f"{(len(outcome.entries) + repeated) * spec.sounds_per_trial:,}",
        "Computing time of trials": _duration(sum(entry.seconds for entry in outcome.entries)),
        "Distance": spec.distance,
    }
    if outcome.target is not None:
        facts["Measure"] = spec.measure
        facts["Target sounds"] = f"{len(outcome.target.vectors):,}"
        facts["Target fingerprint"] = outcome.target.fingerprint
    return facts | {f"Version of {name}": _version(name) for name in ("nebula", "torch", "optuna")}


def _duration(seconds: float) -> str:
    minutes = seconds / 60
    if minutes < 1:
        return f"{seconds:.1f} seconds"
    return f"{minutes:.1f} minutes" if minutes < 60 else f"{minutes / 60:.1f} hours"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed as a package"


def _text(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


@functools.cache
def _template() -> jinja2.Template:
    # Everything is escaped but what the template itself marks as safe: the style and the scripts.
    return jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).from_string(_text("page.html"))
