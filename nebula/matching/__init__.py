"""Inverse synthesis: the setting of a synthesizer whose sound is nearest to a recording.

    recording ──distance──> vector ──search (retrieval, then evolution)──> unit values ──> sound and preset

- `search`: the bank of random sounds that a search begins with, and the search
- `results`: what a match leaves in a folder, and what is there already
"""

from typing import TYPE_CHECKING

from nebula.lazy import names_from

if TYPE_CHECKING:
    from nebula.matching.results import Job, find_jobs, preset_of, sound_of, write_match
    from nebula.matching.search import Bank, Effort, Match, make_bank, match
else:
    __getattr__ = names_from(
        __name__,
        {
            "Bank": "nebula.matching.search",
            "Effort": "nebula.matching.search",
            "Job": "nebula.matching.results",
            "Match": "nebula.matching.search",
            "find_jobs": "nebula.matching.results",
            "make_bank": "nebula.matching.search",
            "match": "nebula.matching.search",
            "preset_of": "nebula.matching.results",
            "sound_of": "nebula.matching.results",
            "write_match": "nebula.matching.results",
        },
    )

__all__ = [
    "Bank",
    "Effort",
    "Job",
    "Match",
    "find_jobs",
    "make_bank",
    "match",
    "preset_of",
    "sound_of",
    "write_match",
]
