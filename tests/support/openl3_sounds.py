"""Sounds at OpenL3's own rate."""

import torch

RATE_HZ = 48_000


def noise(*shape, seed=0, level=0.1):
    return level * torch.randn(*shape, generator=torch.Generator().manual_seed(seed))
