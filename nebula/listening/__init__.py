"""Blinded listening tests: who hears what, that nobody changed it, and what the answers say.

Before the test:

- `allocation`: groups, orders and slots, at random and in balance
- `commitment`: the digest that fixes which sound is which
- `plan`: the analysis, decided beforehand
- `screening`: rules that decide which participants count
- `power`: how many answers it takes

After it:

- `answers`: the long table of who judged what, which everything below takes
- `analysis`: from answers to findings, with screening and without
- `preference`: which of two is preferred, the listener being the unit
- `strengths`: one scale for more than two, by Bradley and Terry
- `ratings`: medians, and rank tests of which systems differ
- `discrimination`: whether two sounds are told apart in ABX, or as same or different
- `positions`: whether the place on the page decided
- `resampling`: intervals over listeners and sounds
- `multiplicity`: several tests at once, by Holm
- `methods`: the paragraph that a paper needs
"""

from nebula.listening.allocation import Allocation, Design, Item, Placement, allocate
from nebula.listening.analysis import Analysis, Findings, analyse
from nebula.listening.answers import Answer, Answers, Choice, Participant
from nebula.listening.commitment import canonical_json, commit, new_salt, verify
from nebula.listening.discrimination import AbxResult, SameDifferentResult, abx, same_different
from nebula.listening.methods import methods_paragraph
from nebula.listening.plan import Method, Plan
from nebula.listening.positions import PositionBias
from nebula.listening.power import (
    Planned,
    answers_needed,
    listeners_needed,
    preference_power,
    rating_power,
)
from nebula.listening.preference import Preference, Tally
from nebula.listening.ratings import Friedman, Rated, RatingDifference, Ratings
from nebula.listening.resampling import Estimate, Resampling
from nebula.listening.screening import (
    SCREENING_PRESETS,
    QuestionnaireRule,
    RatingRule,
    Rule,
    Screening,
    Verdict,
    bs1534_rules,
    expert_rules,
)
from nebula.listening.strengths import Strength

__all__ = [
    "SCREENING_PRESETS",
    "AbxResult",
    "Allocation",
    "Analysis",
    "Answer",
    "Answers",
    "Choice",
    "Design",
    "Estimate",
    "Findings",
    "Friedman",
    "Item",
    "Method",
    "Participant",
    "Placement",
    "Plan",
    "Planned",
    "PositionBias",
    "Preference",
    "QuestionnaireRule",
    "Rated",
    "RatingDifference",
    "RatingRule",
    "Ratings",
    "Resampling",
    "Rule",
    "SameDifferentResult",
    "Screening",
    "Strength",
    "Tally",
    "Verdict",
    "abx",
    "allocate",
    "analyse",
    "answers_needed",
    "bs1534_rules",
    "canonical_json",
    "commit",
    "expert_rules",
    "listeners_needed",
    "methods_paragraph",
    "new_salt",
    "preference_power",
    "rating_power",
    "same_different",
    "verify",
]
