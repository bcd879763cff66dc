"""What a finished study has come to, in words."""

import json

import pytest

from nebula.tuning import StudySpec
from service.findings.schemas import FinalistAnswer
from service.findings.verdict import verdict
from service.studies.tables import Study


def finalist(origin, mean, half=0.01):
    return FinalistAnswer(origin=origin, mean=mean, low=mean - half, high=mean + half)


def judged(name, share, precision=0.9, recall=0.9):
    interval = {"mean": share, "low": share - 0.02, "high": share + 0.02, "level": 0.95}
    return {
        "name": name,
        "told_apart": interval,
        "fidelity": {"precision": {"mean": precision}, "recall": {"mean": recall}},
    }


@pytest.fixture
def answer(tmp_path):
    """Returns the verdict on a study whose results say this of its judges."""

    def of(finalists, listener=None, **changes):
        study = Study(id="0123456789abcdef", name="drums", spec={})
        folder = tmp_path / "studies" / study.id
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "nebula.provenance.json").write_text(json.dumps({"listener": listener}))
        spec = StudySpec.load("quickstart").with_changes(changes)
        return verdict(tmp_path, study, spec, "drum", finalists)

    return of


FOUND, START = finalist("centre", 0.05), finalist("start", 6.9)


def test_before_results_are_written_there_is_none(tmp_path):
    study = Study(id="0123456789abcdef", name="drums", spec={})
    assert verdict(tmp_path, study, StudySpec.load("quickstart"), "drum", [FOUND, START]) is None


def test_a_start_is_beaten_only_where_the_intervals_lie_apart(answer):
    clear, near = answer([FOUND, START]), answer([finalist("centre", 0.30), finalist("start", 0.31)])
    assert clear.sentences[0] == (
        "What was found is 138 times as near to drum as uniform, where the search began: "
        "on fresh sounds it scores 0.05, the start 6.9."
    )
    assert near.sentences[0] == (
        "What was found is not clearly nearer to drum than uniform, where the search began: on fresh sounds it scores "
        "0.3, the start 0.31."
    )
    assert near.advice == "Run it again with more trials or more sounds a trial, or from another start."
    unbeaten = answer([finalist("start", 0.3), finalist("centre", 0.31)])
    assert unbeaten.sentences[0] == "Nothing was found that is nearer to drum than uniform, where the search began."


def test_more_varied_is_larger(answer):
    found = answer([finalist("centre", 3.0), finalist("start", 2.0)], objective="diversify", target=None)
    assert found.sentences == [
        "What was found is 1.5 times as varied as uniform, where the search began: "
        "on fresh sounds it scores 3, the start 2."
    ]


def test_scores_of_either_sign_have_no_ratio(answer):
    found = answer([finalist("centre", -0.05), START])
    assert found.sentences[0].startswith(
        "What was found is clearly nearer to drum than uniform, where the search began:"
    )


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.55, "Classifiers can hardly tell it from the target: 55% of"),
        (0.70, "Yet classifiers often tell it from the target: 70% of"),
        (0.90, "Yet classifiers easily tell it from the target: 90% of"),
    ],
)
def test_what_classifiers_say_stands_beside_the_score(answer, share, words):
    found = answer([FOUND, START], {"judgements": [judged("drum", 0.5), judged("tuned", share)]})
    assert found.sentences[1].startswith(words)
    assert [(one.role, one.name) for one in found.judged] == [("target", "drum"), ("found", "tuned")]


def test_where_classifiers_were_not_asked_it_says_why(answer):
    found = answer([FOUND, START], "target: got 8 different recordings, expected 12 or more")
    expected = "Classifiers were not asked: target: got 8 different recordings, expected 12 or more."
    assert found.sentences[1] == expected


@pytest.mark.parametrize(
    ("precision", "recall", "words"),
    [
        (
            0.5,
            0.9,
            "It is too wide: 50% of its sounds lie among the target’s. To narrow it, run it again with nearness 1.",
        ),
        (0.9, 0.5, "It is too narrow: it covers 50% of the target’s sounds. To widen it, let it tune which parameters"),
        (
            0.9,
            0.9,
            "Another synthesizer, or more trials, may come nearer; a blind listening test says whether it matters.",
        ),
    ],
)
def test_what_to_try_next_follows_from_what_classifiers_miss(answer, precision, recall, words):
    judging = {"judgements": [judged("drum", 0.5), judged("tuned", 0.9, precision, recall)]}
    assert answer([FOUND, START], judging).advice.startswith(words)
