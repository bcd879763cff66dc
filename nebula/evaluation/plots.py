"""Experiments as interactive figures, each a page of its own that needs no network."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
import plotly.io
from jaxtyping import Float
from plotly.colors import qualitative
from plotly.subplots import make_subplots
from torch import Tensor

from nebula.evaluation.comparison import Comparison
from nebula.evaluation.descriptors import NAMES
from nebula.evaluation.ordering import Ordering
from nebula.evaluation.pairing import preset_scores
from nebula.evaluation.retrieval import Retrieval

# Presets are spread over so much of a distance's column, so that equal scores do not hide each other.
_SPREAD = 0.5


def judgement_page(rows: Sequence[Ordering | Retrieval]) -> str:
    """Returns a page that shows each distance's score: every preset, the mean with its interval, and chance.

    Args:
        rows: Outcomes of one experiment on one corpus, with different distances; at least one.
    """
    spots: dict[str, list[Any]] = {"x": [], "y": [], "text": []}
    for place, row in enumerate(rows):
        scores = preset_scores(row)
        spots["x"] += (place + np.linspace(-_SPREAD / 2, _SPREAD / 2, len(scores))).tolist()
        spots["y"] += list(scores.values())
        spots["text"] += [f"{row.distance}<br>{name}" for name in scores]
    figure = go.Figure()
    figure.add_scatter(
        mode="markers",
        name="a preset",
        marker={"size": 5, "opacity": 0.4},
        hovertemplate="%{text}: %{y:.3f}<extra></extra>",
        **spots,
    )
    means = [_mean(row) for row in rows]
    figure.add_scatter(
        mode="markers",
        name="mean, 95 % interval",
        x=list(range(len(rows))),
        y=means,
        marker={"size": 11, "symbol": "diamond"},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [_finite(row.high - mean) for row, mean in zip(rows, means, strict=True)],
            "arrayminus": [_finite(mean - row.low) for row, mean in zip(rows, means, strict=True)],
            "thickness": 2,
        },
    )
    figure.add_scatter(
        mode="lines",
        name="chance",
        x=[-0.5, len(rows) - 0.5],
        y=[rows[0].chance] * 2,
        line={"dash": "dash"},
    )
    experiment, score = ("ordering", "Spearman") if isinstance(rows[0], Ordering) else ("retrieval", "DCG")
    figure.update_layout(
        title=f"{experiment} by {rows[0].by}",
        xaxis={"tickvals": list(range(len(rows))), "ticktext": [row.distance for row in rows]},
        yaxis={"title": {"text": score}},
    )
    return figure_page(figure)


def comparison_page(rows: Sequence[Comparison], title: str) -> str:
    """Returns a page that shows all comparisons of sets as a square, the nearest darkest.

    Args:
        rows: Of `compare`, all that it returned.
        title: What the numbers are.
    """
    names = sorted({row.first for row in rows}, key=lambda name: [row.first for row in rows].index(name))
    values = np.full((len(names), len(names)), np.nan)
    words = [["" for _ in names] for _ in names]
    for row in rows:
        one, other = names.index(row.first), names.index(row.second)
        for i, j in ((one, other), (other, one)):
            values[i, j] = row.value
            words[i][j] = f"{row.value:.3g} ± {row.standard_deviation:.1g}"
    # Colours by rank: values span orders of magnitude, and may be negative or zero.
    ranks = np.searchsorted(np.unique(values), values)
    figure = go.Figure()
    figure.add_heatmap(
        x=names,
        y=names,
        # With a reference not every two are compared.
        z=np.where(np.isnan(values), np.nan, ranks).tolist(),
        text=words,
        texttemplate="%{text}",
        hovertemplate="%{y}<br>%{x}<br>%{text}<extra></extra>",
        colorscale="Teal_r",
        showscale=False,
    )
    figure.update_layout(title=title, yaxis={"autorange": "reversed", "scaleanchor": "x"})
    return figure_page(figure)


def descriptor_page(described: Mapping[str, Float[Tensor, "_ descriptor"]]) -> str:
    """Returns a page with a violin of each descriptor for each set of sounds, in the order given.

    Args:
        described: What sounds are like, by the name of their set, as `describe` returns it; at least one set.
    """
    columns = 2
    figure = make_subplots(rows=-(-len(NAMES) // columns), cols=columns, subplot_titles=NAMES)
    for place, (name, rows) in enumerate(described.items()):
        colour = qualitative.Plotly[place % len(qualitative.Plotly)]
        for number, values in enumerate(rows.T.tolist()):
            figure.add_violin(
                y=values,
                name=name,
                legendgroup=name,
                showlegend=number == 0,
                line={"color": colour},
                # A density has tails where there is no sound, below 0 seconds too.
                spanmode="hard",
                box={"visible": True},
                points=False,
                row=number // columns + 1,
                col=number % columns + 1,
            )
    figure.update_layout(title="what sounds are like", height=300 * -(-len(NAMES) // columns))
    return figure_page(figure)


def _mean(row: Ordering | Retrieval) -> float:
    return row.spearman if isinstance(row, Ordering) else row.gain


def _finite(value: float) -> float:
    """An interval without bounds is drawn as none."""
    return value if np.isfinite(value) else 0.0


def figure_page(figure: go.Figure) -> str:
    """Returns a page that shows a figure, with all that it needs."""
    figure.update_layout(template="plotly_white")
    # Plotly's script travels in the page. A fixed name makes pages of equal figures equal.
    page: str = plotly.io.to_html(figure, include_plotlyjs=True, div_id="figure")
    return page
