"""`/v1/distances`, `/v1/synths`, `/v1/specs`, `/v1/estimates`."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.convertors import Convertor, register_url_convertor

from nebula import distances, synths
from nebula.errors import NebulaError, SynthError
from nebula.synths import Synth
from nebula.tuning import StudySpec
from service.accounts.access import GuardedRoute, Viewer
from service.api.parts import Given
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
    SynthFamilyAnswer,
    SynthsAnswer,
    SynthSummary,
)
from service.errors import NotFound
from service.launch.inputs import with_start
from service.launch.queueing import check_size
from service.nebulae.shelf import uniform_name
from service.settings import Settings


class _Slashed(Convertor[str]):
    """A name that may have slashes, as those of plugins do, and any other character, line feeds included."""

    regex = r"[\s\S]+"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("slashed", _Slashed())
router = APIRouter(route_class=GuardedRoute, prefix="/v1", tags=["catalogue"], responses=COMMON)


@router.get("/distances")
def list_distances(caller: Viewer) -> DistancesAnswer:
    """Lists the distances between sounds, and whether each can be used here."""
    return DistancesAnswer(items=[_distance(name) for name in distances.names()])


@router.get("/synths")
def list_synths(caller: Viewer) -> SynthsAnswer:
    """Lists the synthesizers whose nebulae can be searched, and whether each can be played here."""
    items = [_synth(name) for name in (*synths.names(), *synths.allowed_plugins())]
    families = [SynthFamilyAnswer.model_validate(family) for family in synths.families()]
    return SynthsAnswer(items=items, families=families)


@router.get("/synths/{name:slashed}")
def get_synth(caller: Viewer, name: Annotated[str, Path(max_length=1000)]) -> SynthAnswer:
    """Shows a synthesizer with its parameters, each of which a nebula gives a curve and a symmetry.

    Any synth that a nebula may name is shown, those of families and allowed plugins included.
    """
    try:
        synth = synths.get(name)
    except SynthError as error:
        raise NotFound(str(error)) from error
    parameters = [ParameterAnswer.model_validate(parameter) for parameter in synth.parameters]
    return SynthAnswer(
        **_summary(name, synth).model_dump(), preset_formats=list(synth.preset_formats), items=parameters
    )


@router.get("/specs")
def list_specs(caller: Viewer) -> SpecsAnswer:
    """Lists the specs that come with the package: starts for one's own."""
    return SpecsAnswer(items=[specs.shipped(name) for name in StudySpec.shipped()])


@router.get("/specs/{name}")
def get_spec(caller: Viewer, name: Annotated[str, Path(max_length=100)]) -> SpecAnswer:
    """Shows a spec that comes with the package."""
    return specs.shipped(name)


@router.post("/estimates")
def estimate(session: Transaction, parts: Given, caller: Viewer, body: EstimateRequest) -> EstimateAnswer:
    """Reads a spec in either form, and returns it in both, with what it would cost. Nothing is kept.

    What a study would be refused for is refused here, too, but for its target, which may yet have to be chosen.
    """
    spec = specs.read(body)
    check_size(spec)
    with_start(session, spec, parts[Settings])
    return EstimateAnswer(spec=specs.to_json(spec), toml=spec.to_toml(), cost=cost(session, spec))


def _synth(name: str) -> SynthSummary:
    try:
        synth = synths.get(name)
    except NebulaError as error:
        reason = " ".join(str(error).split())
        return SynthSummary(name=name, description="", parameters=0, start="", ready=False, reason=reason)
    return _summary(name, synth)


def _summary(name: str, synth: Synth) -> SynthSummary:
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
