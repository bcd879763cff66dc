import pytest
from small_study import make_outcome

from nebula.discrepancy import mean_interval
from nebula.tuning.report.verdict import Digits, verdict


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
        interval = mean_interval(finalist.scores)
        assert (
            f"{interval.mean:.4f} (95 % interval {interval.low:.4f} to {interval.high:.4f})".replace("-", "−")
            in sentence
        )
    assert f"a ratio of {outcome.winner.mean / outcome.start.mean:.2f}" in sentence
    assert ("overlap" in sentence) == ("clearly" in words)


def test_verdict_gives_no_ratio_of_scores_of_either_sign() -> None:
    assert "ratio" not in verdict(make_outcome((-0.01, -0.02), (0.1, 0.2)))


def test_digits_show_four_of_the_largest_and_no_hyphen_for_a_minus() -> None:
    digits = Digits.of([0.0123456, -0.001])
    assert [digits.text(value) for value in (0.0123456, -0.001, float("-inf"))] == ["0.01235", "−0.00100", "−∞"]
    assert Digits.of([12345.6]).text(12345.6) == "12346"
    assert Digits.of([]).text(0.0) == "0.000"
