"""OpenL3's network: every way of computing it agrees."""

import pytest
import torch
from openl3_sounds import RATE_HZ, noise

from nebula.distances.openl3 import checkpoint, frontend, network


def test_both_ways_of_convolving_agree(openl3):
    sound = noise(1, 4800)
    by_library = openl3("linear").windows(sound.clone().requires_grad_(), RATE_HZ).detach()
    torch.testing.assert_close(openl3("linear").windows(sound, RATE_HZ), by_library, rtol=0, atol=1e-4)


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_half_precision_is_close_to_single_precision(openl3, precision):
    sound = noise(1, 4800)
    single, half = (openl3("mel128", precision=name).windows(sound, RATE_HZ) for name in ("float32", precision))
    assert half.dtype == torch.float32
    # Eight layers of a mantissa of 8 or 11 bits; errors of a root mean square of 1 % or 0.1 %.
    error = float((half - single).square().mean().sqrt() / single.square().mean().sqrt())
    assert 0 < error < {"bfloat16": 2e-2, "float16": 3e-3}[precision]


def test_threads_give_what_one_thread_gives_and_keep_their_number(openl3):
    sounds = noise(2, 14_400)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        alone = openl3().windows(sounds, RATE_HZ)
        torch.set_num_threads(2)
        together = openl3().windows(sounds, RATE_HZ)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-4)


def test_pooling_covers_every_picture():
    for version in frontend.FRONTENDS:
        for name in frontend.BANDS:
            rows = frontend.Picture(version, name).shape[0] >> len(checkpoint.HALVED)
            for size in (512, 6144):
                assert (rows, size) in network.POOLING
