import numpy as np
import torch
from small_study import make_outcome

from nebula import PARAMETERS, draws
from nebula.synths.voice import VOICE
from nebula.tuning.report.quantiles import HEIGHT, WIDTH, quantile_drawings


def test_quantile_drawings_are_the_quantile_functions() -> None:
    outcome = make_outcome()
    drawings = [drawing for members in quantile_drawings(outcome).values() for drawing in members]
    assert [drawing.parameter for drawing in drawings] == list(PARAMETERS[2:])
    tuned = torch.tensor(outcome.winner.nebula.curves, dtype=torch.float64)
    for column, drawing in enumerate(drawings, start=2):
        start = np.array([point.split(",") for point in drawing.start.split()], dtype=float)
        # A neutral curve is a straight line from corner to corner; four digits are written.
        np.testing.assert_allclose(start[:, 1], HEIGHT * (1 - start[:, 0] / WIDTH), atol=0.02)
        points = np.array([point.split(",") for point in drawing.tuned.split()], dtype=float)
        unit = torch.zeros(len(points), 78, dtype=torch.float64)
        unit[:, column] = torch.from_numpy(points[:, 0] / WIDTH)
        physical = draws.to_physical(VOICE.panel, unit, tuned, torch.zeros(78, dtype=torch.bool))[:, column].numpy()
        low, high = drawing.parameter.minimum, drawing.parameter.maximum
        # Where the function is steep, four digits of the share are two of the value.
        np.testing.assert_allclose(1 - points[:, 1] / HEIGHT, (physical - low) / (high - low), atol=0.01)
