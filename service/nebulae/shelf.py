"""All nebulae by name, wherever they come from.

A nebula that a study found goes by the study's id; no name that people choose looks like one.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cache, partial
from pathlib import Path, PurePath

from sqlalchemy.orm import Session

from nebula import Nebula, synths
from nebula.nebulae import UNIFORM
from service.errors import NotFound, Unprocessable
from service.nebulae import queries
from service.nebulae.descriptions import OF_UNIFORM, describe
from service.nebulae.tables import KeptNebula
from service.studies.results import study_folder
from service.studies.tables import Study

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}")
_SYNTH = re.compile(r'"synth": ("(?:[^"\\\\]|\\\\.)*")')
_HEAD = 4096
_PLUGIN = "plugin:"
_STUDY_ID = re.compile(r"[0-9a-f]{16}")

#: Words that have a meaning of their own where a name could stand.
RESERVED = frozenset({"compare", "preview", "surroundings", "variations"})


class Origin(StrEnum):
    """Where a nebula comes from."""

    SHIPPED = "shipped"  #: a file of the package
    FOUND = "found"  #: what a study found
    KEPT = "kept"  #: imported or saved by people


@dataclass(frozen=True)
class Forebear:
    """What a nebula was saved from.

    Attributes:
        name: What that one is asked for by; None if it is not there any more.
        title: What people call it.
    """

    name: str | None
    title: str


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
        saved_from: The nebula that it was shaped from, if any.
        description: What it is, of those that ship; else empty.
    """

    name: str
    title: str
    synth: str
    origin: Origin
    study_id: str | None = None
    created_at: datetime | None = None
    saved_from: Forebear | None = None
    description: str = ""


class Shelf:
    """Nebulae by name.

    Args:
        home: The home folder, in which studies leave their files.
    """

    def __init__(self, home: Path) -> None:
        self._home = home

    def all(self, session: Session) -> list[Shelved]:
        """Returns every nebula: the shipped ones, those that people keep, then those found, the newest first."""
        shipped = [_shipped(name) for name in Nebula.shipped()]
        shipped += [_uniform(synth) for synth in (*synths.names(), *synths.allowed_plugins()) if synth != "voice"]
        found = [
            Shelved(study.id, study.name, study.synth, Origin.FOUND, study.id, study.ended_at)
            for study in queries.ended_studies(session)
            if self._found(study.id).exists()
        ]
        rows = queries.kept(session)
        titles = {entry.name: entry.title for entry in shipped + found} | {row.name: row.name for row in rows}
        return shipped + [shelved(row, titles.get) for row in rows] + found

    def find(self, session: Session, name: str) -> tuple[Shelved, Nebula]:
        """Returns a nebula and where it comes from.

        Raises:
            NotFound: There is none of that name.
        """
        if name in Nebula.shipped():
            return _shipped(name), Nebula.load(name)
        # What cannot be a name is not asked for: PostgreSQL takes no text with a zero character.
        kept = session.get(KeptNebula, name) if _NAME.fullmatch(name) else None
        if kept is not None:
            return shelved(kept, partial(self._title, session)), content(kept)
        synth = uniform_of(name)
        if synth is not None:
            return _uniform(synth), Nebula.uniform(synth)
        study = self._study(session, name)
        if study is not None:
            found = replace(Nebula.load(self._found(name)), name=study.name)
            return Shelved(name, study.name, found.synth, Origin.FOUND, name, study.ended_at), found
        raise NotFound(f"nebula {name!r}: there is none")

    def _title(self, session: Session, name: str) -> str | None:
        """What people call a nebula, None where it is not there any more."""
        if (study := self._study(session, name)) is not None:
            return study.name
        is_there = name in Nebula.shipped() or uniform_of(name) is not None or session.get(KeptNebula, name) is not None
        return name if is_there else None

    def _study(self, session: Session, name: str) -> Study | None:
        study = session.get(Study, name) if _STUDY_ID.fullmatch(name) else None
        return study if study is not None and self._found(name).exists() else None

    def _found(self, study_id: str) -> Path:
        return study_folder(self._home, study_id) / "nebula.json"


def uniform_name(synth: str) -> str:
    """Returns what the nebula of a synth that leaves every draw uniform is asked for by; the Voice's is `uniform`.

    A plugin's has the name of its file alone: addresses hold no folders.
    """
    plugin = synth.removeprefix(_PLUGIN)
    return f"{UNIFORM}-{synth}" if plugin == synth else f"{UNIFORM}-{_PLUGIN}{PurePath(plugin).name}"


def uniform_of(name: str) -> str | None:
    """Returns the synth whose uniform nebula a name means: `uniform-SYNTH`, or `SYNTH/uniform` as specs have it.

    That is a synth that is listed, a plugin that is allowed, or a member of a family.
    """
    for synth in (*synths.names(), *synths.allowed_plugins()):
        if name in (uniform_name(synth), f"{synth}/{UNIFORM}"):
            return synth
    for member in (name.removeprefix(f"{UNIFORM}-"), name.removesuffix(f"/{UNIFORM}")):
        if member != name and synths.is_member(member):
            return member
    return None


@cache
def synth_of(shipped: str) -> str:
    """Returns the name of the synthesizer of a shipped nebula."""
    return Nebula.load(shipped).synth


def _shipped(name: str) -> Shelved:
    return Shelved(name, name, synth_of(name), Origin.SHIPPED, description=describe(name))


def _uniform(synth: str) -> Shelved:
    name = uniform_name(synth)
    return Shelved(name, name, synth, Origin.SHIPPED, description=OF_UNIFORM)


def shelved(kept: KeptNebula, title_of: Callable[[str], str | None]) -> Shelved:
    """Returns how a nebula that was imported or saved stands on the shelf.

    Args:
        kept: The nebula.
        title_of: Returns what people call a nebula, None where there is none of that name.
    """
    # Our form says its synth at its beginning; torchsynth's is the Voice's.
    named = _SYNTH.search(kept.content[:_HEAD]) if kept.content.startswith("{") else None
    synth = json.loads(named[1]) if named else "voice"
    return Shelved(kept.name, kept.name, synth, Origin.KEPT, None, kept.created_at, _source(kept, title_of))


def _source(kept: KeptNebula, title_of: Callable[[str], str | None]) -> Forebear | None:
    title = None if kept.parent is None else title_of(kept.parent)
    if title is not None:
        return Forebear(kept.parent, title)
    return Forebear(None, kept.parent_title) if kept.parent_title else None


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
