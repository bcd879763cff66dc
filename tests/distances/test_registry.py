import pytest

from nebula import distances
from nebula.errors import ArgumentError


def test_each_name_gives_the_distance_of_that_name():
    assert distances.names() == ("log-mel", "multi-scale-spectrogram")
    for name in distances.names():
        distance = distances.get(name)
        assert isinstance(distance, distances.Distance)
        assert distance.name == name
        assert distance.key.startswith(f"{name}-v1-")


@pytest.mark.parametrize("name", ["", "logmel", "Log-Mel"])
def test_an_unknown_name_is_refused(name):
    with pytest.raises(ArgumentError) as error:
        distances.get(name)
    assert str(error.value) == f"distance: got {name!r}, expected one of log-mel, multi-scale-spectrogram"


def test_a_registered_distance_is_found(monkeypatch):
    monkeypatch.setitem(distances.REGISTRY, "another", distances.LogMel)
    assert "another" in distances.names()
    assert isinstance(distances.get("another"), distances.LogMel)
