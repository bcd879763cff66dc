"""All nebulae by name, wherever they come from.

A nebula that a study found goes by the study's id; no name that people choose looks like one.
"""

import json
import re
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path

from sqlalchemy.orm import Session

from nebula import Nebula, synths
from nebula.nebulae import UNIFORM
from service.errors import NotFound, Unprocessable
from service.nebulae import queries
from service.nebulae.tables import KeptNebula
from service.studies.results import study_folder
from service.studies.tables import Study

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}")
_SYNTH = re.compile(r'"synth": ("(?:[^"\\\\]|\\\\.)*")')
_HEAD = 4096
_STUDY_ID = re.compile(r"[0-9a-f]{16}")

#: Words that have a meaning of their own where a name could stand.
RESERVED = frozenset({"compare", "preview"})


class Origin(StrEnum):
    """Where a nebula comes from."""

    SHIPPED = "shipped"  #: a file of the package
    FOUND = "found"  #: what a study found
    KEPT = "kept"  #: imported or saved by people


@dataclass(frozen=True)
class Shelved:
    """A nebula on the shelf.

    Attributes:
        name: What it is asked for by.
        title: What people call it.
        synth: Name of the synthesizer whose sounds these are.
        origin: Where it comes from.
        study_id: The study that found it, if any.
        created_at: When it was made; None if it was shipped.
    """

    name: str
    title: str
    synth: str
    origin: Origin
    study_id: str | None = None
    created_at: datetime | None = None


class Shelf:
    """Nebulae by name.

    Args:
        home: The home folder, in which studies leave their files.
    """

    def __init__(self, home: Path) -> None:
        self._home = home

    def all(self, session: Session) -> list[Shelved]:
        """Returns every nebula: the shipped ones, those that people keep, then those found, the newest first."""
        shipped = [Shelved(name, name, synth_of(name), Origin.SHIPPED) for name in Nebula.shipped()]
        uniform = [(uniform_name(synth), synth) for synth in synths.names() if synth != "voice"]
        shipped += [Shelved(name, name, synth, Origin.SHIPPED) for name, synth in uniform]
        kept = [shelved(row) for row in queries.kept(session)]
        found = [
            Shelved(study.id, study.name, study.synth, Origin.FOUND, study.id, study.ended_at)
            for study in queries.ended_studies(session)
            if self._found(study.id).exists()
        ]
        return shipped + kept + found

    def find(self, session: Session, name: str) -> tuple[Shelved, Nebula]:
        """Returns a nebula and where it comes from.

        Raises:
            NotFound: There is none of that name.
        """
        if name in Nebula.shipped():
            return Shelved(name, name, synth_of(name), Origin.SHIPPED), Nebula.load(name)
        synth = uniform_of(name)
        if synth is not None:
            return Shelved(uniform_name(synth), uniform_name(synth), synth, Origin.SHIPPED), Nebula.uniform(synth)
        # What cannot be a name is not asked for: PostgreSQL takes no text with a zero character.
        kept = session.get(KeptNebula, name) if _NAME.fullmatch(name) else None
        if kept is not None:
            return shelved(kept), content(kept)
        study = session.get(Study, name) if _STUDY_ID.fullmatch(name) else None
        if study is not None and self._found(name).exists():
            found = replace(Nebula.load(self._found(name)), name=study.name)
            return Shelved(name, study.name, found.synth, Origin.FOUND, name, study.ended_at), found
        raise NotFound(f"nebula {name!r}: there is none")

    def _found(self, study_id: str) -> Path:
        return study_folder(self._home, study_id) / "nebula.json"


def uniform_name(synth: str) -> str:
    """Returns what the nebula of a synth that leaves every draw uniform is asked for by; the Voice's is `uniform`."""
    return f"{UNIFORM}-{synth}"


def uniform_of(name: str) -> str | None:
    """Returns the synth whose uniform nebula a name means: `uniform-SYNTH`, or `SYNTH/uniform` as specs have it."""
    for synth in synths.names():
        if name in (uniform_name(synth), f"{synth}/{UNIFORM}"):
            return synth
    return None


@cache
def synth_of(shipped: str) -> str:
    """Returns the name of the synthesizer of a shipped nebula."""
    return Nebula.load(shipped).synth


def shelved(kept: KeptNebula) -> Shelved:
    """Returns how a nebula that was imported or saved stands on the shelf."""
    # Our form says its synth at its beginning; torchsynth's is the Voice's.
    named = _SYNTH.search(kept.content[:_HEAD]) if kept.content.startswith("{") else None
    synth = json.loads(named[1]) if named else "voice"
    return Shelved(kept.name, kept.name, synth, Origin.KEPT, None, kept.created_at)


def content(kept: KeptNebula) -> Nebula:
    """Returns the nebula that was imported or saved."""
    return Nebula.from_json(kept.content, kept.name, correlation=kept.correlation)


def check_name(name: str) -> str:
    """Returns a name that people chose, once it is known that it can be used.

    Raises:
        Unprocessable: It cannot.
    """
    if not _NAME.fullmatch(name):
        raise Unprocessable(f"name: got {name[:80]!r}, expected up to 64 letters, digits, spaces, dots, - or _")
    if name in Nebula.shipped() or name in RESERVED or uniform_of(name) is not None or _STUDY_ID.fullmatch(name):
        raise Unprocessable(f"name: got {name!r}, which is taken for something else; choose another")
    return name
