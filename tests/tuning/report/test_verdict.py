from dataclasses import replace

import pytest
from small_study import make_outcome

from nebula.discrepancy import mean_interval
from nebula.tuning.ledger import Entry
from nebula.tuning.report.verdict import Digits, flatness, verdict


@pytest.mark.parametrize(
    ("objective", "winner", "start", "words"),
    [
        ("match", (0.22, 0.23, 0.24), (0.5, 0.51, 0.52), "was beaten: "),
        ("match", (0.2, 0.4, 0.6), (0.3, 0.5, 0.7), "was not clearly beaten: "),
        ("match", (0.6, 0.61, 0.62), (0.3, 0.31, 0.32), "was not beaten: "),
        ("diversify", (0.6, 0.61, 0.62), (0.3, 0.31, 0.32), "was beaten: "),
        ("diversify", (0.4, 0.6, 0.8), (0.3, 0.5, 0.7), "was not clearly beaten: "),
        ("diversify", (0.22, 0.23, 0.24), (0.5, 0.51, 0.52), "was not beaten: "),
    ],
)
def test_verdict_says_whether_the_start_was_beaten(
    objective: str, winner: tuple[float, ...], start: tuple[float, ...], words: str
) -> None:
    outcome = make_outcome(winner, start, objective)
    sentence = verdict(outcome)
    assert sentence.startswith(f"The start nebula, neutral, {words}")
    assert sentence.endswith(".")
    for finalist in {outcome.winner.origin: outcome.winner, "start": outcome.start}.values():
        interval = mean_interval(finalist.scores, least=0.0)
        assert (
            f"{interval.mean:.4f} (95 % interval {interval.low:.4f} to {interval.high:.4f})".replace("-", "−")
            in sentence
        )
    assert f"a ratio of {outcome.winner.mean / outcome.start.mean:.2f}" in sentence
    assert ("overlap" in sentence) == ("clearly" in words)


def test_whether_more_trials_would_have_helped_is_said_where_it_can_be_told():
    outcome = make_outcome()
    assert flatness(outcome) == "Scores were not seen to be flat after 10 trials: more may help."
    # A search that was told to stop, or whose candidates do not move together.
    assert flatness(replace(outcome, entries=outcome.entries[:9])) == ""
    phases = {"sampler": "auto", "trials": 100}, {"sampler": "auto", "trials": 400, "until_flat": True}
    for phase, said in zip(
        phases,
        ("more than its 100 trials would hardly help", "so the search ended after 96 trials, of at most 400"),
        strict=True,
    ):
        spec = outcome.spec.with_changes({"search": {"phases": [phase]}})
        entries = [
            Entry(i // 2, i % 2, outcome.start.nebula, 0.25, 1.0) for i in range(100 if phase is phases[0] else 96)
        ]
        found = flatness(replace(outcome, spec=spec, entries=entries))
        assert found == f"Scores were flat since trial 49, as far as their noise lets one see: {said}."
    spec = outcome.spec.with_changes({"search": {"phases": [{"sampler": "random", "trials": 10}]}})
    assert flatness(replace(outcome, spec=spec)) == ""


def test_verdict_gives_no_ratio_of_scores_of_either_sign() -> None:
    assert "ratio" not in verdict(make_outcome((-0.01, -0.02), (0.1, 0.2)))


def test_digits_show_four_of_the_largest_and_no_hyphen_for_a_minus() -> None:
    digits = Digits.of([0.0123456, -0.001])
    assert [digits.text(value) for value in (0.0123456, -0.001, float("-inf"))] == ["0.01235", "−0.00100", "−∞"]
    assert Digits.of([12345.6]).text(12345.6) == "12346"
    assert Digits.of([]).text(0.0) == "0.000"
