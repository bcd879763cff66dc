"""Addresses of machines in a network: who can reach one, and by which of its own a machine reaches another."""

import ipaddress
import socket
from urllib.parse import urlsplit

from nebula.errors import ArgumentError


def is_loopback(host: str) -> bool:
    """Returns whether only this machine can reach the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def facing(host: str, port: int) -> str:
    """Returns the address of this machine by which it reaches another: loopback if that is this machine itself.

    Args:
        host: Name or address of the other.
        port: Any of its ports; nothing is sent.

    Raises:
        OSError: The name is not known, or there is no way there.
    """
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, kind) as probe:
        probe.connect(address)
        return str(probe.getsockname()[0])


def scheduler_place(address: str) -> tuple[str, int]:
    """Returns host and port of a scheduler.

    Raises:
        ArgumentError: The address is none of a scheduler.
    """
    try:
        parts = urlsplit(address)
        if parts.scheme in ("tcp", "tls") and parts.hostname and parts.port:
            return parts.hostname, parts.port
    except ValueError:
        # What the port or the brackets hold is neither.
        pass
    raise ArgumentError(f"scheduler: got {address!r}, expected tcp://HOST:PORT or tls://HOST:PORT")
