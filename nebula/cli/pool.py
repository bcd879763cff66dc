"""Options of commands that work on a pool, and the pool that they say."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nebula.errors import ArgumentError

if TYPE_CHECKING:
    from nebula.tuning import Workers

SchedulerOption = Annotated[str | None, typer.Option(help="Dask scheduler to use, tls://HOST:8786.")]
WorkersOption = Annotated[int | None, typer.Option(min=1, help="Local workers; one a device if not given.")]
TlsCaOption = Annotated[Path | None, typer.Option(envvar="NEBULA_TLS_CA", help="PEM file of the pool's authority.")]
TlsCertOption = Annotated[Path | None, typer.Option(envvar="NEBULA_TLS_CERT", help="PEM file of a certificate.")]
TlsKeyOption = Annotated[Path | None, typer.Option(envvar="NEBULA_TLS_KEY", help="PEM file of its private key.")]


def chosen_workers(
    count: int | None,
    device: str,
    scheduler: str | None,
    tls_ca: Path | None,
    tls_cert: Path | None,
    tls_key: Path | None,
) -> "Workers":
    """Returns the workers that these options say.

    Args:
        count: How many are started here, without a scheduler.
        device: What each computes on.
        scheduler: Address of a scheduler whose workers are used instead.
        tls_ca: File of the pool's authority.
        tls_cert: File of this process's certificate.
        tls_key: File of its key.

    Raises:
        ArgumentError: Some but not all files of TLS are given.
    """
    # Imported here, because Dask takes a second to load that help need not spend.
    from nebula.tuning import Tls, Workers

    files = [path for path in (tls_ca, tls_cert, tls_key) if path is not None]
    if files and len(files) < 3:
        raise ArgumentError(f"TLS: got {len(files)} of its files, expected --tls-ca, --tls-cert and --tls-key or none")
    return Workers(count, device, scheduler, Tls(*files) if files and scheduler is not None else None)
