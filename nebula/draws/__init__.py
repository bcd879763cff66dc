"""From a seed to a synthesizer's physical parameter values; nothing here knows of signals.

    seeds ──sampling──> unit parameters ──correlation──> correlated draws ──curves──> physical parameters

- `parameters`: `Parameter`, a knob or a switch, and `Panel`, all those of a synthesizer
- `sampling`: seeded uniform draws
- `correlation`: which draws go together
- `curves`: how a nebula bends them
"""

from nebula.draws.correlation import Correlation
from nebula.draws.curves import to_physical, to_unit
from nebula.draws.parameters import Panel, Parameter
from nebula.draws.sampling import SEED_LIMIT, Seeds, sample, seed_list

__all__ = [
    "SEED_LIMIT",
    "Correlation",
    "Panel",
    "Parameter",
    "Seeds",
    "sample",
    "seed_list",
    "to_physical",
    "to_unit",
]
