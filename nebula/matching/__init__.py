"""Inverse synthesis: the setting of a synthesizer whose sound is nearest to a recording.

    recording ──distance──> vector ──search (retrieval, then evolution)──> unit values ──> sound and preset

- `search`: the bank of random sounds that a search begins with, and the search
- `results`: what a match leaves in a folder, and what is there already
"""

from nebula.matching.results import Job, find_jobs, write_match
from nebula.matching.search import Bank, Effort, Match, make_bank, match

__all__ = ["Bank", "Effort", "Job", "Match", "find_jobs", "make_bank", "match", "write_match"]
