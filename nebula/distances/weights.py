"""Trained weights that are not ours to ship: which files there are, where they lie, how they get there.

OpenL3's files come from the `models` branch of its repository. Git names a file by a hash of its content, so the branch
itself says what each file must be; that is checked after every download and by `verify`. Files are kept as they were
published, under the user's cache folder. pooch, which downloads and checks files too, continues no interrupted download
and knows no blob ids of git.
"""

import contextlib
import hashlib
import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import platformdirs
from filelock import FileLock

from nebula.errors import ArgumentError, WeightsError

#: Seconds without a byte after which a server is given up.
TIMEOUT_SECONDS = 30.0

#: Bytes read at a time.
BLOCK_BYTES = 2**18

_OPENL3_SOURCE = "https://raw.githubusercontent.com/marl/openl3/models"

#: Told the number of bytes done, and in all if that is known.
ByteWatcher = Callable[[int, int | None], None]


class WeightsState(Enum):
    """What is known about a weights file on this machine."""

    MISSING = "missing"
    """It is not there."""
    PARTIAL = "partial"
    """A part of it is there; `fetch` continues."""
    UNCHECKED = "present"
    """It is there; its content was not looked at."""
    VERIFIED = "verified"
    """It is there and its content is the published one."""
    DAMAGED = "damaged"
    """It is there and its content is not the published one."""


@dataclass(frozen=True)
class WeightsFile:
    """A published file of weights.

    Attributes:
        group: What needs it; the argument of `nebula weights fetch`.
        name: Its name.
        source: Address of the folder it is published in.
        blob_id: Git's SHA-1 of its content, in hexadecimal.
    """

    group: str
    name: str
    source: str
    blob_id: str

    def path(self, folder: Path | None = None) -> Path:
        """Where the file belongs on this machine.

        Args:
            folder: Instead of `default_folder()`.
        """
        return (folder or default_folder()) / self.name

    def state(self, folder: Path | None = None, *, check: bool = False) -> WeightsState:
        """Returns what is there of the file.

        Args:
            folder: Instead of `default_folder()`.
            check: Whether to read the whole file and compare it with the published one.
        """
        path = self.path(folder)
        if not path.exists():
            return WeightsState.PARTIAL if _partial(path).exists() else WeightsState.MISSING
        if not check:
            return WeightsState.UNCHECKED
        return WeightsState.VERIFIED if blob_id(path) == self.blob_id else WeightsState.DAMAGED


def _openl3(input_repr: str, content_type: str, blob: str) -> WeightsFile:
    return WeightsFile("openl3", f"openl3_audio_{input_repr}_{content_type}-v0_4_0.h5.gz", _OPENL3_SOURCE, blob)


#: Every file that is known, with the hash that the published branch gives it.
FILES = (
    _openl3("mel256", "music", "15e483646fa3d4091a463f0affbb706e6bbbb098"),
    _openl3("mel256", "env", "34dbd7a91cdd2de6a3d6d036ac0a24d27d78e3cc"),
    _openl3("mel128", "music", "73ff29de441865318c4b3a3f98c40763c4773e7c"),
    _openl3("mel128", "env", "8c3dfee140f7776373841e5938a3e76c54f28942"),
    _openl3("linear", "music", "4e2e61beb17865481c8b8791c72eac8307e2753a"),
    _openl3("linear", "env", "7837407f033f3564c7e8d53fc4a4241fe160478b"),
)


def default_folder() -> Path:
    """The folder for weights: `weights` in the user's cache folder for nebula."""
    return platformdirs.user_cache_path("nebula") / "weights"


def choose(names: Sequence[str]) -> tuple[WeightsFile, ...]:
    """The files of these groups, or of these names.

    Args:
        names: Groups and file names; none at all chooses every file.

    Raises:
        ArgumentError: A name is neither.
    """
    known = {file.group for file in FILES} | {file.name for file in FILES}
    for name in names:
        if name not in known:
            raise ArgumentError(f"weights: got {name!r}, expected one of {', '.join(sorted(known))}")
    return tuple(file for file in FILES if not names or file.group in names or file.name in names)


def find(name: str, folder: Path | None = None) -> Path:
    """The path of a file that is there.

    Args:
        name: Name of one of `FILES`.
        folder: Instead of `default_folder()`.

    Raises:
        WeightsError: It is not there; the message says how to get it, with a network and without.
    """
    (file,) = choose([name])
    path = file.path(folder)
    if not path.exists():
        raise WeightsError(
            f"{name} is missing: run `nebula weights fetch {name}`, or put {file.source}/{name} at {path} by hand"
        )
    return path


def fetch(file: WeightsFile, folder: Path | None = None, watcher: ByteWatcher = lambda done, total: None) -> bool:
    """Downloads a file unless it is there already; returns whether it had to be downloaded.

    What an interrupted download left is continued where the server allows it. The file appears under its name only when
    it is whole and its content is the published one. Two processes that fetch one file take turns.

    Args:
        file: What to download.
        folder: Where to; `default_folder()` if not given.
        watcher: Told the number of bytes done, and in all if the server says.

    Raises:
        WeightsError: The server cannot be reached, answers with an error or breaks off, or the content is not the
            published one.
        OSError: The folder cannot be written, the disk is full, and the like.
    """
    path = file.path(folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = _partial(path)
    with FileLock(f"{path}.lock"):
        if file.state(folder, check=True) is WeightsState.VERIFIED:
            return False
        _download(file, path, partial, watcher)
        found = blob_id(partial)
        if found != file.blob_id:
            partial.unlink()
            raise WeightsError(
                f"{file.name}: got git blob id {found} from {file.source}, expected {file.blob_id}; it was deleted"
            )
        partial.replace(path)
    return True


def blob_id(path: Path) -> str:
    """Git's name for the content of a file: SHA-1 over its length and its bytes, in hexadecimal.

    Args:
        path: The file.
    """
    digest = hashlib.sha1(usedforsecurity=False)
    with path.open("rb") as content:
        digest.update(b"blob %d\0" % os.fstat(content.fileno()).st_size)
        while block := content.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _download(file: WeightsFile, path: Path, partial: Path, watcher: ByteWatcher) -> None:
    """Brings the partial file to the length of the published one."""
    have = partial.stat().st_size if partial.exists() else 0
    address = f"{file.source}/{file.name}"
    # The bytes are wanted as they are published: a proxy that packs them once more would change the hash.
    request = urllib.request.Request(address, headers={"Accept-Encoding": "identity"})
    if have:
        request.add_header("Range", f"bytes={have}-")
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            continues = answer.status == 206 and (answer.headers["Content-Range"] or "").startswith(f"bytes {have}-")
            done = have if continues else 0
            length = answer.headers["Content-Length"]
            total = done + int(length) if length else None
            with partial.open("ab" if continues else "wb") as target:
                while block := answer.read(BLOCK_BYTES):
                    target.write(block)
                    done += len(block)
                    watcher(done, total)
                target.flush()
                os.fsync(target.fileno())
            if total is not None and done < total:
                raise WeightsError(_advice(file, path, f"broke off after {done} of {total} bytes; fetch continues"))
    except urllib.error.HTTPError as error:
        with contextlib.closing(error):
            if error.code == 416:
                # Nothing beyond what is there: whole, or of another file; the hash will tell.
                return
            raise WeightsError(_advice(file, path, f"answered {error.code} {error.reason}")) from error
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", error)
        raise WeightsError(_advice(file, path, f"could not be reached or broke off ({reason})")) from error


def _advice(file: WeightsFile, path: Path, what: str) -> str:
    address = f"{file.source}/{file.name}"
    return f"{address} {what}; run the command again, or download it elsewhere and put it at {path}"


def _partial(path: Path) -> Path:
    return path.with_name(path.name + ".part")
