"""What participants read follows from the plan, and what contradicts it is named."""

import pytest

from nebula.listening import Method
from service.listening.design import questions
from service.listening.languages import LANGUAGES
from service.listening.misfits import misfits
from service.listening.spec import ListeningSpec
from service.listening.texts import Translation
from service.listening.trying import try_plan
from service.listening.wording import planned

SYSTEMS = [
    {"name": "one", "nebula": "drum"},
    {"name": "two", "nebula": "default"},
    {"name": "three", "nebula": "uniform"},
]

VOLUNTARY = " Taking part is voluntary, and you may stop at any time without giving a reason."


def plan(method, systems=2, **values):
    """Returns a spec of a method with so many systems."""
    reference = {"mushra": {"reference": SYSTEMS[1], "anchors_hz": [3500]}, "bs1116": {"reference": SYSTEMS[2]}}
    reference = reference.get(method, {})
    # Two have no order that is not a preference.
    systems = SYSTEMS[: {"mushra": 1, "ranking": 3}.get(method, systems)]
    return ListeningSpec.model_validate(
        {"version": 1, "name": "which", "method": method, "systems": systems, **reference, **values}
    )


@pytest.mark.parametrize(
    ("spec", "consent", "practice"),
    [
        (
            plan("preference", sounds=6, practice=2),
            "You will hear 6 pairs of sounds and say which one of each pair you prefer. "
            "Before that you practise with 2 pairs.",
            "First you can practise with 2 pairs. These answers do not count.",
        ),
        (
            plan("preference", sounds=7, tie=True),
            "You will hear 7 pairs of sounds and say which one of each pair you prefer, or that you have no "
            "preference.",
            "",
        ),
        (
            plan("preference", sounds=1, practice=1, playlist=3),
            "You will hear one pair of series of 3 sounds and say which one you prefer. "
            "Before that you practise with one pair.",
            "First you can practise with one pair. This answer does not count.",
        ),
        (
            plan("rating", systems=3, sounds=3, practice=1),
            "You will hear 9 sounds, one at a time, and rate each. Before that you practise with one sound.",
            "First you can practise with one sound. This answer does not count.",
        ),
        (plan("rating", systems=1, sounds=1), "You will hear one sound and rate it.", ""),
        (
            plan("rating", systems=1, sounds=5, playlist=2, practice=2),
            "You will hear 5 series of 2 sounds, one at a time, and rate each. Before that you practise with 2 series.",
            "First you can practise with 2 series. These answers do not count.",
        ),
        (
            plan("multi-stimulus", systems=3, sounds=5, practice=1),
            "You will hear 5 sets of 3 sounds and rate each of them. Before that you practise with one set.",
            "First you can practise with one set. This answer does not count.",
        ),
        (
            plan("ranking", systems=3, sounds=1, practice=2),
            "You will hear one set of 3 sounds and put it in order, from the best to the worst. Before that you "
            "practise with 2 sets.",
            "First you can practise with 2 sets. These answers do not count.",
        ),
        (
            plan("ranking", systems=3, sounds=5, playlist=2),
            "You will hear 5 sets of 3 series of 2 sounds and put each in order, from the best to the worst.",
            "",
        ),
        (
            plan("mushra", sounds=1, practice=3),
            "You will hear one set of 3 sounds and rate how close each of them is to a reference. Before that you "
            "practise with 3 sets.",
            "First you can practise with 3 sets. These answers do not count.",
        ),
        (
            plan("abx", sounds=6, tie=True, practice=1),
            "You will hear two sounds, A and B, and a third one, X, and say whether X is the same as A or as B, or "
            "that you cannot tell, 6 times. Before that you practise with one trial.",
            "First you can practise with one trial. This answer does not count.",
        ),
        (
            plan("abx", sounds=1),
            "You will hear two sounds, A and B, and a third one, X, and say whether X is the same as A or as B.",
            "",
        ),
        (
            plan("same-different", sounds=6),
            "You will hear 6 pairs of sounds and say each time whether the two are the same.",
            "",
        ),
        (
            plan("bs1116", sounds=3),
            "You will hear 3 pairs of sounds, one of them the same as a reference, and rate how close each is to it.",
            "",
        ),
        (
            plan("mushra", sounds=11),
            "You will hear 11 sets of 3 sounds and rate how close each of them is to a reference.",
            "",
        ),
    ],
)
def test_consent_and_practice_count_what_is_planned(spec, consent, practice):
    texts = planned(spec)
    assert (texts.consent, texts.practice) == (consent + VOLUNTARY, practice)


def test_question_and_instructions_are_those_of_the_method():
    found = {method: planned(plan(method.value)) for method in Method}
    assert {method.value: texts.question for method, texts in found.items()} == {
        "preference": "Which do you prefer?",
        "rating": "How good is this?",
        "multi-stimulus": "How good is each of these?",
        "ranking": "How do you order these, from the best to the worst?",
        "mushra": "How close is each of these to the reference?",
        "abx": "Is X the same as A or as B?",
        "same-different": "Are these two the same or different?",
        "bs1116": "How much worse than the reference is the one that is not the reference?",
    }
    fair = "There are no right or wrong answers."
    assert {method.value: texts.instructions for method, texts in found.items()} == {
        "preference": f"Listen to both as often as you like before you answer. {fair}",
        "rating": f"Listen as often as you like before you answer. {fair}",
        "multi-stimulus": f"Compare all of them as often as you like before you answer. {fair}",
        "ranking": f"Compare all of them as often as you like before you answer. {fair}",
        "mushra": "Compare each of them with the reference as often as you like before you answer. One of them is the "
        "reference itself: give it the highest rating.",
        "abx": "X is the same as A or the same as B, at random. Listen as often as you like before you answer.",
        "same-different": "Half of the time, at random, the two are the same. Listen as often as you like before you "
        "answer.",
        "bs1116": "One of the two is the reference itself: find it and give it the highest grade. Then say by its "
        "grade how much the other one differs from the reference.",
    }


def test_what_follows_from_a_plan_fits_it():
    for method in Method:
        for count in (1, 2, 7, 12):
            for practice in (0, 1, 2):
                for values in ({}, {"playlist": 2}, {"tie": True}):
                    spec = plan(method.value, sounds=count, practice=practice, **values)
                    assert spec.languages == LANGUAGES
                    own = spec.model_copy(update={"texts": planned(spec)})
                    own = own.model_copy(
                        update={
                            "translations": {each: Translation(texts=planned(spec, each)) for each in LANGUAGES[1:]}
                        }
                    )
                    assert misfits(own) == []
                    for language in LANGUAGES:
                        said = planned(own, language)
                        assert said == planned(spec, language)
                        assert "{" not in "".join(said.model_dump().values())
                    assert spec.practice_trials == sum(question.practice for question in questions(spec))


@pytest.mark.parametrize("name", ListeningSpec.shipped())
def test_what_ships_fits(name):
    spec = ListeningSpec.load(name)
    assert misfits(spec) == []
    assert spec.practice_trials == sum(question.practice for question in questions(spec))


@pytest.mark.parametrize(
    ("spec", "texts", "found"),
    [
        (
            plan("preference", sounds=6),
            {"consent": "You will hear 64 pairs of short sounds."},
            ["texts.consent: names 64 trials, and 6 trials are planned"],
        ),
        (
            plan("preference", sounds=6, practice=2),
            {"title": "Sixty-four short pairs", "practice": "Six pairs to try it out."},
            [
                "texts.title: names sixty-four trials, and 6 trials are planned",
                "texts.practice: names six trials, and 2 trials are planned",
            ],
        ),
        (
            plan("preference", sounds=6),
            {"consent": "You will hear 64 sounds."},
            ["texts.consent: names 64 sounds, and 6 trials are planned"],
        ),
        (
            plan("mushra", sounds=2),
            {"question": "Which sound do you prefer?", "practice": "Two pairs to try it out; they do not count."},
            ["texts.question: asks for a preference, and the method is mushra"],
        ),
        (
            plan("mushra", sounds=2, practice=1),
            {"practice": "Two pairs to try it out; they do not count."},
            [
                "texts.practice: names two trials, and 1 trial is planned",
                "texts.practice: speaks of pairs, and the method is mushra",
            ],
        ),
        (
            plan("preference"),
            {"question": "Rate each against the reference.", "instructions": "Say neither if you cannot tell."},
            [
                "texts.instructions: offers to choose neither, and no preference cannot be chosen",
                "texts.question: asks for a rating, and the method is preference",
                "texts.question: speaks of a reference, and the method is preference",
            ],
        ),
    ],
)
def test_texts_that_contradict_the_plan_are_named(spec, texts, found):
    assert misfits(spec.model_copy(update={"texts": spec.texts.model_copy(update=texts)})) == found


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        (plan("preference", sounds=6, practice=2), "After two pairs to practise you hear 6 pairs, eight pairs in all."),
        (
            plan("preference", sounds=6),
            "You hear one pair at a time: 6 short, different pairs, 12 sounds of 3 seconds.",
        ),
        (plan("preference", sounds=6), "It takes about 25 minutes; each pair 20 seconds. Listen to both sounds."),
        (plan("preference", tie=True), "Say neither, or no preference, if you cannot tell the two sounds apart."),
        (plan("mushra", sounds=2), "Rate 2 sets of three sounds against the reference, four sounds with it."),
        (plan("rating", systems=1, sounds=8), "At any rate, 8 sounds."),
        (plan("rating", systems=1), "Wear a pair of closed headphones. We prefer a quiet room."),
        (plan("preference"), "Neither your name nor your address is kept. The sampling rate is 44.1 kHz."),
        (plan("preference"), "The reference number of this study is 7."),
        (plan("mushra"), "Rate the sounds as you prefer them."),
    ],
)
def test_texts_that_fit_are_left_alone(spec, text):
    assert misfits(spec.model_copy(update={"texts": spec.texts.model_copy(update={"consent": text})})) == []


def test_a_draft_is_refused_that_contradicts_itself(lab, ab):
    answer = lab.experimenter.post("/v1/listening-tests", json=ab | {"texts": {"consent": "You will hear 64 pairs."}})
    assert (answer.status_code, answer.json()["error"]["message"]) == (
        422,
        "texts.consent: names 64 trials, and 4 trials are planned",
    )
    kept = lab.show(lab.plan(ab | {"texts": {"thanks": "Bye."}}))["texts"]
    assert kept["consent"].startswith(
        "You will hear 4 pairs of sounds and say which one of each pair you prefer, or that"
    )
    assert (kept["practice"], kept["thanks"]) == ("", "Bye.")
    try_plan(ListeningSpec.model_validate(ab | {"texts": {"consent": "You will hear 4 pairs."}}))
