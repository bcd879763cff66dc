from dataclasses import replace

from report_page import Page
from small_study import HOSTILE, listener_check, make_outcome, nebula_target

from nebula.tuning.outcome import Outcome
from nebula.tuning.report import hearing


def test_listener_table_holds_the_check(matched: tuple[Outcome, str, Page], diversified: tuple[Outcome, Page]) -> None:
    _, _, page = matched
    rows = page.cells("hearings")
    assert [row[0] for row in rows] == [f"{HOSTILE}, by halves", "tuned", "drum"]
    numbers = (0.5, 0.6, 0.52, 0.54, 0.56, 0.58)
    assert rows[1][1:] == [f"{number:.2f} ({number - 0.05:.2f} to {number + 0.05:.2f})" for number in numbers]
    words = [element.text for element in page.all("p")]
    known = f"Three kinds of classifiers know 1,200 sounds of the target and 800 others ({HOSTILE}, pianos)."
    assert any(
        f"{known} Of sounds held out from them they took 93% of the target’s and 4% of" in text for text in words
    )
    assert diversified[1].with_id("listener-why").text == (
        "A study without a target has nothing that its sounds should be taken for."
    )


def test_without_others_no_share_is_shown() -> None:
    outcome = make_outcome(target=nebula_target("drum"), check=listener_check())
    assert hearing.columns(outcome.check) == hearing.COLUMNS[1:]
    assert [len(row.cells) for row in hearing.hearings(outcome.check)] == [5, 5, 5]
    assert "They know nothing else" in hearing.teaching(outcome.check)
    assert hearing.why_not(replace(outcome, check="target: 3 different recordings are too few")) == (
        "target: 3 different recordings are too few"
    )
