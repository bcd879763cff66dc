"""The mixer."""

import torch

from nebula.draws import Panel
from nebula.modules import Mixer, Timeline
from nebula.modules.module import Scene


def test_a_mix_is_the_weighted_sum_of_its_sources():
    mixer = Mixer("mixer", ("a", "b"))
    assert [parameter.path for parameter in mixer.parameters] == ["mixer.a", "mixer.b"]
    levels = torch.tensor([[0.5, 0.25], [1.0, 0.0]], dtype=torch.float64)
    sources = {name: torch.rand((2, 7), dtype=torch.float64) for name in ("a", "b")}
    scene = Scene(Panel(mixer.parameters), levels, torch.zeros(2, dtype=torch.int64), Timeline(), dict(sources))
    [mix] = mixer.evaluate(scene)
    torch.testing.assert_close(mix, levels[:, :1] * sources["a"] + levels[:, 1:] * sources["b"])
