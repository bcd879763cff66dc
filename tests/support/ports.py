"""Ports of this machine, for processes that are told theirs."""

import socket
import time

_PATIENCE_SECONDS = 120


def free_port():
    """Returns a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port):
    """Waits until somebody answers."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert time.monotonic() < deadline, f"nobody answers at port {port}"
        time.sleep(0.1)
