"""`/v1/distances`, `/v1/synths`, `/v1/specs`, `/v1/estimates`."""

from typing import Annotated

from fastapi import APIRouter, Path

from nebula import distances, synths
from nebula.errors import NebulaError
from nebula.tuning import StudySpec
from service.accounts.access import GuardedRoute, Viewer
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
    SpecAnswer,
    SpecsAnswer,
    SynthAnswer,
    SynthsAnswer,
    SynthSummary,
)
from service.errors import NotFound
from service.launch.queueing import check_size
from service.nebulae.shelf import uniform_name

router = APIRouter(route_class=GuardedRoute, prefix="/v1", tags=["catalogue"], responses=COMMON)


@router.get("/distances")
def list_distances(caller: Viewer) -> DistancesAnswer:
    """Lists the distances between sounds, and whether each can be used here."""
    return DistancesAnswer(items=[_distance(name) for name in distances.names()])


@router.get("/synths")
def list_synths(caller: Viewer) -> SynthsAnswer:
    """Lists the synthesizers whose nebulae can be searched, and whether each can be played here."""
    return SynthsAnswer(items=[_synth(name) for name in synths.names()])


@router.get("/synths/{name}")
def get_synth(caller: Viewer, name: Annotated[str, Path(max_length=100)]) -> SynthAnswer:
    """Shows a synthesizer with its parameters, each of which a nebula gives a curve and a symmetry."""
    summary = _synth(name)
    if name not in synths.names() or not summary.parameters:
        raise NotFound(f"synth {name!r}: there is none")
    synth = synths.get(name)
    parameters = [ParameterAnswer.model_validate(parameter) for parameter in synth.parameters]
    return SynthAnswer(**summary.model_dump(), preset_formats=list(synth.preset_formats), items=parameters)


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
    check_size(spec)
    return EstimateAnswer(spec=specs.to_json(spec), toml=spec.to_toml(), cost=cost(session, spec))


def _synth(name: str) -> SynthSummary:
    try:
        synth = synths.get(name)
    except NebulaError as error:
        reason = " ".join(str(error).split())
        return SynthSummary(name=name, description="", parameters=0, start="", ready=False, reason=reason)
    return SynthSummary(
        name=name,
        description=synth.description,
        parameters=len(synth.panel),
        start=synth.default or uniform_name(name),
        ready=synth.missing is None,
        reason="" if synth.missing is None else f"pip install 'nebula[{synth.missing}]'",
    )


def _distance(name: str) -> DistanceAnswer:
    try:
        distances.get(name)
    except NebulaError as error:
        return DistanceAnswer(name=name, ready=False, reason=" ".join(str(error).split()))
    return DistanceAnswer(name=name, ready=True, reason="")
