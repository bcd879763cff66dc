"""From answers to findings and sentences, for each method; what is said is what was simulated."""

import json
import re

import pytest

from nebula.errors import ArgumentError
from nebula.listening import (
    Answers,
    Method,
    Participant,
    Plan,
    QuestionnaireRule,
    RatingRule,
    Resampling,
    analyse,
    methods_paragraph,
)

QUICK = Resampling(resamples=200, seed=3)


def test_a_known_preference_is_planned_for_and_found(choosing):
    plan = Plan(method=Method.PREFERENCE, resampling=QUICK)
    analysis = analyse(choosing({"drum": 0.85, "tuned": 0.0}, 16, 16, seed=1), plan)
    (found,) = analysis.planned.preferences
    assert found.listeners.p_value < 0.01
    assert found.share.low <= 0.70 <= found.share.high
    assert analysis.planned.strengths == ()
    assert analysis.screened is None
    assert (analysis.everyone.listeners, analysis.everyone.trials, analysis.everyone.items) == (16, 256, 16)


def test_three_nebulae_have_strengths(choosing):
    plan = Plan(method=Method.PREFERENCE, resampling=QUICK)
    analysis = analyse(choosing({"a": 1.0, "b": 0.0, "c": -1.0}, 8, 6, seed=1), plan)
    assert [each.system for each in analysis.planned.strengths] == ["a", "b", "c"]
    assert len(analysis.planned.preferences) == 3


def test_screening_takes_away_the_answers_of_those_who_are_dropped(rating):
    answers = rating({"reference": 97.0, "model": 70.0, "anchor-3500": 20.0}, 6, 8, seed=2)
    rules = (
        QuestionnaireRule(name="equipment", questions=("device",), accepted=("headphones",)),
        RatingRule(name="anchor", systems=("anchor-3500",), side="above", limit=90, at_most_count=0),
    )
    devices = ["headphones"] * 4 + ["telephone"] * 2
    people = tuple(Participant(key=f"p{n}", questionnaire={"device": device}) for n, device in enumerate(devices))
    asked = Answers((*people, Participant(key="silent")), answers.rows)
    analysis = analyse(asked, Plan(method=Method.MUSHRA, screening=rules, resampling=QUICK))
    assert analysis.screening.dropped == ("p4", "p5", "silent")
    without = analyse(answers.of({"p0", "p1", "p2", "p3"}), Plan(method=Method.MUSHRA, resampling=QUICK))
    assert analysis.screened.ratings == without.everyone.ratings
    assert analysis.planned is analysis.screened
    assert (analysis.everyone.participants, analysis.everyone.listeners) == (7, 6)


def test_the_same_answers_and_plan_give_the_same_and_survive_json(rating):
    answers = rating({"a": 60.0, "b": 50.0, "c": 40.0}, 4, 4, seed=3)
    plan = Plan(method=Method.MULTI_STIMULUS, resampling=QUICK)
    first, second = analyse(answers, plan), analyse(Answers(answers.participants[::-1], answers.rows[::-1]), plan)
    assert first.everyone == second.everyone
    form = json.loads(json.dumps(first.to_json(), allow_nan=False))
    assert (
        form["everyone"]["ratings"]["systems"][0]["median"]["value"] == first.everyone.ratings.systems[0].median.value
    )
    assert Plan.from_json(form["plan"]) == plan


@pytest.mark.parametrize("method", Method)
def test_nothing_to_analyse_is_said_and_no_error(method):
    analysis = analyse(Answers((), ()), Plan(method=method))
    assert analysis.everyone.listeners == 0
    assert methods_paragraph(analysis).endswith("there were no answers.")


def test_answers_of_another_method_are_refused(choosing):
    with pytest.raises(ArgumentError, match=r"^answers: are choices, which the method 'mushra' has none of$"):
        analyse(choosing({"a": 1.0, "b": 0.0}, 2, 2, seed=0), Plan(method=Method.MUSHRA))


def test_the_paragraph_of_a_preference_test_word_for_word(choosing):
    answers = choosing({"drum": 2.0, "tuned": 0.0}, 9, 10, seed=4, ties=0.1)
    analysis = analyse(answers, Plan(method=Method.PREFERENCE, resampling=QUICK, tie=True, practice=2))
    (found,) = analysis.everyone.preferences
    share, bias = found.share, analysis.everyone.positions
    assert methods_paragraph(analysis, loudness_lufs=-23.0, commitment="ab12") == (
        "In a blinded listening test 9 listeners chose which of two stimuli they preferred, or neither: 90 trials "
        "about 10 items, comparing drum and tuned. Order and positions were drawn at random for each participant and "
        "balanced within participants. 2 trials to practise came first and did not count. "
        "All stimuli had an integrated loudness of −23.0 LUFS (ITU-R BS.1770-4; root "
        "mean square where it gives none). The key map was fixed beforehand (SHA-256 of key map and salt: ab12). "
        "Intervals are 95 % expanded percentile bootstrap intervals over listeners and items (200 resamples, seed 3); "
        "an interval takes 6 listeners. Differences were tested by an exact two-sided binomial test with the listener "
        "as unit, ties left out, at a level of 0.05. "
        f"Of 9 listeners 9 preferred drum, 0 tuned (significant, p = 0.0039); of 90 answers "
        f"{found.answers.first} were for drum, "
        f"{found.answers.second} for tuned and {found.answers.tied} for neither: {share.value:.2f} ({share.low:.2f} to "
        f"{share.high:.2f}) of all for drum, ties as halves. A bias by position was not found "
        f"(p = {bias.p_value:.2g}; means by position {bias.means[0]:.3g}, {bias.means[1]:.3g})."
    )


def test_the_paragraph_offers_neither_only_where_it_was_offered(choosing):
    decided = choosing({"drum": 2.0, "tuned": 0.0}, 6, 6, seed=4)
    forced = methods_paragraph(
        analyse(decided, Plan(method=Method.PREFERENCE, resampling=QUICK, tie=False, practice=0))
    )
    assert "chose which of two stimuli they preferred: 36 trials" in forced
    assert "There was no practice." in forced
    assert "neither" not in forced
    assert re.search(r"of 36 answers \d+ were for drum and \d+ for tuned: 0\.\d\d \(.*\) of all for drum\.", forced)
    free = methods_paragraph(analyse(decided, Plan(method=Method.PREFERENCE, resampling=QUICK, tie=True)))
    assert "preferred, or neither: 36 trials" in free
    # What an earlier version froze does not say whether it could be chosen; that somebody did says so.
    tied = choosing({"drum": 2.0, "tuned": 0.0}, 6, 6, seed=4, ties=0.5)
    unknown = methods_paragraph(analyse(tied, Plan(method=Method.PREFERENCE, resampling=QUICK)))
    assert "preferred, or neither: 36 trials" in unknown


def test_the_paragraph_of_a_rating_test_names_screening_tests_and_every_system(rating):
    rules = (QuestionnaireRule(name="equipment", questions=("device",), accepted=("headphones",)),)
    answers = rating({"a": 60.0, "b": 50.0, "c": 40.0}, 5, 4, seed=3)
    people = tuple(
        Participant(key=each.key, questionnaire={"device": "headphones" if each.key != "p4" else "laptop"})
        for each in answers.participants
    )
    plan = Plan(method=Method.MULTI_STIMULUS, screening=rules, resampling=QUICK)
    analysis = analyse(Answers(people, answers.rows), plan)
    text = methods_paragraph(analysis)
    assert "Of 5 participants, 4 passed the screening fixed beforehand (equipment: 1 dropped)." in text
    assert "Friedman's test and two-sided Wilcoxon signed-rank tests on listeners' means, corrected by Holm" in text
    screened, everyone = text.split("After screening: ")[1].split("Without screening: ")
    for part, findings, listeners in ((screened, analysis.screened, 4), (everyone, analysis.everyone, 5)):
        assert f"Friedman chi-square {findings.ratings.friedman.statistic:.2f}, 2 degrees of freedom" in part
        assert f" by permutation; Kendall's W {findings.ratings.friedman.agreement:.2f})." in part
        assert part.count(f"({listeners} listeners, Wilcoxon p = ") == 3
        for each in findings.ratings.systems:
            assert f"{each.system} was rated {each.median.value:g} in the median" in part
    assert "Why figures have no interval: 4 listeners; an interval takes 6." in screened
    assert "and hold for these items alone" in text
    assert not re.search(r"\bnan\b|None|inf\b", text)


@pytest.mark.parametrize("listeners", [1, 2, 3, 6])
@pytest.mark.parametrize("tied", [False, True])
def test_whatever_few_listeners_say_stays_on_its_scale_and_is_said(choosing, rating, listeners, tied):
    choices = choosing({"a": 9.0, "b": 0.0, "c": 0.0}, listeners, 2, seed=1, ties=float(tied))
    ratings = rating(
        {"a": 99.0, "b": 50.0, "c": 50.0}, listeners, 2, seed=1, **({"deviation": 0, "noise": 0} if tied else {})
    )
    for method in (Method.PREFERENCE, Method.RATING, Method.MULTI_STIMULUS, Method.MUSHRA):
        plan = Plan(method=method, resampling=QUICK, scale=None if method is Method.PREFERENCE else (0.0, 100.0))
        analysis = analyse(choices if method is Method.PREFERENCE else ratings, plan)
        found = analysis.everyone
        shares = [share for each in found.preferences for share in (each.share, each.listeners.share) if share]
        rated = found.ratings.systems if found.ratings else ()
        differences = found.ratings.differences if found.ratings else ()
        scales = (
            [(share, 0, 1) for share in shares]
            + [(figure, 0, 100) for each in rated for figure in (each.mean, each.median)]
            + [(each.mean, -100, 100) for each in differences]
        )
        assert scales
        for estimate, least, most in scales:
            bounds = [bound for bound in (estimate.low, estimate.value, estimate.high) if bound is not None]
            assert [least, *bounds, most] == sorted([least, *bounds, most])
        p_values = [each.p_holm for each in (*found.preferences, *differences)]
        assert all(0 < p_value <= 1 for p_value in p_values)
        text = methods_paragraph(analysis)
        assert not re.search(r"\bnan\b|None|inf\b", text)
        assert ("an interval takes 6." in text) == (listeners < 6)
