"""Difference grades of ITU-R BS.1116-3: a sound's rating, less that of the hidden reference in the same trial."""

from dataclasses import replace

from nebula.errors import ArgumentError
from nebula.listening.answers import Answer, Answers
from nebula.listening.ratings import Ratings, rate
from nebula.listening.resampling import Resampling
from nebula.listening.screening import REFERENCE


def difference_grades(answers: Answers) -> Answers:
    """Returns the same trials with difference grades: 0 for the hidden reference, below 0 for what was rated lower.

    Args:
        answers: ratings of trials that have the hidden reference, by the name of `REFERENCE`.

    Raises:
        ArgumentError: a trial has none.

    Source: ITU-R BS.1116-3, "Methods for the subjective assessment of small impairments in audio systems", 2015.
    """
    references = {(row.participant, row.trial): row.rating for row in answers.rows if row.system == REFERENCE}
    graded: list[Answer] = []
    for row in answers.rows:
        reference = references.get((row.participant, row.trial))
        if reference is None or row.rating is None:
            raise ArgumentError(
                f"participant {row.participant!r}, trial {row.trial!r}: got no rating of {REFERENCE!r}, expected one"
            )
        graded.append(replace(row, rating=row.rating - reference))
    return Answers(answers.participants, tuple(graded))


def difference_ratings(answers: Answers, resampling: Resampling, scale: tuple[float, float] | None = None) -> Ratings:
    """Returns the difference grades of each system, and how they differ from each other and from the hidden reference.

    Args:
        answers: ratings of trials with the hidden reference.
        resampling: how intervals are made.
        scale: ends of that of the ratings, if known.

    Raises:
        ArgumentError: a trial has no hidden reference, or a rating is outside the scale.
    """
    least, most = scale or (None, None)
    if least is not None and most is not None:
        beyond = [row.rating for row in answers.rows if row.rating is not None and not least <= row.rating <= most]
        if beyond:
            raise ArgumentError(f"rating: got {beyond[0]:g}, expected {least:g} to {most:g}")
    width = None if least is None or most is None else (least - most, most - least)
    graded = difference_grades(answers)
    judged = Answers(graded.participants, tuple(row for row in graded.rows if row.system != REFERENCE))
    # The reference has grades of 0, so that a difference from it is the grade itself.
    return replace(rate(judged, resampling, width), differences=rate(graded, resampling, width).differences)
