"""How each parameter's values are spread over the sounds of a nebula, as small drawings.

Unit parameters are uniform on [0, 1], so `to_physical` of one parameter, taken as a function of u, is that parameter's
quantile function: a share u of all sounds lies below its value at u. The drawings are exact and need no sounds.
"""

from dataclasses import dataclass

import numpy as np
import torch

from nebula.draws import Parameter, falls_tensor, to_physical
from nebula.nebulae import Nebula
from nebula.tuning.outcome import Outcome

#: Size of a drawing in its own units.
WIDTH, HEIGHT = 120, 60

_POINTS = 41


@dataclass(frozen=True)
class Drawing:
    """The quantile functions of one parameter.

    Attributes:
        parameter: Which.
        start: Points of the start nebula's, as SVG polylines have them.
        tuned: Points of the tuned nebula's, or of its first component's where it is a mixture.
        others: Points of each further component's.
    """

    parameter: Parameter
    start: str
    tuned: str
    others: tuple[str, ...] = ()


def quantile_drawings(outcome: Outcome) -> dict[str, list[Drawing]]:
    """Returns the drawings of the parameters that were tuned, by module."""
    start, tuned = _polylines(outcome.start.nebula), _polylines(outcome.winner.nebula)
    others = [_polylines(part) for _, part in outcome.winner.nebula.components[1:]]
    drawings: dict[str, list[Drawing]] = {}
    for column in outcome.space.columns:
        parameter = outcome.space.panel[column]
        drawing = Drawing(parameter, start[column], tuned[column], tuple(lines[column] for lines in others))
        drawings.setdefault(parameter.module, []).append(drawing)
    return drawings


def _polylines(nebula: Nebula) -> list[str]:
    # Quantile functions are steep at the ends and, where symmetric, in the middle: points crowd at all three.
    half = (1 - np.cos(np.linspace(0, np.pi, _POINTS // 2 + 1))) / 4
    shares = np.concatenate([half, half[1:] + 0.5])
    unit = torch.from_numpy(shares)[:, None].expand(-1, len(nebula.panel))
    curve, symmetric = torch.tensor(nebula.curves, dtype=torch.float64), torch.tensor(nebula.symmetric)
    low, high = nebula.panel.ranges(unit)
    heights = (
        (to_physical(nebula.panel, unit, curve, symmetric, falls_tensor(nebula.falls)) - low) / (high - low)
    ).numpy()
    x = shares * WIDTH
    return [" ".join(f"{x[i]:.4g},{(1 - column[i]) * HEIGHT:.4g}" for i in range(len(x))) for column in heights.T]
