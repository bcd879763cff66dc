from dataclasses import replace

from report_page import Page
from small_study import HOSTILE, judging_of, make_outcome, nebula_target

from nebula.tuning.outcome import Outcome
from nebula.tuning.report import judging


def test_the_table_of_judges_is_whole(matched: tuple[Outcome, str, Page], diversified: tuple[Outcome, Page]) -> None:
    _, _, page = matched
    rows = page.cells("judged-sets")
    assert [row[0] for row in rows] == [f"{HOSTILE}, by halves", "tuned", "drum"]
    numbers = (0.5, 0.6, 0.52, 0.54, 0.56, 0.58)
    assert rows[1][1:] == [f"{number:.2f} ({number - 0.05:.2f} to {number + 0.05:.2f})" for number in numbers]
    words = [element.text for element in page.all("p")]
    known = f"Three kinds of classifiers know 1,200 sounds of the target and 800 others ({HOSTILE}, pianos)."
    assert any(
        f"{known} Of sounds held out from them they took 93% of the target’s and 4% of" in text for text in words
    )
    assert diversified[1].with_id("judges-why").text == (
        "A study without a target has nothing that its sounds should be taken for."
    )


def test_the_page_says_whether_judges_know_what_was_tuned_to(matched: tuple[Outcome, str, Page]) -> None:
    outcome, _, page = matched
    known = judging.acquaintance(outcome.spec)
    assert known.startswith("but they know the very target that this study was tuned to: with hold_out it keeps half")
    assert any(known in element.text for element in page.all("p"))
    for by, unit in (("group", "take"), ("corpus", "library")):
        spec = outcome.spec.with_changes({"hold_out": by})
        assert judging.acquaintance(spec) == (
            f"and know recordings that were held out from the search, no {unit} of which it was tuned to."
        )


def test_without_others_no_share_is_shown() -> None:
    outcome = make_outcome(target=nebula_target("drum"), judging=judging_of())
    assert judging.columns(outcome.judging) == judging.COLUMNS[1:]
    assert [len(row.cells) for row in judging.judged_sets(outcome.judging)] == [5, 5, 5]
    assert "They know nothing else" in judging.teaching(outcome.judging)
    assert judging.why_not(replace(outcome, judging="target: got 3 different recordings, expected 12 or more")) == (
        "target: got 3 different recordings, expected 12 or more"
    )
