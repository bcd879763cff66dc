"""Those who are to be kept out: another account of this machine, and another machine of its network."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager

import psutil

# Once as whoever starts it, so that all is loaded: another account may not read the packages. Certificates of its own
# are the best that it can have.
_ATTACK = """
import json, os, sys
from distributed import Client
from distributed.security import Security

def attack(address):
    try:
        with Client(address, timeout=2, security=Security.temporary() if address.startswith("tls") else None) as client:
            return client.run_on_scheduler(os.getuid)
    except OSError:
        return "refused"

for address in sys.argv[1:]:
    attack(address)
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
print(json.dumps({address: attack(address) for address in sys.argv[1:]}))
"""

_CONNECT = """
import socket, sys
for port in sys.argv[2:]:
    with socket.socket() as probe:
        probe.settimeout(5)
        print(port, probe.connect_ex((sys.argv[1], int(port))))
"""


def attack(*addresses):
    """Returns what another account gets when it has schedulers run code: by address, whose code it became or refused.

    Whoever is not root has no other account at hand, and attacks as itself: it has the same certificates, none.
    """
    command = [sys.executable, "-c", _ATTACK, *addresses]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(found.stdout.splitlines()[-1])


@contextmanager
def another_machine():
    """Yields `reached(ports)`, which returns those of this machine's ports that another machine reaches.

    It is a network namespace at the end of a cable. Whoever is not root may not lay one, and knocks at an address that
    only those have who listen on all.
    """
    if os.getuid() != 0:
        yield lambda ports: _reached([], "127.0.0.2", ports)
        return
    name, here, there = f"nebula{os.getpid()}", f"nb{os.getpid()}a", f"nb{os.getpid()}b"
    _ip("netns", "add", name)
    try:
        _ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", name)
        _ip("address", "add", "198.18.231.1/30", "dev", here)
        _ip("link", "set", here, "up")
        _ip("-n", name, "address", "add", "198.18.231.2/30", "dev", there)
        _ip("-n", name, "link", "set", there, "up")
        yield lambda ports: _reached(["ip", "netns", "exec", name], "198.18.231.1", ports)
    finally:
        _ip("netns", "delete", name)


def listening(*processes):
    """Returns (address, port) of every socket on which processes and those that they started listen."""
    family = [one for process in processes for one in (process, *process.children(recursive=True))]
    return {tuple(c.laddr) for one in family for c in one.net_connections() if c.status == psutil.CONN_LISTEN}


def _reached(prefix, address, ports):
    command = [*prefix, sys.executable, "-c", _CONNECT, address, *map(str, ports)]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    return [int(port) for port, error in (line.split() for line in found.stdout.splitlines()) if error == "0"]


def _ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
