"""`/v1/listening-tests/specs`, `previews` and `power`: what helps to plan a test before there is one."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from nebula.listening import (
    Method,
    answers_needed,
    listeners_needed,
    ranking_power,
    rating_power,
    told_apart_needed,
)
from service.accounts.access import Experimenter, GuardedRoute, Viewer
from service.api.parts import Given
from service.api.problems import COMMON, problems
from service.database import Database
from service.listening.previews import Previews
from service.listening.schemas import (
    PlannedAnswer,
    PreferencePowerAnswer,
    PreviewAnswer,
    RankingPowerAnswer,
    RatingPowerAnswer,
    ShippedSpec,
    ShippedSpecs,
)
from service.listening.sealing import Sealer
from service.listening.spec import ListeningSpec
from service.listening.stimuli import count
from service.listening.trying import try_plan

router = APIRouter(route_class=GuardedRoute, prefix="/v1/listening-tests", tags=["listening tests"], responses=COMMON)

Significance = Annotated[float, Query(ge=1e-6, le=0.5, description="p-values up to this are called significant.")]
Power = Annotated[float, Query(ge=0.05, le=0.999, description="Chance of finding it that is wanted.")]


@router.get("/specs")
def list_specs(caller: Viewer) -> ShippedSpecs:
    """Lists the specs that come with the package: starts for one's own."""
    return ShippedSpecs(
        items=[ShippedSpec(name=name, spec=ListeningSpec.load(name)) for name in ListeningSpec.shipped()]
    )


@router.post("/previews", status_code=201, responses=problems(409))
def preview(parts: Given, caller: Experimenter, body: ListeningSpec) -> PreviewAnswer:
    """Shows a plan as its participants would meet it: a few of its trials, with sounds that no test plays.

    Nothing is kept of it, and the link leads nowhere any more once the server has stopped or has made others. Takes
    seconds.
    """
    count(body)
    try_plan(body)
    with parts[Database].read() as session:
        sources = parts[Sealer].sources(session, body)
    return PreviewAnswer(path=f"/listen/{parts[Previews].make(body, sources)}")


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


@router.get("/power/told-apart")
def plan_telling_apart(
    caller: Viewer,
    method: Annotated[Literal[Method.ABX, Method.SAME_DIFFERENT], Query()] = Method.ABX,
    share: Annotated[float, Query(gt=0.5, le=1, description="Of right answers.")] = 0.65,
    power: Power = 0.8,
    significance: Significance = 0.05,
) -> PlannedAnswer:
    """Tells how many answers, of all participants together, show that two sounds are told apart."""
    return PlannedAnswer.model_validate(told_apart_needed(share, power, significance, method), from_attributes=True)


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


@router.get("/power/ranking")
def plan_ranking(
    caller: Viewer,
    listeners: Annotated[int, Query(ge=2, le=200)] = 20,
    sounds: Annotated[int, Query(ge=1, le=64, description="Sets that each participant puts in order.")] = 8,
    systems: Annotated[int, Query(ge=3, le=12, description="In each set.")] = 3,
    share: Annotated[
        float, Query(ge=0.01, le=0.99, description="Of orders that place one system before any other given one.")
    ] = 0.65,
    listener_deviation: Annotated[
        float, Query(ge=0, le=10, description="Standard deviation between participants of a system's worth, log-odds.")
    ] = 0.5,
    significance: Significance = 0.05,
) -> RankingPowerAnswer:
    """Tells how likely so many participants find that one system is better, by simulation: to about 0.02."""
    return RankingPowerAnswer(
        power=ranking_power(listeners, sounds, systems, share, listener_deviation, significance, simulations=500)
    )
