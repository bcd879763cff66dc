"""What a study has found so far, under `/v1/studies/{id}`."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from nebula import Nebula
from nebula.tuning import StudySpec
from service.accounts.access import Experimenter, GuardedRoute, Viewer
from service.api.forms import MEDIA_TYPES, SoundForm, SoundForms
from service.api.loudness import Loudness
from service.api.parts import Given, Parts
from service.api.problems import COMMON, problems
from service.api.ranges import SOUND_RESPONSES, FormQuery, LoudnessQuery, ranged
from service.api.transactions import Transaction
from service.findings import queries
from service.findings.candidates import finalist_nebula, trial_nebula
from service.findings.removal import footprint, remove
from service.findings.schemas import FindingsAnswer, FootprintAnswer, YardsticksAnswer
from service.findings.yardsticks import Surveyor
from service.launch.inputs import resolve
from service.nebulae.sounds import SoundRenderer
from service.settings import Settings
from service.studies import queries as studies

router = APIRouter(route_class=GuardedRoute, prefix="/v1/studies/{study_id}", tags=["studies"], responses=COMMON)

StudyId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$", description="As the answer to its POST told.")]
Seed = Annotated[int, Path(ge=0, lt=2**32, description="A seed is a sound.")]

_YARDSTICKS: dict[int | str, dict[str, Any]] = {200: {"model": YardsticksAnswer, "description": "The yardsticks."}}


@router.get("/findings")
def get_findings(session: Transaction, parts: Given, caller: Viewer, study_id: StudyId) -> FindingsAnswer:
    """Shows what a study has found so far: its best trial, finalists, and which hyperparameters matter."""
    return queries.findings(session, parts[Settings].home, studies.find(session, study_id))


@router.get("/yardsticks", response_class=Response, responses=_YARDSTICKS)
def get_yardsticks(session: Transaction, parts: Given, caller: Viewer, study_id: StudyId) -> Response:
    """Scores the start and nebulae that everybody knows as the study's trials are scored. Takes seconds at first."""
    study = studies.find(session, study_id)
    inputs = resolve(session, StudySpec.parse(study.spec, study.name), parts[Settings])
    return Response(parts[Surveyor].survey(inputs), media_type="application/json")


@router.get("/footprint")
def get_footprint(session: Transaction, parts: Given, caller: Viewer, study_id: StudyId) -> FootprintAnswer:
    """Tells what deleting a study frees."""
    study = studies.find(session, study_id)
    return FootprintAnswer(bytes=footprint(parts[Settings], study), trials=study.trials_done)


@router.delete("", status_code=204, responses=problems(409))
def delete_study(session: Transaction, parts: Given, caller: Experimenter, study_id: StudyId) -> None:
    """Deletes a study that does not run, with its trials, results and sounds, unless another one needs its nebula."""
    remove(session, parts[Settings], caller, study_id)


@router.get("/best/sounds/{seed}.flac", response_class=Response, responses=SOUND_RESPONSES)
def get_best_sound(
    session: Transaction,
    request: Request,
    parts: Given,
    caller: Viewer,
    study_id: StudyId,
    seed: Seed,
    loudness: LoudnessQuery = Loudness.OWN,
    form: FormQuery = SoundForm.FLAC,
) -> Response:
    """Plays a sound of the best trial so far: 4 s, mono, 44.1 kHz."""
    nebula = queries.best_nebula(parts[Settings].home, studies.find(session, study_id))
    return _played(request, parts, nebula, seed, loudness, form)


@router.get("/trials/{number}/sounds/{seed}.flac", response_class=Response, responses=SOUND_RESPONSES)
def get_trial_sound(
    session: Transaction,
    request: Request,
    parts: Given,
    caller: Viewer,
    study_id: StudyId,
    number: Annotated[int, Path(ge=0, le=10**6, description="Of the trial, in the order in which trials finished.")],
    seed: Seed,
    loudness: LoudnessQuery = Loudness.OWN,
    form: FormQuery = SoundForm.FLAC,
) -> Response:
    """Plays a sound of what was scored in a trial: 4 s, mono, 44.1 kHz."""
    nebula = trial_nebula(session, parts[Settings], studies.find(session, study_id), number)
    return _played(request, parts, nebula, seed, loudness, form)


@router.get("/finalists/{origin}/sounds/{seed}.flac", response_class=Response, responses=SOUND_RESPONSES)
def get_finalist_sound(
    session: Transaction,
    request: Request,
    parts: Given,
    caller: Viewer,
    study_id: StudyId,
    origin: Annotated[str, Path(pattern=r"^(trial [0-9]{1,9}\.[0-9]{1,9}|centre|start)$", description="Which one.")],
    seed: Seed,
    loudness: LoudnessQuery = Loudness.OWN,
    form: FormQuery = SoundForm.FLAC,
) -> Response:
    """Plays a sound of a candidate that was re-scored: 4 s, mono, 44.1 kHz."""
    nebula = finalist_nebula(parts[Settings], studies.find(session, study_id), origin)
    return _played(request, parts, nebula, seed, loudness, form)


def _played(request: Request, parts: Parts, nebula: Nebula, seed: int, loudness: Loudness, form: SoundForm) -> Response:
    content = parts[SoundForms].of(parts[SoundRenderer].flac(nebula, seed, loudness), form)
    return ranged(request, content, MEDIA_TYPES[form])
