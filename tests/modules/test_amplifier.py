"""The amplifier."""

import torch

from nebula.modules import Adsr, Amplifier, Keyboard, Mixer, Noise
from nebula.synths import Timeline, Wiring

SHORT = Timeline(8000, 0.2, 200)


def test_noise_behind_an_amplifier_is_noise_of_that_level():
    front = (Keyboard(), Adsr("adsr"))
    behind = Wiring("behind", "", (*front, Noise("noise"), Amplifier("amplifier", source="noise", level="adsr")))
    within = Wiring("within", "", (*front, Noise("noise", level="adsr"), Mixer("mixer", ("noise",))))
    settings = behind.sample(range(6))
    minimum, maximum = behind.panel.ranges(settings)
    physical, rows = minimum + settings * (maximum - minimum), torch.arange(6)
    mixed = torch.cat([physical, torch.ones((6, 1))], dim=1)
    assert torch.equal(behind.fused(physical, rows, SHORT), within.fused(mixed, rows, SHORT))
    exact = within.reference(mixed.double(), rows, SHORT)
    torch.testing.assert_close(behind.reference(physical.double(), rows, SHORT), exact)
    torch.testing.assert_close(behind.fused(physical, rows, SHORT).double(), exact, rtol=0, atol=1e-6)
