"""The leak checklist against a real server: what holds, and that each check sees a leak.

The faults are made to this server, and the check has to fail then.
"""

import json

import pytest
from leak_checklist import LINES, SPEC
from leak_faults import FAULTS
from listening_watch import walk

from nebula import Nebula


@pytest.fixture(scope="module")
def subject(lab):
    """Id and invite of an open test whose nebulae have names that occur nowhere else."""
    for name, shipped in (("Quagga7", "drum"), ("Zebra9", "default"), ("Okapi3", "uniform")):
        form = json.loads(Nebula.load(shipped).to_json())
        assert lab.experimenter.post("/v1/nebulae", json={"name": name, "nebula": form}).status_code == 201
    return lab.open(SPEC)


@pytest.fixture(scope="module")
def honest(lab, subject):
    """What a participant sees of it."""
    return walk(lab, *subject)


@pytest.mark.parametrize("line", LINES)
def test_line(lab, subject, honest, line):
    LINES[line](lab, subject, honest)


@pytest.mark.parametrize("fault", FAULTS)
def test_the_check_of_a_line_sees_a_leak(lab, subject, honest, monkeypatch, fault):
    check = LINES[int(fault.split()[0])]
    FAULTS[fault](monkeypatch)
    with pytest.raises((AssertionError, KeyError)):
        check(lab, subject, walk(lab, *subject, trials=2))
