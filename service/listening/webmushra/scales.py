"""Likert's points as scales of ours."""

import itertools
from typing import Any

from service.listening.webmushra.notes import Notes
from service.listening.webmushra.prose import plain

#: More labels than this are not written under a scale.
_LABELS = 11

Scale = dict[str, Any]


def scales_of(page: dict[str, Any], page_id: str, notes: Notes) -> list[Scale]:
    """Returns the scales by which the sounds of a page are rated, as forms of `RatingScale`.

    Args:
        page: Of Likert's kinds.
        page_id: Its id.
        notes: Where it is noted what is not kept.
    """
    response = page.get("response")
    rows = response if isinstance(response, list) else []
    several = [row for row in rows if isinstance(row, list)] or [rows]
    scales = []
    for points in several:
        found = _scale([point for point in points if isinstance(point, dict)], page_id, notes)
        if found is not None:
            scales.append(found)
    if not scales:
        notes.add("left out", "A page that offers fewer than two answers: nothing is rated on it.", page_id)
    return scales


def _scale(points: list[dict[str, Any]], page_id: str, notes: Notes) -> Scale | None:
    if any(key in point for point in points for key in ("img", "imgSelected", "imgHigherResponseSelected")):
        notes.add("changed", "Answers are labelled by words, without pictures.", page_id)
    labels = [
        plain(str(point.get("label") or point.get("value") or number))[0] for number, point in enumerate(points, 1)
    ]
    labels = [label[:200] or str(number) for number, label in enumerate(labels, 1)]
    if len(points) < 2:
        return None
    least, step = 1.0, 1.0
    values = _numbers(points)
    if values is not None:
        if values[0] > values[-1]:
            labels, values = labels[::-1], values[::-1]
            notes.add("changed", "A scale runs from its lowest value on the left to its highest.", page_id)
        least, step = values[0], values[1] - values[0]
    else:
        notes.add("changed", f"Answers are counted 1 to {len(points)} in the order in which they are listed.", page_id)
    notes.add("changed", "Answers are given by a slider with one stop for each of them.", page_id)
    if len(labels) > _LABELS:
        notes.add("changed", f"Of more than {_LABELS} answers only the first and the last are labelled.", page_id)
        labels = [labels[0], labels[-1]]
    return {"minimum": least, "maximum": least + step * (len(points) - 1), "labels": labels, "step": step}


def _numbers(points: list[dict[str, Any]]) -> list[float] | None:
    """Returns the values of points that are numbers at equal steps, else nothing."""
    try:
        values = [float(str(point.get("value"))) for point in points]
    except ValueError:
        return None
    steps = {round(after - before, 9) for before, after in itertools.pairwise(values)}
    return values if len(steps) == 1 and steps != {0.0} and abs(sum(values)) < 1e9 else None
