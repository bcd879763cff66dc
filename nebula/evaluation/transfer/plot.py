"""Learning curves as a figure."""

import numpy as np
import plotly.graph_objects as go
from plotly.colors import qualitative
from plotly.subplots import make_subplots

from nebula.evaluation.plots import figure_page
from nebula.evaluation.transfer.curves import LearningCurve
from nebula.evaluation.transfer.evaluation import Transfer
from nebula.evaluation.transfer.fitting import PowerLaw
from nebula.evaluation.transfer.spec import RECORDINGS


def transfer_page(found: Transfer) -> str:
    """Returns a page that shows error over the number of learned sounds, with intervals, laws and floors.

    Each classifier has a field of its own. Where a floor is believed its law is dotted, on to sixteen times the largest
    size.

    Args:
        found: The evaluation.
    """
    models = list(dict.fromkeys(curve.model for curve in found.curves))
    names = list(dict.fromkeys(curve.training for curve in found.curves))
    figure = make_subplots(rows=1, cols=len(models), subplot_titles=models, shared_yaxes=True)
    for curve in found.curves:
        column = models.index(curve.model) + 1
        colour = "black" if curve.training == RECORDINGS else _colour(names.index(curve.training))
        shared = {"legendgroup": curve.training, "line": {"color": colour}}
        means = np.array([error.mean for error in curve.errors])
        figure.add_scatter(
            x=list(curve.sizes),
            y=means.tolist(),
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [error.high - error.mean for error in curve.errors],
                "arrayminus": [error.mean - error.low for error in curve.errors],
                "thickness": 1,
            },
            mode="lines+markers",
            name=curve.training,
            showlegend=column == 1,
            row=1,
            col=column,
            **shared,
        )
        if curve.law is not None and not curve.refusal:
            _add_law(figure, curve, curve.law, column, colour)
    figure.update_xaxes(type="log", title_text="sounds of each class")
    figure.update_yaxes(title_text="balanced error on unknown recordings", col=1, rangemode="tozero")
    figure.update_layout(title=f"{found.name}: {', '.join(found.classes)} by {found.distance}")
    return figure_page(figure)


def _add_law(figure: go.Figure, curve: LearningCurve, law: PowerLaw, column: int, colour: str) -> None:
    sizes = np.geomspace(curve.sizes[0], 16 * curve.sizes[-1], 60)
    figure.add_scatter(
        x=sizes.tolist(),
        y=law.at(sizes).tolist(),
        mode="lines",
        line={"color": colour, "dash": "dot", "width": 1},
        legendgroup=curve.training,
        showlegend=False,
        hovertemplate=f"a n^-b + c, c = {law.c:.3f}<extra></extra>",
        row=1,
        col=column,
    )


def _colour(place: int) -> str:
    colours: list[str] = qualitative.Plotly
    return colours[place % len(colours)]
