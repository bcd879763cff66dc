"""Commands of the service: they join `nebula` through the entry-point group `nebula.commands`.

Each is a thin function over a room of the service, which is imported when the command runs: `nebula --help` and the
commands that need no service start as fast as without it.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nebula.extras import EXTRAS
from service.accounts.roles import Role
from service.errors import ServiceError

if TYPE_CHECKING:
    from service.settings import Settings

keys = typer.Typer(name="key", help="Make, list and revoke the API keys of the service.", no_args_is_help=True)

TlsOption = Annotated[Path | None, typer.Option(help="PEM file; by default the setting NEBULA_TLS_...")]
TrustOption = Annotated[
    bool, typer.Option("--trusted-network", help="Without TLS, where whoever reaches the network may run code here.")
]


def join(app: typer.Typer) -> None:
    """Adds the service's commands to the application."""
    app.command()(serve)
    app.command()(manager)
    app.command()(worker)
    app.command()(scheduler)
    app.command()(backup)
    app.command()(restore)
    app.add_typer(keys)
    app.command("audit-blinding")(audit_blinding)


@contextmanager
def reported() -> Iterator[None]:
    """Ends the process with one line on standard error where the service raises one of its errors, or is not there."""
    try:
        yield
    except ServiceError as error:
        print(f"nebula: {' '.join(str(error).split())}", file=sys.stderr)
        raise typer.Exit(1) from error
    except ModuleNotFoundError as error:
        # What the service shares with studies would be called theirs otherwise.
        module = (error.name or "").partition(".")[0]
        if module not in EXTRAS:
            raise
        print(f"nebula: {module} is not installed: pip install 'nebula[service]'", file=sys.stderr)
        raise typer.Exit(1) from error


HomeOption = Annotated[Path | None, typer.Option(help="Folder of the database and all files.")]
SchedulerOption = Annotated[str | None, typer.Option(help="Dask scheduler to use, tcp://HOST:8786.")]


def serve(
    home: HomeOption = None,
    host: Annotated[str | None, typer.Option(help="Address to serve on; beyond loopback a key must exist.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to serve on; 0: any free one.")] = None,
    scheduler: SchedulerOption = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Local workers; one a device if not given.")] = None,
    device: Annotated[str | None, typer.Option(help="What each worker computes on, such as cpu or cuda.")] = None,
    with_manager: Annotated[
        bool, typer.Option("--manager/--no-manager", help="Also run a manager; else run `nebula manager` elsewhere.")
    ] = True,
) -> None:
    """Serve everything from this machine until it is stopped; options replace settings of the environment."""
    from service.api.logs import configure_logs

    configure_logs()
    with reported():
        from service.server import serve as run

        settings = _settings(home=home, host=host, port=port, scheduler=scheduler, workers=workers, device=device)
        run(settings, with_manager)


def manager(
    home: HomeOption = None,
    scheduler: SchedulerOption = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Local workers; one a device if not given.")] = None,
    device: Annotated[str | None, typer.Option(help="What each worker computes on, such as cpu or cuda.")] = None,
) -> None:
    """Work on the studies of a service until it is stopped; options replace settings of the environment."""
    from service.api.logs import configure_logs

    configure_logs()
    with reported():
        from service.manager.process import serve

        serve(_settings(home=home, scheduler=scheduler, workers=workers, device=device))


def worker(
    address: Annotated[str, typer.Argument(metavar="SCHEDULER", help="tcp://HOST:8786, or tls://HOST:8786.")],
    workers: Annotated[int | None, typer.Option(min=1, help="How many; one a device if not given.")] = None,
    device: Annotated[str, typer.Option(help="What each worker computes on, such as cpu or cuda.")] = "cpu",
    tls_ca: TlsOption = None,
    tls_cert: TlsOption = None,
    tls_key: TlsOption = None,
    trusted_network: TrustOption = False,
) -> None:
    """Lend this machine to a pool: one worker per GPU or core, until it is stopped. A dead worker is started again."""
    with reported():
        settings = _settings(tls_ca=tls_ca, tls_cert=tls_cert, tls_key=tls_key)
        from nebula.tuning import serve_workers

        serve_workers(address, workers, device, settings.tls, trusted_network)


def scheduler(
    host: Annotated[str, typer.Option(help="Address to listen on; beyond loopback use TLS.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8786,
    tls_ca: TlsOption = None,
    tls_cert: TlsOption = None,
    tls_key: TlsOption = None,
    trusted_network: TrustOption = False,
) -> None:
    """Run the scheduler of a pool that spans machines, until it is stopped."""
    with reported():
        settings = _settings(tls_ca=tls_ca, tls_cert=tls_cert, tls_key=tls_key)
        from nebula.tuning import serve_scheduler

        serve_scheduler(host, port, settings.tls, settings.silence_seconds, trusted_network)


def backup(
    file: Annotated[Path, typer.Argument(help="Archive to write; nothing may be there yet.")], home: HomeOption = None
) -> None:
    """Back the database and all files up into one archive, while everything runs."""
    from nebula.cli.terminal import progress_bar

    with reported(), progress_bar("backing up") as advance:
        from service.backup import backup as write_backup

        write_backup(_settings(home=home), file, advance)
    print(file)


def restore(
    file: Annotated[Path, typer.Argument(help="Archive that `nebula backup` has written.")], home: HomeOption = None
) -> None:
    """Put a backup back, into an empty home folder and an empty database."""
    with reported():
        from service.backup import restore as read_backup

        settings = _settings(home=home)
        read_backup(settings, file)
    print(settings.home)


def _settings(**changes: object) -> "Settings":
    """Returns the settings of the environment, with the options that were given instead."""
    from service.settings import Settings

    return Settings.read(**{name: value for name, value in changes.items() if value is not None})


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="Whose or what for.")],
    role: Annotated[Role, typer.Option(help="What it allows.")] = Role.VIEWER,
    home: HomeOption = None,
) -> None:
    """Make a key and print it, once: only a digest of it is kept."""
    with reported():
        from service.accounts import commands

        print(commands.create(_settings(home=home), name, role))


@keys.command("list")
def list_keys(
    home: HomeOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """List keys, those that ended too, the newest first."""
    with reported():
        from service.accounts import commands

        commands.show(_settings(home=home), as_json)


@keys.command("revoke")
def revoke_key(
    key: Annotated[str, typer.Argument(metavar="ID", help="As `nebula key list` shows it.")], home: HomeOption = None
) -> None:
    """End a key, and with it every browser session that it began."""
    with reported():
        from service.accounts import commands

        print(f"key {commands.revoke(_settings(home=home), key)!r} ended")


def audit_blinding(
    test: Annotated[str, typer.Argument(metavar="ID", help="Of a sealed listening test.")],
    home: HomeOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of sentences.")] = False,
) -> None:
    """Look for anything in a listening test that could tell which sound is which; the server does it before it opens.

    Exit status: 0 nothing leaks, 1 something does.
    """
    import json
    from dataclasses import asdict

    from service.errors import Conflict

    with reported():
        from service.database.opening import opened
        from service.listening import queries
        from service.listening.audit import CHECKS, audit, unaudited
        from service.listening.store import StimulusStore

        settings = _settings(home=home)
        with opened(settings) as database, database.read() as session:
            sealed = queries.find(session, test)
            if sealed.key_map is None:
                raise Conflict(f"listening test {test!r}: is {sealed.state.value}, expected sealed or later")
            findings = audit(sealed, StimulusStore(settings.home))
            remarks = unaudited(queries.spec_of(sealed))
    if as_json:
        found = {"passed": not findings, "findings": [asdict(finding) for finding in findings], "remarks": remarks}
        print(json.dumps(found, indent=2))
    else:
        for remark in remarks:
            print(f"remark: {remark}")
        for finding in findings:
            print(f"{finding.check}: {finding.message}")
        print("something leaks" if findings else f"nothing leaks ({', '.join(CHECKS)})")
    if findings:
        raise typer.Exit(1)
