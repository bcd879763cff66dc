from importlib.metadata import EntryPoint

import pytest
import torch
from packages import installed_package

from nebula import distances
from nebula.distances import registry
from nebula.errors import ArgumentError, DistanceError

OWN = ("log-mel", "multi-scale-spectrogram", "doppelganger", "openl3")
PACKAGE = """
import torch
from nebula.distances import Distance, Settings

class Loudness(Distance):
    version = 1
    def __init__(self, channel="both"):
        super().__init__(Settings(duration_seconds=0.1))
        self.name = "loudness"
        self.channel = channel
    def analyse(self, audio, sample_rate_hz):
        return audio.abs().mean(1, keepdim=True)

def broken():
    raise RuntimeError("no such\\n channel")

def stranger():
    return 3
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    entries = {"loudness": "Loudness", "broken": "broken", "stranger": "stranger", "absent": "missing"}
    with installed_package(tmp_path, monkeypatch, "loud_distance", PACKAGE, "nebula.distances", entries):
        yield


def test_our_own_are_known():
    assert set(OWN) <= set(distances.names())
    for name in OWN[:3]:
        distance = distances.get(name)
        assert isinstance(distance, distances.Distance)
        assert distance.name == name
        assert distance.key.startswith(f"{name}-v{distance.version}-")


def test_what_takes_long_and_what_is_not_ours_is_not_waited_for(installed):
    assert distances.quick_names() == ("log-mel", "multi-scale-spectrogram", "doppelganger")
    assert not distances.OpenL3.is_quick
    assert not distances.get("loudness").is_quick


@pytest.mark.parametrize("name", ["", "logmel", "Log-Mel", "log-mel:64", "hear"])
def test_an_unknown_name_is_refused(name):
    with pytest.raises(ArgumentError) as error:
        distances.get(name)
    known = ", ".join(distances.names())
    assert str(error.value) == f"distance: got {name!r}, expected one of {known}, openl3:VARIANT, hear:MODULE"


def test_a_registered_distance_is_found(monkeypatch):
    monkeypatch.setitem(distances.REGISTRY, "another", distances.LogMel)
    assert "another" in distances.names()
    assert isinstance(distances.get("another"), distances.LogMel)


def test_an_installed_package_brings_distances(installed):
    assert {"loudness", "broken", "stranger", "absent", *OWN} <= set(distances.names())
    distance = distances.get("loudness")
    assert distance.channel == "both"
    assert distances.get("loudness:left").channel == "left"
    torch.testing.assert_close(distance.embed(torch.ones(2, 800), 8000), torch.full((2, 1), 0.05))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("broken", "cannot be made: RuntimeError: no such channel"),
        ("stranger", "got int, expected a nebula.distances.Distance"),
        ("absent", "cannot be made: AttributeError: "),
    ],
)
def test_a_package_that_fails_is_named_in_one_line(installed, name, words):
    with pytest.raises(DistanceError) as error:
        distances.get(name)
    assert str(error.value).startswith(f"distance {name!r} of loud-distance: {words}")
    assert "\n" not in str(error.value)


def test_our_own_names_cannot_be_taken_over(monkeypatch):
    entry = EntryPoint("log-mel", "loud_distance:Loudness", registry.ENTRY_POINTS)
    monkeypatch.setattr(registry, "entry_points", lambda group: [entry])
    assert isinstance(distances.get("log-mel"), distances.LogMel)
