"""The interactive figures, as Plotly's JSON.

Colours are names of the page's custom properties, such as `--tuned`, which its script replaces by their values: the
figures follow the reader's choice of light or dark.
"""

import math
from itertools import accumulate, groupby
from typing import Any

import numpy as np

from nebula.draws import Panel, Parameter
from nebula.nebulae import Nebula
from nebula.tuning.outcome import Outcome
from nebula.tuning.report.plane import SoundPlane

Figure = dict[str, Any]

#: How many hyperparameters the importance figure shows.
IMPORTANT = 20

_ROW_PIXELS = 17
_PHASE_COLOURS = 4
# A span of scores beyond this factor is shown on a logarithmic scale.
_WIDE = 8.0


def score_figure(outcome: Outcome) -> Figure:
    """Returns the score of every trial by phase, the best so far, and what start and winner got on fresh seeds."""
    entries = outcome.entries
    last = max(len(entries), 2)
    data: list[Figure] = []
    first = 0
    for number, stretch in enumerate(outcome.stretches):
        phase, mine = stretch.phase, stretch.entries
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": f"phase {number + 1}: {phase.sampler}",
                "x": list(range(first + 1, first + len(mine) + 1)),
                "y": [entry.score for entry in mine],
                "customdata": [[entry.generation, entry.candidate] for entry in mine],
                "hovertemplate": "%{y:.4g}<br>trial %{customdata[0]}.%{customdata[1]}, generation %{customdata[0]}",
                "marker": {"color": f"--phase-{number % _PHASE_COLOURS + 1}", "size": 6, "opacity": 0.65},
            }
        )
        first += len(mine)
    best = list(accumulate((entry.score for entry in entries), min if outcome.spec.objective == "match" else max))
    data.append(
        _line("best so far", list(range(1, len(entries) + 1)), best, "--ink", "solid")
        | {"line": {"color": "--ink", "width": 1.5, "shape": "hv"}}
    )
    data.append(_line("start, fresh seeds", [1, last], [outcome.start.mean] * 2, "--start", "dash"))
    data.append(_line("tuned, fresh seeds", [1, last], [outcome.winner.mean] * 2, "--tuned", "solid"))
    values = [value for trace in data for value in trace["y"]]
    wide = min(values) > 0 and max(values) > _WIDE * min(values)
    word = "MMD to the target" if outcome.spec.objective == "match" else "diversity"
    return _figure(
        data,
        430,
        xaxis={"title": {"text": "trial"}, "range": [0.5 - 0.01 * last, last * 1.01 + 0.5]},
        yaxis={"title": {"text": word}, "tickformat": ".3~g", **({"type": "log", "dtick": "D2"} if wide else {})},
    )


def curve_figure(outcome: Outcome) -> Figure:
    """Returns the curve of every parameter in the start and the tuned nebula, one row each, by module."""
    start, tuned = outcome.start.nebula, outcome.winner.nebula
    rows, names = _rows(outcome.space.panel)
    free = set(outcome.space.columns)
    tuned_columns = [column for column in range(len(outcome.space.panel)) if column in free]
    frozen = [column for column in range(len(outcome.space.panel)) if column not in free]
    joins_x: list[float | None] = []
    joins_y: list[int | None] = []
    for column in tuned_columns:
        joins_x += [start.curves[column], tuned.curves[column], None]
        joins_y += [rows[column], rows[column], None]
    join = {"type": "scatter", "mode": "lines", "x": joins_x, "y": joins_y, "hoverinfo": "skip", "showlegend": False}
    data = [join | {"line": {"color": "--rule", "width": 3}}]
    if frozen:
        data.append(_marks("frozen", frozen, rows, outcome, start, "--faint", 7))
    data.append(_marks("start", tuned_columns, rows, outcome, start, "--start", 11))
    data.append(_marks("tuned", tuned_columns, rows, outcome, tuned, "--tuned", 8))
    for number, (weight, part) in enumerate(outcome.winner.nebula.components[1:], 2):
        name = f"tuned, component {number} ({100 * weight:.0f} %)"
        data.append(_marks(name, tuned_columns, rows, outcome, part, f"--phase-{number % _PHASE_COLOURS + 1}", 6))
    flipped = [column for column in tuned_columns if start.symmetric[column] != tuned.symmetric[column]]
    if flipped:
        rings = _marks("symmetry flipped", flipped, rows, outcome, tuned, "--ink", 17)
        rings["marker"] |= {"symbol": "circle-open", "line": {"width": 1.5}}
        data.append(rings)
    if outcome.space.tunes_falls:
        falls = _marks("fall, tuned", tuned_columns, rows, outcome, tuned, "--tuned", 8)
        falls |= {"x": [tuned.falls[column] for column in tuned_columns]}
        falls["marker"] |= {"symbol": "triangle-left-open"}
        data.append(falls)
    values = [
        *start.curves,
        *tuned.curves,
        *outcome.space.curve_range,
        *(tuned.falls if outcome.space.tunes_falls else ()),
    ]
    ends = [math.log10(min(values)) - 0.12, math.log10(max(values)) + 0.12]
    figure = _figure(
        data,
        len(names) * _ROW_PIXELS + 110,
        xaxis={"title": {"text": "curve"}, "type": "log", "range": ends, "side": "top", **_log_ticks(values)},
        yaxis={
            "range": [len(names) - 0.3, -0.7],
            "tickvals": list(range(len(names))),
            "ticktext": names,
            "tickfont": {"size": 11},
            "showgrid": False,
        },
        dragmode=False,
    )
    figure["layout"]["shapes"] = [
        {
            "type": "line",
            "layer": "below",
            "x0": 1,
            "x1": 1,
            "y0": 0,
            "y1": 1,
            "yref": "paper",
            "line": {"color": "--faint", "width": 1},
        }
    ]
    return figure


def importance_figure(outcome: Outcome) -> Figure:
    """Returns the hyperparameters that tell good trials from others, the most telling first."""
    top = sorted(outcome.importance.items(), key=lambda item: -item[1])[:IMPORTANT]
    # Only where more than curves varies is there anything to tell a curve from.
    several = outcome.space.tunes_symmetry or outcome.space.tunes_falls
    names = [name if several else name.removesuffix(".curve") for name, _ in top]
    places = list(range(len(top)))
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": [share for _, share in top],
        "y": places,
        "width": 0.34,
        "text": [f"{100 * share:.1f} %" for _, share in top],
        "textposition": "none",
        "customdata": names,
        "hovertemplate": "%{customdata}: %{text}<extra></extra>",
        "marker": {"color": "--tuned"},
        "showlegend": False,
    }
    # Above its bar a name has the whole width, which a narrow screen needs.
    labels = {
        "type": "scatter",
        "mode": "text",
        "x": [0] * len(top),
        "y": [place - 0.42 for place in places],
        "text": [name.replace("->", " → ") for name in names],
        "textposition": "middle right",
        "textfont": {"size": 11},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    return _figure(
        [bars, labels],
        len(top) * 32 + 80,
        xaxis={"title": {"text": "share of importance"}, "tickformat": ".0%", "rangemode": "tozero", "nticks": 6},
        yaxis={"range": [len(top) - 0.5, -0.9], "visible": False},
        dragmode=False,
    )


def plane_figure(plane: SoundPlane) -> Figure:
    """Returns the map of target, start and tuned sounds."""
    symbols = {"target": "square", "start": "circle", "tuned": "diamond"}
    data = []
    for role, places in plane.places.items():
        labels = {"text": [f"seed {seed}" for seed in plane.seeds]} if role != "target" else {}
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": role,
                "x": _rounded(places[:, 0]),
                "y": _rounded(places[:, 1]),
                **labels,
                "hovertemplate": f"{role} %{{text}}<extra></extra>" if labels else f"{role}<extra></extra>",
                "marker": {"color": f"--{role}", "size": 7, "opacity": 0.65, "symbol": symbols[role]},
            }
        )
    words = ("first component", "second component")
    titles = [f"{word}: {100 * share:.0f} % of variance" for word, share in zip(words, plane.shares, strict=True)]
    axis = {"showticklabels": False, "zeroline": False}
    return _figure(
        data,
        520,
        xaxis={"title": {"text": titles[0]}, **axis},
        # One unit is as long in both directions: distances on the map are distances.
        yaxis={"title": {"text": titles[1]}, "scaleanchor": "x", **axis},
    )


def span(parameter: Parameter) -> str:
    """Returns a parameter's range with its unit."""
    return f"{parameter.minimum:.3g} to {parameter.maximum:.3g} {parameter.unit}".rstrip().replace("-", "−")


def _figure(data: list[Figure], height: int, xaxis: Figure, yaxis: Figure, dragmode: str | bool = "zoom") -> Figure:
    lines = {"gridcolor": "--rule", "zerolinecolor": "--rule", "automargin": True}
    layout = {
        "height": height,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": "--ink", "family": "--font", "size": 12},
        "hoverlabel": {"bgcolor": "--panel", "bordercolor": "--faint", "font": {"color": "--ink", "family": "--font"}},
        "hovermode": "closest",
        "dragmode": dragmode,
        "legend": {
            "orientation": "h",
            "x": 0,
            "y": 1,
            "xref": "container",
            "yref": "container",
            "yanchor": "top",
        },
        "margin": {"l": 8, "r": 8, "t": 48, "b": 40},
        "xaxis": lines | xaxis,
        "yaxis": lines | yaxis,
    }
    return {"data": data, "layout": layout}


def _line(name: str, x: list[int], y: list[float], colour: str, dash: str) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": x,
        "y": y,
        "hovertemplate": f"%{{y:.4g}}<extra>{name}</extra>",
        "line": {"color": colour, "width": 1.5, "dash": dash},
    }


def _rows(panel: Panel) -> tuple[dict[int, int], list[str]]:
    """Returns the row of each parameter and the name of each row; each module begins with a row of its own name."""
    rows: dict[int, int] = {}
    names: list[str] = []
    for module, columns in groupby(range(len(panel)), key=lambda column: panel[column].module):
        names.append(f"<b>{module}</b>")
        for column in columns:
            rows[column] = len(names)
            names.append(panel[column].name.replace("->", " → "))
    return rows, names


def _marks(
    name: str, columns: list[int], rows: dict[int, int], outcome: Outcome, nebula: Nebula, colour: str, size: int
) -> Figure:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [nebula.curves[column] for column in columns],
        "y": [rows[column] for column in columns],
        "text": [_hover(outcome, column) for column in columns],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {
            "color": colour,
            "size": size,
            "symbol": ["diamond" if nebula.symmetric[column] else "circle" for column in columns],
        },
    }


def _hover(outcome: Outcome, column: int) -> str:
    parameter = outcome.space.panel[column]
    start, tuned = outcome.start.nebula, outcome.winner.nebula
    lines = [
        f"<b>{parameter.path.replace('->', ' → ')}</b>",
        parameter.description,
        span(parameter),
        f"start: curve {_shape(start, column)}",
        f"tuned: curve {_shape(tuned, column)}" if column in outcome.space.columns else "frozen",
    ]
    return "<br>".join(lines)


def _shape(nebula: Nebula, column: int) -> str:
    fall = "" if nebula.falls[column] == 1.0 else f", fall {nebula.falls[column]:.3g}"
    return f"{nebula.curves[column]:.3g}{fall}{', symmetric' if nebula.symmetric[column] else ''}"


def _log_ticks(values: list[float]) -> Figure:
    """Returns ticks that fit a narrow screen: two a decade, or one where there are many decades."""
    decades = range(math.floor(math.log10(min(values))), math.ceil(math.log10(max(values))) + 1)
    steps = (1, 3) if len(decades) <= 4 else (1,)
    ticks = [step * 10.0**decade for decade in decades for step in steps]
    return {"tickvals": ticks, "ticktext": [f"{tick:g}" for tick in ticks], "tickangle": 0}


def _rounded(values: np.ndarray) -> list[float]:
    return [float(f"{value:.4g}") for value in values]
