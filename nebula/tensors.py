"""torch, NumPy and the words for shapes, for rooms whose plain values are also used where no tensor is.

Panels and nebulae are plain values: what lists them, and a service while nobody asks for a sound, need not wait for
torch, which takes longer to load than all the rest. Who imports from here postpones the evaluation of annotations
(`from __future__ import annotations`), and does nothing with these names while it is itself imported.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any


class _Unread:
    """A word of annotations that nobody evaluates; aliases of types are made of it while modules are imported."""

    def __class_getitem__(cls, item: Any) -> Any:
        return Any


class _Later(ModuleType):
    """A module that is loaded when the first of its names is asked for."""

    def __getattr__(self, name: str) -> Any:
        found = getattr(import_module(self.__name__), name)
        setattr(self, name, found)
        return found


if TYPE_CHECKING or "torch" in sys.modules:
    import numpy as np
    import torch
    from jaxtyping import Bool, Float, Float32, Float64, Int, UInt8
    from torch import Tensor
else:
    np, torch = _Later("numpy"), _Later("torch")
    Bool = Float = Float32 = Float64 = Int = Tensor = UInt8 = _Unread

__all__ = ["Bool", "Float", "Float32", "Float64", "Int", "Tensor", "UInt8", "np", "torch"]
