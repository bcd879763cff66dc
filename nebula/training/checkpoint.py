"""Where training stands, in a file that is whole or not there."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from nebula.errors import TrainingError
from nebula.files import write_whole


class TrainingCheckpoint:
    """Where training stands.

    Args:
        path: Of its file.
        settings: What decides the weights; a file of others is refused.
        device: Where training computes, whose kind decides them too.
    """

    def __init__(self, path: Path, settings: Mapping[str, object], device: str) -> None:
        self.path = path
        self.decides = {**settings, "device": torch.device(device).type}

    def load(self, network: nn.Module, optimizer: torch.optim.Optimizer) -> int:
        """Returns the number of steps done, 0 where there is no file.

        Raises:
            TrainingError: The file is of other settings, or damaged.
        """
        try:
            stored: dict[str, Any] = torch.load(io.BytesIO(self.path.read_bytes()), weights_only=True)
            found = stored["decides"]
        except FileNotFoundError:
            return 0
        except (RuntimeError, EOFError, KeyError, ValueError) as error:
            raise TrainingError(f"checkpoint {str(self.path)!r}: cannot be read; delete it to begin anew") from error
        for name, value in self.decides.items():
            if found.get(name) != value:
                raise TrainingError(
                    f"checkpoint {str(self.path)!r}: {name} is {found.get(name)!r} there and {value!r} here; choose "
                    "another folder"
                )
        network.load_state_dict(stored["network"])
        optimizer.load_state_dict(stored["optimizer"])
        return int(stored["step"])

    def save(self, step: int, network: nn.Module, optimizer: torch.optim.Optimizer) -> None:
        """Writes it, whole or not at all."""
        content = io.BytesIO()
        states = {"network": network.state_dict(), "optimizer": optimizer.state_dict()}
        torch.save({"decides": self.decides, "step": step, **states}, content)
        write_whole(self.path, content.getvalue())
