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
- `ranking`: places of systems that were put in order
- `discrimination`: whether one listener tells two sounds apart in ABX, or as same or different
- `telling`: which systems the listeners of a test tell apart so
- `grades`: difference grades of ITU-R BS.1116-3
- `positions`: whether the place on the page decided
- `resampling`: intervals over listeners and sounds
- `multiplicity`: several tests at once, by Holm
- `preparation`: what was done to the sounds before
- `methods`: the paragraph that a paper needs
"""

from nebula.listening.allocation import Allocation, Design, InOrder, Item, Placement, allocate
from nebula.listening.analysis import Analysis, AttentionChecks, Findings, analyse
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
    ranking_power,
    rating_power,
    told_apart_needed,
)
from nebula.listening.preference import Preference, Tally
from nebula.listening.preparation import Preparation
from nebula.listening.ratings import Friedman, Rated, RatingDifference, Ratings
from nebula.listening.resampling import Estimate, Resampling
from nebula.listening.screening import (
    SCREENING_PRESETS,
    AttentionRule,
    QuestionnaireRule,
    RatingRule,
    Rule,
    Screening,
    Verdict,
    bs1534_rules,
    expert_rules,
)
from nebula.listening.strengths import Strength
from nebula.listening.telling import Discrimination, ListenerScore

__all__ = [
    "SCREENING_PRESETS",
    "AbxResult",
    "Allocation",
    "Analysis",
    "Answer",
    "Answers",
    "AttentionChecks",
    "AttentionRule",
    "Choice",
    "Design",
    "Discrimination",
    "Estimate",
    "Findings",
    "Friedman",
    "InOrder",
    "Item",
    "ListenerScore",
    "Method",
    "Participant",
    "Placement",
    "Plan",
    "Planned",
    "PositionBias",
    "Preference",
    "Preparation",
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
    "ranking_power",
    "rating_power",
    "same_different",
    "told_apart_needed",
    "verify",
]
