"""What a test found, as figures."""

from collections.abc import Sequence

import plotly.graph_objects as go

from nebula.listening import Analysis, Answers, Estimate, Findings


def figures(analysis: Analysis, answers: Answers) -> dict[str, go.Figure]:
    """Returns the figures that a test's findings allow, by their titles.

    Args:
        analysis: What was found; figures show what the plan announced.
        answers: Of those who are counted.
    """
    findings = analysis.planned
    drawn: dict[str, go.Figure] = {}
    if findings.preferences:
        drawn["Preference"] = _preferences(findings)
    if findings.strengths:
        drawn["Strengths (Bradley and Terry)"] = _intervals(
            [strength.system for strength in findings.strengths],
            [strength.log_odds for strength in findings.strengths],
            "log-odds against an average system",
        )
    if findings.ratings is not None:
        drawn["Ratings"] = _ratings(answers)
        drawn["Differences"] = _intervals(
            [f"{difference.first} less {difference.second}" for difference in findings.ratings.differences],
            [difference.mean for difference in findings.ratings.differences],
            "mean difference",
        )
    if findings.positions is not None:
        drawn["Position on the page"] = _positions(findings.positions.means)
    for figure in drawn.values():
        figure.update_layout(template="plotly_white", margin={"t": 20, "r": 20}, height=380)
    return drawn


def _preferences(findings: Findings) -> go.Figure:
    figure = _intervals(
        [f"{each.first} to {each.second}" for each in findings.preferences],
        [each.share for each in findings.preferences],
        "share of answers for the first, ties as halves",
    )
    figure.add_vline(x=0.5, line_dash="dash")
    figure.update_xaxes(range=[0, 1])
    return figure


def _intervals(names: Sequence[str], estimates: Sequence[Estimate], unit: str) -> go.Figure:
    values = [estimate.value for estimate in estimates]
    bounds = [(estimate.value if e is None else e) for estimate in estimates for e in (estimate.low, estimate.high)]
    figure = go.Figure()
    figure.add_scatter(
        x=values,
        y=list(names),
        mode="markers",
        marker={"size": 11, "symbol": "diamond"},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [high - value for value, high in zip(values, bounds[1::2], strict=True)],
            "arrayminus": [value - low for value, low in zip(values, bounds[::2], strict=True)],
        },
        hovertemplate="%{y}: %{x:.3f}<extra></extra>",
    )
    figure.update_xaxes(title=unit)
    figure.update_yaxes(autorange="reversed", automargin=True)
    return figure


def _ratings(answers: Answers) -> go.Figure:
    figure = go.Figure()
    for system in sorted({row.system for row in answers.rows}):
        ratings = [row.rating for row in answers.rows if row.system == system]
        figure.add_box(y=ratings, name=system, boxpoints="outliers", notched=False)
    figure.update_yaxes(title="rating")
    figure.update_layout(showlegend=False)
    return figure


def _positions(means: Sequence[float]) -> go.Figure:
    figure = go.Figure()
    figure.add_bar(x=[chr(ord("A") + slot) for slot in range(len(means))], y=list(means))
    figure.update_xaxes(title="slot")
    figure.update_yaxes(title="mean rating, or share of choices")
    return figure
