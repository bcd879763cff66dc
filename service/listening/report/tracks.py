"""Figures on their scale, as a page draws them without a script: where each lies, in percent of the width."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nebula.listening import Estimate, Findings, Rated, RatingDifference


@dataclass(frozen=True)
class Track:
    """One figure on a scale.

    Attributes:
        name: Of what it is about.
        words: The figure, with its interval where there is one.
        note: More about it, such as a p-value; may be empty.
        at: Where the figure lies, in percent of the scale.
        span: Where its interval begins and ends; none where it is withheld.
        box: Where the quartiles of ratings lie; none for other figures.
    """

    name: str
    words: str
    note: str
    at: float
    span: tuple[float, float] | None
    box: tuple[float, float] | None = None


@dataclass(frozen=True)
class Tracks:
    """Figures on one scale.

    Attributes:
        least: Its lower end, in words.
        most: Its upper end.
        level: Where nothing differs, in percent; none where there is no such place.
        rows: The figures.
        withheld: Why figures have no interval, each reason once.
    """

    least: str
    most: str
    level: float | None
    rows: tuple[Track, ...]
    withheld: tuple[str, ...]


def preference_tracks(findings: Findings) -> Tracks:
    """Returns the share of each pair's first system."""
    several = len(findings.systems) > 2
    rows = []
    for each in findings.preferences:
        p_value = each.p_holm if several else each.listeners.p_value
        tied = f", {each.listeners.tied} neither" if each.listeners.tied else ""
        sides = f"{each.listeners.first} to {each.listeners.second} listeners{tied}, {_p(p_value)}"
        rows.append((f"{each.first} over {each.second}", sides, each.share))
    return _tracks(rows, (0.0, 1.0), 0.5, _percent)


def discrimination_tracks(findings: Findings) -> Tracks:
    """Returns the share of right answers about each pair of systems."""
    rows = []
    for each in findings.discriminations:
        shares = ""
        if each.hits is not None and each.false_alarms is not None:
            hits, alarms = _percent(each.hits.value), _percent(each.false_alarms.value)
            shares = f", {hits} of pairs of two sounds and {alarms} of pairs of one called different"
        rows.append(
            (f"{each.first} and {each.second}", f"{each.trials} answers{shares}, {_p(each.p_holm)}", each.right)
        )
    return _tracks(rows, (0.0, 1.0), 0.5, _percent)


def distance_tracks(findings: Findings) -> Tracks:
    """Returns d' of each pair of systems; the scale is as wide as they and their bounds are."""
    distances = [each.d_prime for each in findings.discriminations]
    widest = max([1.0, *(end for each in distances for end in (each.value, each.high) if end is not None)])
    rows = [
        (f"{each.first} and {each.second}", f"{len(each.listeners)} listeners", each.d_prime)
        for each in findings.discriminations
    ]
    return _tracks(rows, (0.0, widest), None, _hundredths)


def strength_tracks(findings: Findings) -> Tracks:
    """Returns the strengths; their scale is as wide as they and their intervals are."""
    estimates = [each.log_odds for each in findings.strengths]
    ends = [end for each in estimates for end in (each.value, each.low, each.high) if end is not None]
    widest = max([1.0, *(abs(end) for end in ends)])
    rows = [(each.system, "", each.log_odds) for each in findings.strengths]
    return _tracks(rows, (-widest, widest), 0.0, _hundredths)


def rating_tracks(systems: Sequence[Rated], scale: tuple[float, float], noun: str = "ratings") -> Tracks:
    """Returns the mean rating of each system, with its quartiles behind it.

    Args:
        systems: In the order in which they are shown.
        scale: Its ends.
        noun: What was given.
    """
    rows = [
        (
            each.system,
            f"median {_number(each.median.value)}, quartiles {_number(each.lower_quartile)} to "
            f"{_number(each.upper_quartile)}, {each.answers:,} {noun}",
            each.mean,
        )
        for each in systems
    ]
    boxes = [(_place(each.lower_quartile, scale), _place(each.upper_quartile, scale)) for each in systems]
    return _tracks(rows, scale, None, _number, boxes)


def difference_tracks(differences: Sequence[RatingDifference], scale: tuple[float, float]) -> Tracks:
    """Returns mean differences of ratings.

    Args:
        differences: In the order in which they are shown.
        scale: Ends of that of the ratings.
    """
    width = scale[1] - scale[0]
    rows = [
        (f"{each.first} less {each.second}", f"{each.listeners} listeners, {_p(each.p_holm)}", each.mean)
        for each in differences
    ]
    return _tracks(rows, (-width, width), 0.0, _number)


def position_tracks(means: Sequence[float], scale: tuple[float, float]) -> Tracks:
    """Returns the mean of each slot, from the first on.

    Args:
        means: Mean ratings, or shares of choices.
        scale: Their ends.
    """
    said = _percent if scale == (0.0, 1.0) else _number
    rows = tuple(
        Track(chr(ord("A") + slot), said(mean), "", _place(mean, scale), None) for slot, mean in enumerate(means)
    )
    return Tracks(said(scale[0]), said(scale[1]), None, rows, ())


def _tracks(
    rows: Sequence[tuple[str, str, Estimate]],
    scale: tuple[float, float],
    level: float | None,
    said: Callable[[float], str],
    boxes: Sequence[tuple[float, float]] = (),
) -> Tracks:
    """Returns figures, each with its name and its note, on a scale."""
    tracks = []
    for number, (name, note, estimate) in enumerate(rows):
        words, span = said(estimate.value), None
        if estimate.low is not None and estimate.high is not None:
            words = f"{words} ({said(estimate.low)} to {said(estimate.high)})"
            span = (_place(estimate.low, scale), _place(estimate.high, scale))
        box = boxes[number] if boxes else None
        tracks.append(Track(name, words, note, _place(estimate.value, scale), span, box))
    reasons = dict.fromkeys(estimate.withheld for _, _, estimate in rows if estimate.withheld)
    at = None if level is None else _place(level, scale)
    return Tracks(said(scale[0]), said(scale[1]), at, tuple(tracks), tuple(reasons))


def _place(value: float, scale: tuple[float, float]) -> float:
    return round(100 * (value - scale[0]) / (scale[1] - scale[0]), 2)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _hundredths(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0").replace("-", "−")


def _p(p_value: float) -> str:
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"
