"""Puts the nouns together into one ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from service import console, metrics
from service.accounts import endpoints as accounts
from service.accounts.login import LoginLink
from service.accounts.throttle import Throttle
from service.api import compression, problems
from service.api.envelope import Envelope
from service.api.forms import SoundForms
from service.api.parts import Parts
from service.api.transactions import Turns
from service.catalogue import endpoints as catalogue
from service.corpora import endpoints as corpora
from service.corpora.elsewhere import Elsewhere
from service.corpora.library import Library
from service.dashboard import Dashboard
from service.database import Database
from service.findings import endpoints as findings
from service.findings.yardsticks import Surveyor
from service.launch import endpoints as launch
from service.links import endpoints as links
from service.links import routes as link_pages
from service.links import shared_endpoints as shared
from service.links.shared_endpoints import Visits
from service.listening import endpoints as listening
from service.listening import page
from service.listening import page_endpoints as listen
from service.listening import planning_endpoints as listening_planning
from service.listening import result_endpoints as listening_results
from service.listening.page_endpoints import Admission
from service.listening.previews import Previews
from service.listening.queries import naming_corpus
from service.listening.sealing import Sealer
from service.listening.store import StimulusStore
from service.maps import endpoints as maps
from service.maps.drawing import Cartographer
from service.matches import endpoints as matches
from service.matches.queries import count_of_corpus
from service.matches.rendering import MatchRenderer
from service.nebulae import endpoints as nebulae
from service.nebulae.contrast import MmdMeter
from service.nebulae.shelf import Shelf
from service.nebulae.sounds import SoundRenderer
from service.settings import Settings
from service.studies import endpoints as studies
from service.studies.feed import Feed
from service.studies.scores import Scoreboard
from service.system import endpoints as system

#: What each noun brings: its router.
ROUTERS = (
    accounts.router,
    launch.router,
    studies.router,
    findings.router,
    corpora.router,
    nebulae.router,
    matches.router,
    maps.router,
    links.router,
    shared.router,
    link_pages.router,
    catalogue.router,
    system.router,
    listening_planning.router,
    listening_results.router,
    listening.router,
    listen.router,
    page.router,
    metrics.router,
    console.router,
)


def create_app(settings: Settings) -> FastAPI:
    """Returns the application, over a database that has its tables."""
    app = FastAPI(
        title="Nebula",
        version=version("nebula"),
        summary="Tune what a synthesizer's random sounds are like, and find out whether people prefer the result.",
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        lifespan=_lifespan,
    )
    settings.allow_plugins()
    database, stimuli = Database(settings.database), StimulusStore(settings.home)
    app.state.parts = Parts(
        settings,
        database,
        Turns(settings.database),
        Throttle(),
        Admission(),
        Visits(),
        Library(settings, database),
        Elsewhere(naming_corpus, count_of_corpus),
        Shelf(settings.home),
        SoundRenderer(),
        MatchRenderer(),
        SoundForms(),
        MmdMeter(),
        Cartographer(),
        Surveyor(),
        Scoreboard(),
        Feed(database),
        stimuli,
        Sealer(settings, database, stimuli),
        Previews(),
    )
    problems.add_handlers(app, console.problem_page)
    for router in ROUTERS:
        app.include_router(router)
    app.add_middleware(Dashboard, settings=settings)
    # The last one added is the outermost. Sounds and event streams are left as they are.
    app.add_middleware(LoginLink)
    app.add_middleware(GZipMiddleware, compresslevel=compression.LEVEL)
    app.add_middleware(Envelope)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    parts: Parts = app.state.parts
    parts[Library].start()
    parts[Sealer].start()
    yield
    parts[Sealer].stop()
    parts[Previews].close()
    parts[Library].stop()
    parts[Database].close()
