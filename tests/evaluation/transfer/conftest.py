"""Recordings of several libraries, and a spec that is evaluated in a moment."""

import csv

import numpy as np
import pytest
import soundfile

RATE_HZ = 22050

SPEC = """
version = 1
name = "small"
models = ["linear"]
largest = 4
repeats = 2
[recordings]
hits = "hits"
tones = "tones"
[training."drum, default"]
hits = "drum"
tones = "default"
"""


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """Hits and tones of four libraries each, three sounds of two takes in a library."""
    folder = tmp_path_factory.mktemp("recordings")
    generator = np.random.default_rng(0)
    time = np.arange(RATE_HZ // 2) / RATE_HZ
    rows = []
    for kind in ("hits", "tones"):
        for number in range(24):
            name = f"{kind}/{number:02}.wav"
            wave = (
                np.exp(-40 * time) * generator.uniform(-1, 1, len(time))
                if kind == "hits"
                else np.sin(2 * np.pi * generator.uniform(100, 900) * time)
            )
            (folder / kind).mkdir(exist_ok=True)
            soundfile.write(folder / name, 0.3 * wave, RATE_HZ)
            rows.append({"path": name, "corpus": f"{kind[0]}{number // 6}", "group": f"{kind} {number // 2}"})
    with (folder / "manifest.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows(rows)
    return folder


@pytest.fixture(scope="module")
def spec(tmp_path_factory):
    path = tmp_path_factory.mktemp("spec") / "small.toml"
    path.write_text(SPEC)
    return path
