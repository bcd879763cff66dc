"""`/metrics`: what the service does, for Prometheus, read from the database whenever it is asked for."""

from collections.abc import Iterator

from fastapi import APIRouter, Response
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.accounts.access import GuardedRoute, Viewer
from service.api.problems import problems
from service.api.transactions import Transaction
from service.manager.tables import ManagerBeat, WorkerBeat
from service.studies.states import StudyState
from service.studies.tables import Study, Trial

router = APIRouter(route_class=GuardedRoute, tags=["system"], responses=problems(401, 403, 429, 503))


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def get_metrics(session: Transaction, caller: Viewer) -> Response:
    """Shows what Prometheus collects; give it a viewer's key as `authorization`."""
    registry = CollectorRegistry()
    registry.register(_Reading(session))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class _Reading:
    """One look at the database, as Prometheus' client wants it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def collect(self) -> Iterator[Metric]:
        """Yields every metric."""
        yield from self._studies()
        yield from self._pool()

    def _studies(self) -> Iterator[Metric]:
        by_state = select(Study.state, func.count().label("studies")).group_by(Study.state)
        counts = {row.state: row.studies for row in self._session.execute(by_state)}
        states = GaugeMetricFamily("nebula_studies", "Studies by state; queued ones wait.", labels=["state"])
        for state in StudyState:
            states.add_metric([state.value], counts.get(state, 0))
        yield states
        trials = self._session.scalar(select(func.count()).select_from(Trial))
        yield CounterMetricFamily("nebula_trials", "Finished trials of the studies that are kept.", trials or 0)
        failures = self._session.scalar(select(func.sum(Study.failures)))
        yield CounterMetricFamily("nebula_trial_failures", "Failed trials of the studies that are kept.", failures or 0)

    def _pool(self) -> Iterator[Metric]:
        workers = GaugeMetricFamily("nebula_workers", "Workers of the pool by device.", labels=["device"])
        by_device = select(WorkerBeat.device, func.count()).group_by(WorkerBeat.device)
        for device, count in self._session.execute(by_device.order_by(WorkerBeat.device)):
            workers.add_metric([device], count)
        yield workers
        beat = self._session.get(ManagerBeat, 1)
        if beat is None:
            return
        yield GaugeMetricFamily("nebula_queue", "Tasks given to the pool and not yet back.", beat.tasks)
        yield GaugeMetricFamily("nebula_pool_reached", "Whether the scheduler answered.", float(beat.pool_reached))
        at = "nebula_manager_beat_timestamp_seconds"
        yield GaugeMetricFamily(at, "When the manager last said that it works.", beat.beat_at.timestamp())
        yield CounterMetricFamily("nebula_evaluations", "Trials and re-scorings computed.", beat.evaluations)
        for what, seconds in (
            ("render", beat.render_seconds),
            ("embed", beat.embed_seconds),
            ("score", beat.score_seconds),
        ):
            yield CounterMetricFamily(f"nebula_{what}_seconds", f"Time workers took to {what} sounds.", seconds)
