"""`POST /v1/studies`."""

from fastapi import APIRouter, Response

from service.accounts.access import Experimenter, GuardedRoute
from service.api.idempotency import Idempotent
from service.api.parts import Given
from service.api.problems import COMMON, problems
from service.api.transactions import Transaction
from service.launch.queueing import queue
from service.settings import Settings
from service.studies.schemas import StudyAnswer, StudyRequest

router = APIRouter(route_class=GuardedRoute, prefix="/v1/studies", tags=["studies"], responses=COMMON)


@router.post("", status_code=201, responses=problems(409))
def create_study(
    parts: Given,
    response: Response,
    session: Transaction,
    caller: Experimenter,
    once: Idempotent,
    body: StudyRequest,
) -> StudyAnswer:
    """Queues a study."""

    def create() -> StudyAnswer:
        return StudyAnswer.model_validate(queue(session, caller, body, parts[Settings]))

    answer = once(session, caller.key_id, body, create, StudyAnswer)
    response.headers["Location"] = f"/v1/studies/{answer.id}"
    return answer
