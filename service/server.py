"""The process that answers HTTP, with a manager as its companion."""

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import FrameType

import uvicorn
from fastapi import FastAPI
from filelock import FileLock, Timeout

from nebula.addresses import is_loopback
from nebula.garbage import leave_out_what_is_loaded
from service.accounts import queries
from service.accounts.caller import COMMAND_LINE
from service.accounts.roles import Role
from service.application import create_app
from service.database import Database
from service.database.opening import make_home, opened
from service.errors import SettingsError
from service.settings import Settings
from service.studies.feed import Feed
from service.supervisor import Companion

# What is being answered gets this long to end when the server stops; event streams are ended at once.
_GRACE_SECONDS = 10

_WAITING_CONNECTIONS = 2048

# Random letters and digits of this number are beyond guessing.
_SHORTEST_KEY = 32
_LONGEST_KEY = 200


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
                # Whoever calls could say so of themselves.
                proxy_headers=bool(app.state.parts[Settings].proxies),
                forwarded_allow_ips=app.state.parts[Settings].proxies,
            )
        )
        self._app, self._socket = app, _listen(host, port)

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self._socket.getsockname()[1])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends event streams, which have no end of their own, and then the rest in order."""
        self._app.state.parts[Feed].close()
        await super().shutdown(sockets)

    def answer(self) -> None:
        """Answers until the process is told to stop, by SIGTERM or Ctrl-C, or `should_exit` is set."""
        with asyncio.Runner(loop_factory=self.config.get_loop_factory()) as runner:
            runner.run(self.serve([self._socket]))


def serve(settings: Settings, with_manager: bool = True) -> None:
    """Answers HTTP until the process is told to stop by SIGTERM or Ctrl-C.

    Args:
        settings: Where things are, and where to listen.
        with_manager: Whether a manager works meanwhile, as a companion.

    Raises:
        SettingsError: A setting cannot be used, or another server uses the home folder.
        Unavailable: The database cannot be reached.
    """
    with the_only_one(settings):
        _serve(settings, with_manager)


@contextmanager
def the_only_one(settings: Settings) -> Iterator[None]:
    """Keeps other servers off the home folder, whichever database they use, until the block or the process ends.

    A server clears away what an earlier one left unfinished, and its threads read corpora and seal tests: two of them
    on one home would take each other's work for left over. Managers have a lease of their own.

    Raises:
        SettingsError: Another server uses it, or it cannot be used at all.
    """
    make_home(settings)
    # The system frees the lock when its holder dies.
    lock = FileLock(settings.home / "server.lock", timeout=0, mode=0o644)
    try:
        lock.acquire()
    except Timeout as error:
        raise SettingsError(
            f"home: got {str(settings.home)!r}, which another server uses, expected one server a home; "
            "stop that one, or choose another home"
        ) from error
    except OSError as error:
        raise SettingsError(f"home: {str(settings.home)!r} cannot be written ({error.strerror or error})") from error
    try:
        yield
    finally:
        lock.release()


def _serve(settings: Settings, with_manager: bool) -> None:
    with opened(settings) as database:
        token = admit(database, settings)
    server = Server(create_app(settings), settings.host, settings.port)

    def note(number: int, frame: FrameType | None) -> None:
        server.should_exit = True

    # While it answers, the server handles these signals itself, and raises them again when it has ended, where there is
    # nothing more to do: the manager has yet to be ended in order. What comes before it answers is heeded all the same.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, note)
    with Companion(settings) if with_manager else nullcontext():
        print(_welcome(settings.host, server.port, token), flush=True)
        leave_out_what_is_loaded()
        if not server.should_exit:
            server.answer()


def admit(database: Database, settings: Settings) -> str | None:
    """Makes the key that the settings name valid; returns a new admin key if there is none at all, else None.

    Raises:
        SettingsError: The file cannot be used; or there is no key, and others than this machine can reach the server.
    """
    with database.begin() as session:
        if settings.key_file is not None:
            token = _read_key(settings.key_file)
            if not queries.is_known(session, token):
                queries.create_key(session, COMMAND_LINE, "key file", Role.ADMIN, token)
        if queries.valid_keys(session):
            return None
        if not is_loopback(settings.host):
            raise SettingsError(
                f"host: got {settings.host!r}, which others can reach, and there is no key yet: make one with "
                "'nebula key create NAME --role admin'"
            )
        token = queries.new_token()
        queries.create_key(session, COMMAND_LINE, "first start", Role.ADMIN, token)
        return token


def _welcome(host: str, port: int, token: str | None) -> str:
    name = f"[{host}]" if ":" in host else host
    address = f"http://{name}:{port}/"
    if token is None:
        return f"{address}\nOpen this link, and log in with a key; 'nebula key create NAME' makes one. Ctrl-C ends it."
    return (
        f"{address}?token={token}\n"
        "Open this link: it logs you in. It is not shown again; 'nebula key create NAME' makes more. Ctrl-C ends it."
    )


def _read_key(path: Path) -> str:
    try:
        token = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"key_file: {str(path)!r} cannot be read") from error
    if not _SHORTEST_KEY <= len(token) <= _LONGEST_KEY:
        raise SettingsError(f"key_file: got {len(token)} characters, expected {_SHORTEST_KEY} to {_LONGEST_KEY}")
    return token


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        # Unless the protocol is named, asyncio does not switch the delays of small packets off: 40 ms a request.
        bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(_WAITING_CONNECTIONS)
    except OSError as error:
        raise SettingsError(f"host: {host}:{port} cannot be listened on ({error.strerror or error})") from error
    return bound
