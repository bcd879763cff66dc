"""From a seed to a synthesizer's physical parameter values; nothing here knows of signals.

    seeds ──sampling──> unit parameters ──correlation──> correlated draws ──curves──> physical parameters

- `parameters`: `Parameter`, a knob or a switch, and `Panel`, all those of a synthesizer
- `seeds`: what a seed may be
- `sampling`: seeded uniform draws
- `correlation`: which draws go together
- `curves`: how a nebula bends them
- `laws`: what distribution that gives them
- `surround`: the curve and fall that surround one value
"""

from typing import TYPE_CHECKING

from nebula.lazy import names_from

if TYPE_CHECKING:
    from nebula.draws.correlation import Correlation
    from nebula.draws.curves import falls_tensor, to_physical, to_unit
    from nebula.draws.parameters import Panel, Parameter
    from nebula.draws.sampling import chosen, sample, sample_choices, sample_pairs
    from nebula.draws.seeds import SEED_LIMIT, Seeds, seed_list
else:
    __getattr__ = names_from(
        __name__,
        {
            "SEED_LIMIT": "nebula.draws.seeds",
            "Correlation": "nebula.draws.correlation",
            "Panel": "nebula.draws.parameters",
            "Parameter": "nebula.draws.parameters",
            "Seeds": "nebula.draws.seeds",
            "chosen": "nebula.draws.sampling",
            "falls_tensor": "nebula.draws.curves",
            "sample": "nebula.draws.sampling",
            "sample_choices": "nebula.draws.sampling",
            "sample_pairs": "nebula.draws.sampling",
            "seed_list": "nebula.draws.seeds",
            "to_physical": "nebula.draws.curves",
            "to_unit": "nebula.draws.curves",
        },
    )

__all__ = [
    "SEED_LIMIT",
    "Correlation",
    "Panel",
    "Parameter",
    "Seeds",
    "chosen",
    "falls_tensor",
    "sample",
    "sample_choices",
    "sample_pairs",
    "seed_list",
    "to_physical",
    "to_unit",
]
