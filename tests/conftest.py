"""What all tests share: a cache of their own, and small corpora of percussive sounds made on the spot."""

import gc
import os
import shutil
from pathlib import Path

# Tests that run side by side share the cores: more threads each would wait for one another. Read when torch loads.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pytest
import soundfile

# Before any module of ours: shapes in signatures are looked at where torch is there already, see `nebula.tensors`.
import torch  # noqa: F401
from hypothesis import settings

# How long an example takes says how busy the machine is, and nothing about the code.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


def pytest_collection_modifyitems(items):
    """Files of slow tests begin first, so that side by side no worker is left with a long one at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish():
    """What is loaded by now stays: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def cache_of_its_own(tmp_path_factory):
    # Read by platformdirs here and in every process that tests start.
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def percussion(tmp_path_factory) -> Path:
    """A folder of 24 decaying tones and bursts of noise, half a second each, at 22,050 Hz."""
    folder = tmp_path_factory.mktemp("percussion")
    generator = np.random.default_rng(7)
    time = np.arange(11025) / 22050
    for number in range(24):
        decay = np.exp(-time * generator.uniform(5, 40))
        pitch = generator.uniform(60, 400)
        tone, noise = np.sin(2 * np.pi * pitch * time * (1 + decay)), generator.uniform(-1, 1, len(time))
        mix = generator.uniform(0, 1)
        soundfile.write(folder / f"hit-{number:02}.wav", 0.5 * decay * (mix * tone + (1 - mix) * noise), 22050)
    return folder


@pytest.fixture(scope="session")
def few_hits(percussion, tmp_path_factory) -> Path:
    """A folder of eight of them, too few to judge a study's nebula by, which would take longer than a small study."""
    folder = tmp_path_factory.mktemp("hits")
    for path in sorted(percussion.iterdir())[:8]:
        shutil.copy(path, folder)
    return folder
