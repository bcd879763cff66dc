"""What somebody with a link sees: no parameters, no spec, no recordings, and nothing of this machine's folders."""

from collections.abc import Callable
from pathlib import PurePath

from sqlalchemy.orm import Session

from nebula import Nebula
from nebula.errors import NebulaError
from nebula.tuning import StudySpec
from service.api.problems import without_folders
from service.errors import NotFound
from service.findings import queries as findings
from service.findings.schemas import VerdictAnswer
from service.links.schemas import SOUNDS, SharedAnswer, SharedSide, SideRole
from service.links.tables import LinkKind, SharedLink
from service.nebulae.shelf import Origin, Shelf
from service.settings import Settings
from service.studies import queries as studies
from service.studies.tables import Study

#: Where pages of links ask.
ADDRESS = "/v1/shared"

_PLUGIN = "plugin:"


def shown(session: Session, settings: Settings, link: SharedLink) -> SharedAnswer:
    """Returns what somebody with a link sees.

    Args:
        session: The transaction.
        settings: Where studies leave their files.
        link: The link.

    Raises:
        NotFound: What it shows is gone.
    """
    if link.kind is LinkKind.STUDY:
        assert link.study_id is not None
        return _study(session, settings, link, studies.find(session, link.study_id))
    entry, nebula = Shelf(settings.home).find(session, _name(link))
    return SharedAnswer(
        kind=link.kind,
        title=_public(entry.title, settings, nebula.synth),
        synth=_public(nebula.synth, settings, nebula.synth),
        created_at=entry.created_at,
        sides=[_side(link, SideRole.NEBULA, "Sounds")],
    )


def nebula_of(session: Session, settings: Settings, link: SharedLink, role: SideRole) -> Nebula:
    """Returns whose sounds a link plays.

    A study's target and start are named by its spec. What people keep under such a name now may be another nebula than
    the one that the study had, and is not shown.

    Args:
        session: The transaction.
        settings: Where studies leave their files.
        link: The link.
        role: Which side of what it shows.

    Raises:
        NotFound: It has no such side.
        Unavailable: It is being written at this moment.
    """
    shelf = Shelf(settings.home)
    if (link.kind is LinkKind.NEBULA) != (role is SideRole.NEBULA):
        raise NotFound(f"link: shows no {role.value}")
    if role is SideRole.NEBULA:
        return shelf.find(session, _name(link))[1]
    assert link.study_id is not None
    study = studies.find(session, link.study_id)
    if role is SideRole.FOUND:
        try:
            return shelf.find(session, study.id)[1]
        except NotFound:
            return findings.best_nebula(settings.home, study)
    spec = StudySpec.parse(study.spec, study.name)
    name = spec.search.start if role is SideRole.START else spec.target
    if name is None:
        raise NotFound(f"link: shows no {role.value}")
    entry, nebula = shelf.find(session, name)
    if entry.origin is Origin.KEPT:
        raise NotFound(f"link: shows no {role.value}")
    return nebula


def _name(link: SharedLink) -> str:
    return str(link.study_id or link.kept or link.shipped)


def _study(session: Session, settings: Settings, link: SharedLink, study: Study) -> SharedAnswer:
    spec = StudySpec.parse(study.spec, study.name)
    found = findings.findings(session, settings.home, study)

    def public(text: str) -> str:
        return _public(text, settings, study.synth)

    titles = {
        SideRole.TARGET: "Target",
        SideRole.FOUND: "What was found" if found.found else "Best so far",
        SideRole.START: public(f"Start: {spec.search.start}"),
    }
    return SharedAnswer(
        kind=link.kind,
        title=study.name,
        synth=public(study.synth),
        created_at=study.ended_at,
        sides=[_side(link, role, title) for role, title in titles.items() if _has(session, settings, link, role)],
        state=study.state,
        trials_done=study.trials_done,
        trials_total=study.trials_total,
        objective=spec.objective,
        start=public(spec.search.start),
        target=None if found.target is None else public(found.target.title),
        finalists=found.finalists,
        verdict=None if found.verdict is None else _verdict(found.verdict, public),
    )


def _verdict(verdict: VerdictAnswer, public: Callable[[str], str]) -> VerdictAnswer:
    judged = [one.model_copy(update={"name": public(one.name)}) for one in verdict.judged]
    sentences = [public(sentence) for sentence in verdict.sentences]
    return VerdictAnswer(sentences=sentences, judged=judged, advice=verdict.advice)


def _has(session: Session, settings: Settings, link: SharedLink, role: SideRole) -> bool:
    try:
        nebula_of(session, settings, link, role)
    except (NotFound, NebulaError):
        return False
    return True


def _side(link: SharedLink, role: SideRole, title: str) -> SharedSide:
    sounds = [f"{ADDRESS}/{link.token}/sounds/{role.value}/{seed}.flac" for seed in range(SOUNDS)]
    return SharedSide(role=role, title=title, sounds=sounds)


def _public(text: str, settings: Settings, synth: str) -> str:
    """Returns text without folders; a plugin's synthesizer is named by its file alone."""
    if synth.startswith(_PLUGIN):
        path = synth.removeprefix(_PLUGIN)
        text = text.replace(path, PurePath(path).name)
    return without_folders(text, settings.home)
