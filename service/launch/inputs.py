"""What a study reads: found by name among the service's own things, never by a path or module that a stranger chose."""

import os
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from nebula import Corpus, Nebula
from nebula.tuning import Space, StudySpec
from service.corpora import tables as corpora
from service.corpora.targets import usable
from service.errors import NotFound, Unprocessable
from service.nebulae.shelf import Shelf
from service.nebulae.tables import KeptNebula
from service.settings import Settings


@dataclass(frozen=True)
class Inputs:
    """A study with what it reads.

    Attributes:
        spec: What to do.
        target: What to resemble; None where variety is sought.
        start: The start nebula.
        others: Recordings of other things, which the report's classifiers tell the target from.
    """

    spec: StudySpec
    target: Corpus | Nebula | None
    start: Nebula
    others: tuple[Corpus, ...] = ()


def resolve(session: Session, spec: StudySpec, settings: Settings) -> Inputs:
    """Returns a study's spec with its target and start opened.

    Args:
        session: To look names up in.
        spec: The study. Its target is the id of a corpus, the name of a nebula, or a path within one of the settings'
            `target_folders`; its others are corpora by the same names, its start is the name of a nebula.
        settings: Where things are, and what is allowed.

    Raises:
        Unprocessable: A target is missing, there is no such thing, it is not allowed, or nothing of it can be held out;
            likewise for others.
        Unavailable: The corpus is still being read.
        CorpusError: The corpus' files cannot be used.
    """
    spec, start = with_start(session, spec, settings)
    if spec.objective == "diversify":
        return Inputs(spec, None, start)
    if spec.target is None:
        raise Unprocessable("target: missing; give the id of a corpus or the name of a nebula")
    others = tuple(_other(session, name, settings) for name in spec.others)
    target = _corpus(session, spec.target, settings)
    if target is not None:
        return Inputs(spec, target, start, others)
    try:
        nebula = Shelf(settings.home).find(session, spec.target)[1]
    except NotFound as error:
        known = "the id of a corpus or the name of a nebula"
        raise Unprocessable(f"target: got {spec.target!r}, expected {known}") from error
    if spec.hold_out is not None:
        raise Unprocessable(f"hold_out: got {spec.hold_out!r} for a target that is a nebula, expected recordings")
    return Inputs(spec, nebula, start, others)


def with_start(session: Session, spec: StudySpec, settings: Settings) -> tuple[StudySpec, Nebula]:
    """Returns a study's spec, which then names its synth unless that is the Voice, and its start.

    Raises:
        Unprocessable: The distance is not allowed, or the start is no nebula of the spec's synth.
        SpecError: A frozen parameter is none of the synth's.
    """
    _check_distance(spec.distance, settings)
    try:
        start = Shelf(settings.home).find(session, spec.search.start)[1]
    except NotFound as error:
        raise Unprocessable(f"search.start: got {spec.search.start!r}, expected the name of a nebula") from error
    if spec.synth not in (None, start.synth):
        raise Unprocessable(f"search.start: got a nebula of the synth {start.synth!r}, expected one of {spec.synth!r}")
    if start.synth != "voice":
        # So that lists can tell what a study is of without looking its start up, which may be gone by then.
        spec = spec.with_changes({"synth": start.synth})
    # Refuses frozen parameters that the synth does not have.
    Space.of(spec, start)
    return spec, start


def hold(session: Session, spec: StudySpec) -> None:
    """Has nobody delete or rename what a study reads until the transaction ends, which enters the study.

    Whoever does so at the same moment is waited for, and what they deleted is then not there.
    """
    nebulae = {spec.search.start, spec.target} - {None}
    for key, names in (
        (corpora.UploadedCorpus.id, nebulae | set(spec.others)),
        (KeptNebula.name, nebulae),
    ):
        held = select(key).where(key.in_(names)).order_by(key)
        session.execute(held.with_for_update(read=True, key_share=True)).all()


def _corpus(session: Session, name: str, settings: Settings) -> Corpus | None:
    """Returns the corpus of that id or at that path, None where there is none or the path is not allowed."""
    if session.get(corpora.UploadedCorpus, name) is not None:
        return usable(session, settings.home, name)
    path = _allowed(name, settings)
    return None if path is None else Corpus.open(path)


def _other(session: Session, name: str, settings: Settings) -> Corpus:
    corpus = _corpus(session, name, settings)
    if corpus is None:
        raise Unprocessable(f"others: got {name!r}, expected the id of a corpus")
    return corpus


def _allowed(target: str, settings: Settings) -> Path | None:
    """Returns the path that a target means, if it is one within a folder that the settings allow."""
    path = Path(target)
    if not path.is_absolute():
        return None
    path = path.resolve()
    folders = [Path(folder).resolve() for folder in settings.target_folders.split(os.pathsep) if folder]
    return path if path.exists() and any(path.is_relative_to(folder) for folder in folders) else None


def _check_distance(name: str, settings: Settings) -> None:
    family, _, module = name.partition(":")
    if family.startswith("hear") and module not in settings.hear_modules.split(","):
        raise Unprocessable(f"distance: got {name!r}, a module that the setting NEBULA_HEAR_MODULES does not name")
