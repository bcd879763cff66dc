"""Sets of vectors for tests of discrepancies, and the refusal of what is none."""

import re

import pytest
import scipy.spatial.distance
import torch
from torch import Tensor

from nebula.errors import ArgumentError


def normal(sounds: int, dimension: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(sounds, dimension, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)


def column(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)[:, None]


def mean_distance(a: Tensor, b: Tensor) -> float:
    return float(scipy.spatial.distance.cdist(a.double().numpy(), b.double().numpy(), "cityblock").mean())


def refused(message: str) -> object:
    return pytest.raises(ArgumentError, match=f"^{re.escape(message)}$")
