"""The process that answers HTTP."""

import asyncio
import ipaddress
import logging
import socket

import uvicorn
from fastapi import FastAPI

from service.accounts import queries
from service.accounts.caller import COMMAND_LINE
from service.accounts.roles import Role
from service.database import Database
from service.errors import SettingsError

_log = logging.getLogger("service.server")

# What is being answered gets this long to end when the server stops; event streams are ended at once.
_GRACE_SECONDS = 10

_WAITING_CONNECTIONS = 2048


class Server(uvicorn.Server):
    """Answers HTTP until it is told to stop.

    Args:
        app: What answers.
        host: Address to listen on.
        port: Port to listen on; 0 takes any free one.

    Raises:
        SettingsError: The address cannot be listened on.
    """

    def __init__(self, app: FastAPI, host: str, port: int) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                # The envelope writes the access log, and says who serves to nobody.
                access_log=False,
                server_header=False,
                log_config=None,
                timeout_graceful_shutdown=_GRACE_SECONDS,
            )
        )
        self._app, self._socket = app, _listen(host, port)

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self._socket.getsockname()[1])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends event streams, which have no end of their own, and then the rest in order."""
        self._app.state.feed.close()
        await super().shutdown(sockets)

    def answer(self) -> None:
        """Answers until the process is told to stop, by SIGTERM or Ctrl-C, or `should_exit` is set."""
        asyncio.run(self.serve([self._socket]))


def first_key(database: Database, host: str) -> str | None:
    """Returns a new admin key if there is none yet and only this machine can reach the server, None if there is one.

    Raises:
        SettingsError: There is none, and others can reach the server.
    """
    with database.begin() as session:
        if queries.valid_keys(session):
            return None
        if not is_loopback(host):
            raise SettingsError(
                f"host: got {host!r}, which others can reach, and there is no key yet: make one with "
                "'nebula key create NAME --role admin'"
            )
        token = queries.new_token()
        queries.create_key(session, COMMAND_LINE, "first start", Role.ADMIN, token)
        return token


def is_loopback(host: str) -> bool:
    """Returns whether only this machine can reach the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_WAITING_CONNECTIONS)
    except OSError as error:
        raise SettingsError(f"host: {host}:{port} cannot be listened on ({error.strerror or error})") from error
    return listener
