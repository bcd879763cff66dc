"""Maps of corpora and studies."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from nebula import distances
from service.accounts.access import GuardedRoute, Viewer
from service.api.parts import Given
from service.api.problems import COMMON
from service.api.transactions import Transaction
from service.maps.drawing import Cartographer
from service.maps.layers import layers_of_corpus, layers_of_study
from service.maps.schemas import MapAnswer
from service.settings import Settings
from service.studies import queries as studies

#: Places sounds of what has no quick distance of its own.
DISTANCE = "log-mel"

router = APIRouter(route_class=GuardedRoute, tags=["maps"], responses=COMMON)

Id = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$", description="As the answer to its POST told.")]

_MAP: dict[int | str, dict[str, Any]] = {200: {"model": MapAnswer, "description": "The map."}}


@router.get("/v1/corpora/{corpus_id}/map", response_class=Response, responses=_MAP)
def map_corpus(session: Transaction, parts: Given, caller: Viewer, corpus_id: Id) -> Response:
    """Places sounds of a corpus in the plane that shows most of their differences. Takes seconds the first time."""
    layers = layers_of_corpus(session, parts[Settings], corpus_id)
    return Response(parts[Cartographer].drawn(layers, DISTANCE), media_type="application/json")


@router.get("/v1/studies/{study_id}/map", response_class=Response, responses=_MAP)
def map_study(session: Transaction, parts: Given, caller: Viewer, study_id: Id) -> Response:
    """Places sounds of a study's target, start and best nebula in one plane, by its own distance if that is quick."""
    study = studies.find(session, study_id)
    distance = study.spec["distance"] if study.spec["distance"] in distances.quick_names() else DISTANCE
    layers = layers_of_study(session, parts[Settings], study)
    return Response(parts[Cartographer].drawn(layers, distance), media_type="application/json")
