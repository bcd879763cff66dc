"""`/v1/listening-tests/specs` and `/v1/listening-tests/power`: what helps to plan a test before there is one."""

from typing import Annotated

from fastapi import APIRouter, Query

from nebula.listening import answers_needed, listeners_needed, rating_power
from service.accounts.access import GuardedRoute, Viewer
from service.api.problems import COMMON
from service.listening.schemas import PreferencePowerAnswer, RatingPowerAnswer, ShippedSpec, ShippedSpecs
from service.listening.spec import ListeningSpec

router = APIRouter(route_class=GuardedRoute, prefix="/v1/listening-tests", tags=["listening tests"], responses=COMMON)

Significance = Annotated[float, Query(ge=1e-6, le=0.5, description="p-values up to this are called significant.")]
Power = Annotated[float, Query(ge=0.05, le=0.999, description="Chance of finding it that is wanted.")]


@router.get("/specs")
def list_specs(caller: Viewer) -> ShippedSpecs:
    """Lists the specs that come with the package: starts for one's own."""
    return ShippedSpecs(
        items=[ShippedSpec(name=name, spec=ListeningSpec.load(name)) for name in ListeningSpec.shipped()]
    )


@router.get("/power/preference")
def plan_preference(
    caller: Viewer,
    share: Annotated[float, Query(ge=0.01, le=0.99, description="Of answers that prefer one of two; not 0.5.")] = 0.6,
    answers: Annotated[int, Query(ge=1, le=512, description="Of each participant about these two.")] = 64,
    correlation: Annotated[
        float, Query(ge=0, le=0.99, description="Between two answers of one participant; 0: all have the same taste.")
    ] = 0.1,
    power: Power = 0.8,
    significance: Significance = 0.05,
) -> PreferencePowerAnswer:
    """Tells how many participants find a preference, each counting once, and how many independent answers would."""
    return PreferencePowerAnswer.model_validate(
        {
            "listeners": listeners_needed(answers, share, correlation, power, significance),
            "answers": answers_needed(share, power, significance),
        },
        from_attributes=True,
    )


@router.get("/power/ratings")
def plan_ratings(
    caller: Viewer,
    listeners: Annotated[int, Query(ge=2, le=500)] = 20,
    sounds: Annotated[int, Query(ge=1, le=512, description="That each participant rates of each system.")] = 16,
    difference: Annotated[
        float, Query(ge=-1000, le=1000, description="True mean difference of two systems, on the scale.")
    ] = 5,
    listener_deviation: Annotated[
        float, Query(ge=0, le=1000, description="Standard deviation of that difference between participants.")
    ] = 8,
    answer_deviation: Annotated[
        float, Query(ge=0.01, le=1000, description="Standard deviation of a single rating, all else equal.")
    ] = 15,
    significance: Significance = 0.05,
) -> RatingPowerAnswer:
    """Tells how likely so many participants tell two rated systems apart, by simulation: to about 0.01."""
    return RatingPowerAnswer(
        power=rating_power(listeners, sounds, difference, listener_deviation, answer_deviation, significance)
    )
