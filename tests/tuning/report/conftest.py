"""Two reports, each made once."""

import pytest
from report_page import Page
from small_study import HOSTILE, judging_of, make_outcome, nebula_target

from nebula import PARAMETERS
from nebula.tuning.outcome import Outcome
from nebula.tuning.report import report


@pytest.fixture(scope="session")
def matched() -> tuple[Outcome, str, Page]:
    """A study towards a nebula, whose names are all hostile."""
    skipped = tuple((f"{HOSTILE} {i}.wav", "is empty") for i in range(23))
    outcome = make_outcome(target=nebula_target(HOSTILE, skipped), judging=judging_of((HOSTILE, "pianos")))
    html = report(outcome)
    return outcome, html, Page(html)


@pytest.fixture(scope="session")
def diversified() -> tuple[Outcome, Page]:
    """A study that tuned symmetry too, has importance, and found nothing better than its start."""
    importance = {f"{parameter.path}.curve": 1 / (i + 2) for i, parameter in enumerate(PARAMETERS[2:30])}
    outcome = make_outcome(objective="diversify", importance=importance)
    return outcome, Page(report(outcome))
