"""`/v1/studies`."""

from typing import Annotated

from fastapi import APIRouter, Path

from service.accounts.access import Viewer
from service.api.pages import After, Limit, Page
from service.api.problems import COMMON
from service.api.transactions import Transaction
from service.studies import queries
from service.studies.schemas import StudyAnswer, StudySummary
from service.studies.states import State

router = APIRouter(prefix="/v1/studies", tags=["studies"], responses=COMMON)

StudyId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$", description="As the answer to its POST told.")]


@router.get("")
def list_studies(
    session: Transaction, caller: Viewer, state: State | None = None, after: After = None, limit: Limit = 50
) -> Page[StudySummary]:
    """Lists studies, the newest first."""
    return Page[StudySummary].of(queries.listed(session, state, after, limit))


@router.get("/{study_id}")
def get_study(session: Transaction, caller: Viewer, study_id: StudyId) -> StudyAnswer:
    """Shows a study."""
    return StudyAnswer.model_validate(queries.find(session, study_id))
