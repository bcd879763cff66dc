"""How long a study would take, from what trials have taken here."""

from statistics import median

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from nebula.tuning import StudySpec
from service.catalogue.schemas import CostAnswer
from service.manager.tables import WorkerBeat
from service.studies.queries import judging_seconds
from service.studies.tables import Study, Trial

# The newest trials tell how fast this machine is now; the median forgives the first one of a worker.
_TRIALS = 50
_STUDIES = 5


def cost(session: Session, spec: StudySpec) -> CostAnswer:
    """Returns what a study would take."""
    # Beside the finalists themselves, the centre of the search and the start are scored again.
    finalists = min(spec.finalists.count, spec.trials) + 2
    evaluations = spec.trials + finalists * spec.finalists.repeats
    sounds = evaluations * spec.sounds_per_trial
    # Classifiers are asked on one processor, whatever the workers are.
    judging = judging_seconds(session) if spec.objective == "match" else 0.0
    per_sound = seconds_per_sound(session, spec.distance, spec.start_synth)
    workers = session.scalar(select(func.count()).select_from(WorkerBeat)) or 0
    return CostAnswer(
        evaluations=evaluations,
        sounds=sounds,
        seconds_per_sound=per_sound,
        workers=workers,
        judging_seconds=judging,
        seconds=None if per_sound is None else sounds * per_sound / max(workers, 1) + judging,
    )


def seconds_per_sound(session: Session, distance: str, synth: str) -> float | None:
    """Returns what one sound of a synth takes on one worker with a distance, None if no trial has told yet."""
    of_distance = Study.spec["distance"].as_string() == distance
    # Studies of the Voice need not say so.
    of_synth = func.coalesce(Study.spec["synth"].as_string(), "voice") == synth
    studies = session.scalars(
        select(Study)
        .where(of_distance, of_synth, Study.trials_done > 0)
        .order_by(Study.created_at.desc())
        .limit(_STUDIES)
    )
    measured: list[float] = []
    for study in studies:
        seconds = session.scalars(
            select(Trial.seconds).where(Trial.study_id == study.id).order_by(Trial.number.desc()).limit(_TRIALS)
        )
        measured += [taken / study.spec["sounds_per_trial"] for taken in seconds]
    return median(measured) if measured else None
