"""Blinded listening tests: who hears what, that nobody changed it, and what the answers say.

Before the test:

- `allocation`: groups, orders and slots, at random and in balance
- `commitment`: the digest that fixes which sound is which
"""

from nebula.evaluation.listening.allocation import Allocation, Design, Item, Placement, allocate
from nebula.evaluation.listening.commitment import canonical_json, commit, new_salt, verify

__all__ = [
    "Allocation",
    "Design",
    "Item",
    "Placement",
    "allocate",
    "canonical_json",
    "commit",
    "new_salt",
    "verify",
]
