"""What the environment decides: read once where a process starts, and passed on from there."""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import platformdirs
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.errors import SettingsError

if TYPE_CHECKING:
    from sqlalchemy import URL

    from nebula.tuning import Tls

#: PostgreSQL schema of Optuna's tables.
OPTUNA_SCHEMA = "optuna"

# What a database's URL may begin with.
_DATABASES = ("postgresql", "postgresql+psycopg", "sqlite", "sqlite+pysqlite")


class Settings(BaseSettings):
    """Settings of every process of the service; each is the environment variable `NEBULA_` with its name in capitals.

    Raises:
        SettingsError: From `read`; a value is of the wrong type or out of range.
    """

    model_config = SettingsConfigDict(env_prefix="NEBULA_", frozen=True, extra="ignore")

    home: Annotated[Path, Field(description="Folder of the database, corpora, results and stimuli.")] = (
        platformdirs.user_data_path("nebula")
    )
    database_url: Annotated[
        str, Field(description="SQLAlchemy URL such as postgresql+psycopg://...; empty: SQLite in the home folder.")
    ] = ""
    database_password_file: Annotated[
        Path | None, Field(description="File with the database's password, which the URL then need not hold.")
    ] = None
    host: Annotated[str, Field(description="Address to serve on; beyond loopback a key must exist.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="Port to serve on; 0: any free one.")] = 8000
    key_file: Annotated[
        Path | None, Field(description="File with an admin's key, made valid at the start; for secrets by file.")
    ] = None
    scheduler: Annotated[
        str, Field(description="Address of a Dask scheduler, tcp:// or tls://; empty: workers on this machine.")
    ] = ""
    workers: Annotated[int, Field(ge=0, description="Workers on this machine; 0: one a device.")] = 0
    device: Annotated[str, Field(description="What each worker computes on, cpu or cuda.")] = "cpu"
    corpus_bytes: Annotated[int, Field(ge=1, description="Most bytes in one upload of a corpus.")] = 2**32
    corpus_files: Annotated[int, Field(ge=1, description="Most files in one corpus.")] = 100_000
    silence_seconds: Annotated[float, Field(gt=0, description="A worker silent for this long is taken for lost.")] = 60
    studies_at_once: Annotated[int, Field(ge=1, description="Most studies that run at once and share the pool.")] = 4
    target_folders: Annotated[
        str, Field(description="Folders whose files a study may name as its target by path, separated by ':'.")
    ] = ""
    hear_modules: Annotated[
        str, Field(description="What a study's distance may name behind 'hear:', separated by commas.")
    ] = ""
    plugins: Annotated[
        str, Field(description="Plugin files that a nebula may name behind 'plugin:', separated by ':'.")
    ] = ""
    proxies: Annotated[
        str,
        Field(description="Proxies whose X-Forwarded-For and -Proto are believed: addresses, separated by commas."),
    ] = ""
    tls_ca: Annotated[Path | None, Field(description="PEM file of the authority that all of a pool trust.")] = None
    tls_cert: Annotated[Path | None, Field(description="PEM file of this process's certificate in the pool.")] = None
    tls_key: Annotated[Path | None, Field(description="PEM file of that certificate's private key.")] = None

    @field_validator("database_url")
    @classmethod
    def _of_a_known_database(cls, value: str) -> str:
        if value and parsed_url(value).drivername not in _DATABASES:
            raise ValueError("expected postgresql+psycopg://USER@HOST/NAME or sqlite:///PATH")
        return value

    @classmethod
    def read(cls, **changes: Any) -> "Settings":
        """Returns the settings of this environment, with those given by name instead of the environment's."""
        try:
            return cls(**changes)
        except ValidationError as error:
            problem = error.errors()[0]
            name = "NEBULA_" + "_".join(str(part) for part in problem["loc"]).upper()
            # A URL's password is nothing for a terminal or a log.
            got = re.sub(r"(//[^/@]*?:)[^/@]*@", r"\1***@", repr(problem["input"]))
            message = problem["msg"].removeprefix("Value error, ")
            raise SettingsError(f"{name}: got {got}, {message[0].lower()}{message[1:]}") from error

    def environment(self) -> dict[str, str]:
        """Returns the environment in which another process reads these settings."""
        values = self.model_dump(exclude_none=True)
        return {f"NEBULA_{name.upper()}": str(value) for name, value in values.items()}

    def allow_plugins(self) -> None:
        """Has this process load the plugins that these settings name, and no others."""
        # Synthesizers come with torch, which most processes need not load at their start.
        from nebula import synths

        synths.allow_plugins(path for path in self.plugins.split(os.pathsep) if path)

    @property
    def database(self) -> str:
        """SQLAlchemy URL of the database.

        Raises:
            SettingsError: The password's file cannot be read.
        """
        if not self.database_url:
            return f"sqlite:///{self.home / 'nebula.db'}"
        if self.database_password_file is None:
            return self.database_url
        try:
            password = self.database_password_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"NEBULA_DATABASE_PASSWORD_FILE: {str(self.database_password_file)!r} cannot be read"
            ) from error
        return parsed_url(self.database_url).set(password=password).render_as_string(hide_password=False)

    @property
    def tls(self) -> "Tls | None":
        """What this process shows to others of its pool, None without TLS.

        Raises:
            SettingsError: Only a part of it is set.
        """
        # Dask, which comes with it, takes a second to load that most processes need not spend.
        from nebula.tuning import Tls

        paths = [path for path in (self.tls_ca, self.tls_cert, self.tls_key) if path is not None]
        if paths and len(paths) < 3:
            names = "NEBULA_TLS_CA, NEBULA_TLS_CERT, NEBULA_TLS_KEY"
            raise SettingsError(f"{names}: got {len(paths)} of them, expected all three or none")
        return Tls(*paths) if paths else None

    @property
    def optuna_storage(self) -> str:
        """SQLAlchemy URL of Optuna's tables: a schema of the same PostgreSQL, or a SQLite file, of their own.

        A file of their own, since SQLite has one writer at a time and the manager enters trials all the while. A schema
        of their own, since both have tables called studies and trials.
        """
        if not self.database_url:
            return f"sqlite:///{self.home / 'optuna.db'}"
        options = {"options": f"-csearch_path={OPTUNA_SCHEMA}"}
        return parsed_url(self.database).update_query_dict(options).render_as_string(hide_password=False)


def parsed_url(url: str) -> "URL":
    """Returns the parts of a database's URL.

    Raises:
        ValueError: It is none.
    """
    # Imported here, because SQLAlchemy takes long to load, and a home folder with SQLite needs no URL.
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url)
    except ArgumentError as error:
        raise ValueError("expected postgresql+psycopg://USER@HOST/NAME or sqlite:///PATH") from error
