"""Sounds that the tests of `nebula.audio` make for themselves."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile


@pytest.fixture(scope="session")
def tone() -> Callable[..., np.ndarray]:
    def make(frequency_hz=1000.0, rate_hz=44100, seconds=1.0, amplitude=0.5):
        time = np.arange(round(rate_hz * seconds)) / rate_hz
        return amplitude * np.sin(2 * np.pi * frequency_hz * time)

    return make


@pytest.fixture
def write(tmp_path, tone) -> Callable[..., Path]:
    """Writes samples (half a second of a tone by default) to a file under `tmp_path` and returns where."""

    def make(name: str, samples: Any = None, rate_hz: int = 44100, **format_: Any) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, tone(rate_hz=rate_hz, seconds=0.5) if samples is None else samples, rate_hz, **format_)
        return path

    return make
