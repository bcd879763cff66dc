"""What a study has found so far, from what the manager has told of it."""

from pathlib import Path

from sqlalchemy.orm import Session

from nebula import Nebula
from nebula.errors import NebulaError, NebulaFileError
from nebula.tuning import Space, StudySpec
from service.corpora.tables import UploadedCorpus
from service.errors import NotFound, Unavailable
from service.findings.schemas import (
    BestAnswer,
    FinalistAnswer,
    FindingsAnswer,
    ImportanceAnswer,
    ShapeAnswer,
    TargetAnswer,
)
from service.findings.verdict import verdict
from service.nebulae.shelf import Shelf
from service.studies import queries as studies
from service.studies.results import best_path
from service.studies.tables import Study


def findings(session: Session, home: Path, study: Study) -> FindingsAnswer:
    """Returns what a study has found so far."""
    spec = StudySpec.parse(study.spec, study.name)
    start_name, start = _shelved(session, home, spec.search.start)
    _, found = _shelved(session, home, study.id)
    tuned = [start is None] * (0 if start is None else len(start.panel))
    if start is not None:
        for column in Space.of(spec, start).columns:
            tuned[column] = True
    told = studies.last_told(session, study.id, "best")
    best = None
    if told is not None and best_path(home, study.id).exists():
        nebula = best_nebula(home, study)
        best = BestAnswer(
            curves=list(nebula.curves), falls=list(nebula.falls), symmetric=list(nebula.symmetric), **told.data
        )
    importance = studies.last_told(session, study.id, "importance")
    shares = importance.data["shares"] if importance else {}
    # A candidate is re-scored again after a crash; the last time counts.
    told_finalists = {event.data["origin"]: event.data for event in studies.told(session, study.id, "finalist")}
    finalists = [
        FinalistAnswer.model_validate(data)
        for data in sorted(told_finalists.values(), key=lambda data: spec.loss(data["mean"]))
    ]
    target = _target(session, home, spec)
    return FindingsAnswer(
        synth=study.synth,
        target=target,
        start=None if start is None else ShapeAnswer.model_validate(start),
        start_name=start_name,
        tuned=tuned,
        best=best,
        found=None if found is None else ShapeAnswer.model_validate(found),
        importance=[
            ImportanceAnswer(name=name, share=share)
            for name, share in sorted(shares.items(), key=lambda pair: -pair[1])
        ],
        finalists=finalists,
        verdict=verdict(home, study, spec, "its target" if target is None else target.title, finalists),
    )


def best_nebula(home: Path, study: Study) -> Nebula:
    """Returns the best nebula of a study's trials so far.

    Raises:
        NotFound: There is no trial yet.
        Unavailable: A better one is being written at this moment.
    """
    path = best_path(home, study.id)
    if not path.exists():
        raise NotFound(f"study {study.id!r}: has no trial yet")
    try:
        return Nebula.load(path)
    except NebulaFileError as error:
        raise Unavailable(f"study {study.id!r}: its best nebula is being written; ask again") from error


def _target(session: Session, home: Path, spec: StudySpec) -> TargetAnswer | None:
    if spec.target is None:
        return None
    corpus = session.get(UploadedCorpus, spec.target)
    if corpus is not None:
        return TargetAnswer(kind="corpus", name=corpus.id, title=corpus.name)
    try:
        shelved = Shelf(home).find(session, spec.target)[0]
    except NotFound:
        return None
    return TargetAnswer(kind="nebula", name=shelved.name, title=shelved.title)


def _shelved(session: Session, home: Path, name: str) -> tuple[str, Nebula] | tuple[None, None]:
    try:
        shelved, nebula = Shelf(home).find(session, name)
    except (NotFound, NebulaError):
        return None, None
    return shelved.name, nebula
