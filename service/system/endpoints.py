"""`/healthz`, `/readyz`, `/v1/system`."""

from fastapi import APIRouter
from sqlalchemy import text

from service.accounts.access import GuardedRoute, Viewer
from service.api.parts import Given
from service.api.problems import COMMON, problems
from service.api.transactions import Transaction
from service.database import Database
from service.system import queries
from service.system.schemas import HealthAnswer, SystemAnswer

router = APIRouter(route_class=GuardedRoute, tags=["system"])


@router.get("/healthz", responses=problems(500))
async def healthz() -> HealthAnswer:
    """Tells that the process answers. Nobody needs a key for it."""
    return HealthAnswer(status="ok")


@router.get("/readyz", responses=problems(500, 503))
def readyz(parts: Given) -> HealthAnswer:
    """Tells that the database answers, so that requests can be sent here. Nobody needs a key for it."""
    with parts[Database].read() as session:
        session.execute(text("SELECT 1"))
    return HealthAnswer(status="ok")


@router.get("/v1/system", responses=COMMON)
def get_system(session: Transaction, caller: Viewer) -> SystemAnswer:
    """Tells who works on what, and how fast."""
    return queries.system(session)
