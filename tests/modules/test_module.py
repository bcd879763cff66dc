"""What modules share: the way to audio rate, and the limit of a sound's peak."""

import torch

from nebula.draws import Panel, Parameter
from nebula.modules import Timeline
from nebula.modules.module import Scene, peak_limited

PANEL = Panel((Parameter("a", "b", 0.0, 1.0, "", ""),))


def test_a_line_stays_a_line_and_ends_coincide():
    control = torch.linspace(-2, 5, 1764, dtype=torch.float64).reshape(1, -1)
    expected = torch.linspace(-2, 5, 176400, dtype=torch.float64).reshape(1, -1)
    nothing = torch.zeros((1, 1), dtype=torch.float64)
    scene = Scene(PANEL, nothing, torch.zeros(1, dtype=torch.int64), Timeline(), {"line": control})
    # Where an audio sample falls on a control sample, torch's weights are off by some 1e-7 even in float64.
    torch.testing.assert_close(scene.at_audio_rate("line"), expected, rtol=0, atol=1e-6)


def test_only_a_mix_that_clips_is_scaled():
    loud = torch.tensor([[0.5, -4.0, 1.0]], dtype=torch.float64)
    quiet = torch.tensor([[0.5, -1.0, 0.25]], dtype=torch.float64)
    torch.testing.assert_close(peak_limited(loud), loud / 4)
    assert torch.equal(peak_limited(quiet), quiet)
    assert torch.equal(peak_limited(torch.zeros((1, 5))), torch.zeros((1, 5)))
