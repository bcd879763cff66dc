"""`/v1/distances`, `/v1/parameters`, `/v1/specs`, `/v1/estimates`."""

from typing import Annotated

from fastapi import APIRouter, Path

from nebula import PARAMETERS, distances
from nebula.errors import NebulaError
from nebula.tuning import StudySpec
from service.accounts.access import Viewer
from service.api.problems import COMMON
from service.api.transactions import Transaction
from service.catalogue import specs
from service.catalogue.costs import cost
from service.catalogue.schemas import (
    DistanceAnswer,
    DistancesAnswer,
    EstimateAnswer,
    EstimateRequest,
    ParameterAnswer,
    ParametersAnswer,
    SpecAnswer,
    SpecsAnswer,
)

router = APIRouter(prefix="/v1", tags=["catalogue"], responses=COMMON)


@router.get("/distances")
def list_distances(caller: Viewer) -> DistancesAnswer:
    """Lists the distances between sounds, and whether each can be used here."""
    return DistancesAnswer(items=[_distance(name) for name in distances.names()])


@router.get("/parameters")
def list_parameters(caller: Viewer) -> ParametersAnswer:
    """Lists the parameters of the voice, each of which a nebula gives a curve and a symmetry."""
    return ParametersAnswer(items=[ParameterAnswer.model_validate(parameter) for parameter in PARAMETERS])


@router.get("/specs")
def list_specs(caller: Viewer) -> SpecsAnswer:
    """Lists the specs that come with the package: starts for one's own."""
    return SpecsAnswer(items=[specs.shipped(name) for name in StudySpec.shipped()])


@router.get("/specs/{name}")
def get_spec(caller: Viewer, name: Annotated[str, Path(max_length=100)]) -> SpecAnswer:
    """Shows a spec that comes with the package."""
    return specs.shipped(name)


@router.post("/estimates")
def estimate(session: Transaction, caller: Viewer, body: EstimateRequest) -> EstimateAnswer:
    """Reads a spec in either form, and returns it in both, with what it would cost. Nothing is kept."""
    spec = specs.read(body)
    return EstimateAnswer(spec=specs.to_json(spec), toml=specs.to_toml(spec), cost=cost(session, spec))


def _distance(name: str) -> DistanceAnswer:
    try:
        distances.get(name)
    except NebulaError as error:
        return DistanceAnswer(name=name, ready=False, reason=" ".join(str(error).split()))
    return DistanceAnswer(name=name, ready=True, reason="")
