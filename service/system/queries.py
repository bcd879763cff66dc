"""What is asked about the service itself."""

from datetime import timedelta
from importlib.metadata import version

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.database.base import now
from service.manager.tables import ManagerBeat, WorkerBeat
from service.studies.states import StudyState
from service.studies.tables import Study
from service.system.schemas import ManagerAnswer, SystemAnswer, WorkerAnswer

# Several times the manager's interval, so that one late beat is no alarm.
_SILENCE = timedelta(seconds=15)


def system(session: Session) -> SystemAnswer:
    """Returns who works on what, and how fast."""
    counts = {state.value: 0 for state in StudyState}
    for state, count in session.execute(select(Study.state, func.count()).group_by(Study.state)):
        counts[state.value] = count
    workers = session.scalars(select(WorkerBeat).order_by(WorkerBeat.name, WorkerBeat.address))
    return SystemAnswer(
        version=version("nebula"),
        database=session.get_bind().dialect.name,
        studies=counts,
        trial_failures=session.scalar(select(func.sum(Study.failures))) or 0,
        manager=_manager(session.get(ManagerBeat, 1)),
        workers=[WorkerAnswer.model_validate(worker) for worker in workers],
    )


def _manager(beat: ManagerBeat | None) -> ManagerAnswer:
    if beat is None:
        return ManagerAnswer(
            alive=False, beat_at=None, pool_reached=False, tasks=0, evaluations=0, evaluations_per_minute=0
        )
    alive = bool(beat.holder) and now() - beat.beat_at < _SILENCE
    return ManagerAnswer(
        alive=alive,
        beat_at=beat.beat_at,
        pool_reached=alive and beat.pool_reached,
        tasks=beat.tasks,
        evaluations=beat.evaluations,
        evaluations_per_minute=beat.evaluations_per_minute if alive else 0,
    )
