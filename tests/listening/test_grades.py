"""Difference grades: what is taken from what, and that the reference is at 0."""

import numpy as np
import pytest

from nebula.errors import ArgumentError
from nebula.listening import Answer, Answers, Method, Participant, Plan, Resampling, analyse, methods_paragraph
from nebula.listening.grades import difference_grades
from nebula.listening.ratings import signed_rank_p

QUICK = Resampling(resamples=200, seed=3)
TRUE = {"fine": -0.2, "coarse": -1.6}


def graded(listeners=10, items=6, seed=0):
    """Returns trials of a reference at 5 and of systems below it."""
    generator = np.random.default_rng(seed)
    rows = []
    for listener in range(listeners):
        for item in range(items):
            for system, grade in TRUE.items():
                rating = float(np.clip(np.round(5 + grade + generator.normal(0, 0.3), 1), 1, 5))
                rows += [
                    Answer(
                        participant=f"p{listener}",
                        trial=f"{item}-{system}",
                        item=str(item),
                        system=name,
                        position=position,
                        rating=value,
                    )
                    for position, (name, value) in enumerate((("reference", 5.0), (system, rating)))
                ]
    return Answers(tuple(Participant(key=f"p{listener}") for listener in range(listeners)), tuple(rows))


def test_grades_are_differences_within_a_trial():
    answers = graded(2, 2)
    for before, after in zip(answers.rows, difference_grades(answers).rows, strict=True):
        assert after.rating == (0 if before.system == "reference" else pytest.approx(before.rating - 5))


def test_systems_are_graded_and_differ_from_the_reference_by_their_grades():
    answers = graded()
    analysis = analyse(answers, Plan(method=Method.BS1116, resampling=QUICK, scale=(1.0, 5.0)))
    ratings = analysis.everyone.ratings
    means = {each.system: each.mean for each in ratings.systems}
    assert set(means) == set(TRUE)
    assert len(ratings.differences) == 3
    for each in [each for each in ratings.differences if each.second == "reference"]:
        assert each.mean.value == pytest.approx(means[each.first].value)
        own = [
            np.mean([row.rating - 5 for row in answers.rows if (row.participant, row.system) == (key, each.first)])
            for key in (person.key for person in answers.participants)
        ]
        assert each.p_value == signed_rank_p(np.array(own))
    assert means["coarse"].low <= TRUE["coarse"] <= means["coarse"].high
    text = methods_paragraph(analysis)
    assert "not knowing which of them is the reference itself (ITU-R BS.1116-3)" in text
    assert "coarse was graded, against the hidden reference, " in text


def test_a_trial_without_reference_and_a_rating_beyond_the_scale_are_refused():
    answers = graded(1, 1)
    alone = Answers(answers.participants, tuple(row for row in answers.rows if row.system != "reference"))
    with pytest.raises(ArgumentError, match=r"^participant 'p0', trial '0-fine': got no rating of 'reference', expe"):
        difference_grades(alone)
    with pytest.raises(ArgumentError, match=r"^rating: got 5, expected 1 to 4$"):
        analyse(answers, Plan(method=Method.BS1116, scale=(1.0, 4.0)))
