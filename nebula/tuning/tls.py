"""What the processes of a pool show to one another, so that nobody else can join it or give it code to run."""

from dataclasses import dataclass, field
from pathlib import Path

from distributed.security import Security

from nebula.errors import ArgumentError


@dataclass(frozen=True)
class Tls:
    """What a process shows to the others and what it expects of them; each a PEM file's path, or its content.

    Attributes:
        authority: Certificate of the authority that signed everybody's certificate.
        certificate: This process's own.
        key: The certificate's private key.
    """

    authority: Path | str
    certificate: Path | str
    key: Path | str = field(repr=False)

    @classmethod
    def temporary(cls) -> "Tls":
        """Returns a new certificate that nobody else knows; it is kept in memory and handed to workers by a pipe."""
        made = Security.temporary()
        return cls(made.tls_ca_file, made.tls_client_cert, made.tls_client_key)

    @property
    def security(self) -> Security:
        """The same in Dask's terms.

        Raises:
            ArgumentError: A file does not exist.
        """
        for path in (self.authority, self.certificate, self.key):
            if isinstance(path, Path) and not path.is_file():
                raise ArgumentError(f"TLS: got {str(path)!r}, expected the path of a file")
        own = {f"tls_{role}_cert": str(self.certificate) for role in ("client", "scheduler", "worker")}
        keys = {f"tls_{role}_key": str(self.key) for role in ("client", "scheduler", "worker")}
        return Security(require_encryption=True, tls_ca_file=str(self.authority), **own, **keys)


def security_for(scheduler: str, tls: Tls | None) -> Security | None:
    """Returns what to show to a scheduler, in Dask's terms; None without TLS.

    Raises:
        ArgumentError: The address asks for TLS and there is none, or a file does not exist.
    """
    if tls is None and scheduler.startswith("tls://"):
        raise ArgumentError(f"scheduler: got {scheduler!r} without TLS, expected its three files too")
    return tls.security if tls else None
