"""Who can reach an address, and where a machine reaches another."""

import socket

import pytest

from nebula.addresses import facing, is_loopback, scheduler_place
from nebula.errors import ArgumentError


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.5.6.7", "::1"])
def test_only_this_machine_reaches_loopback(host):
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "0.0.0.0", "::", "192.168.1.1", "lab.example"])
def test_others_may_reach_all_else(host):
    assert not is_loopback(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.5.6.7", "localhost", socket.gethostbyname("localhost")])
def test_this_machine_reaches_itself_by_loopback(host):
    assert is_loopback(facing(host, 8786))


def test_a_name_that_nobody_has_is_an_error():
    with pytest.raises(OSError, match=r"."):
        facing("nobody.invalid", 8786)


def test_a_scheduler_is_at_a_host_and_a_port():
    assert scheduler_place("tls://scheduler.lab:8786") == ("scheduler.lab", 8786)
    assert scheduler_place("tcp://[::1]:8786") == ("::1", 8786)


@pytest.mark.parametrize(
    "address", ["", "lab:8786", "http://lab:8786", "tcp://lab", "tcp://lab:x", "tcp://[::1", "tcp://:1"]
)
def test_an_address_that_is_none_is_said_so(address):
    with pytest.raises(ArgumentError, match=r"^scheduler: got '.*', expected tcp://HOST:PORT or tls://HOST:PORT$"):
        scheduler_place(address)
