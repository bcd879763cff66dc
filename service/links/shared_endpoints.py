"""`/v1/shared`: what the page of a link asks for.

There is no key: a token is 128 random bits, and leads to one study or one nebula, to look at.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from nebula.errors import NebulaError
from service.accounts.throttle import Throttle
from service.api.bodies import BodyRoute
from service.api.forms import MEDIA_TYPES, SoundForm, SoundForms
from service.api.loudness import Loudness
from service.api.parts import Given
from service.api.problems import COMMON
from service.api.ranges import SOUND_RESPONSES, FormQuery, LoudnessQuery, ranged
from service.api.transactions import Transaction
from service.errors import NotFound
from service.links import queries
from service.links.schemas import SOUNDS, SharedAnswer, SideRole
from service.links.showing import ADDRESS, nebula_of, shown
from service.links.tables import SharedLink
from service.nebulae.sounds import SoundRenderer
from service.settings import Settings

router = APIRouter(route_class=BodyRoute, prefix=ADDRESS, tags=["links"], responses=COMMON)

# A page with its pictures and sounds is about sixty requests: enough for a class that shares one address.
_VISITS, _VISITS_SECONDS = 6000, 3600.0


class Visits(Throttle):
    """Slows down those who ask for what links show again and again."""

    def __init__(self) -> None:
        reason = "link: {count} requests came from this address"
        super().__init__(allowed=_VISITS, window_seconds=_VISITS_SECONDS, reason=reason)


def _opened(
    session: Transaction,
    request: Request,
    parts: Given,
    token: Annotated[str, Path(max_length=64, description="As the link has it.")],
) -> SharedLink:
    link = queries.opened(session, token)
    # Who has no link makes nothing be rendered, and keeps nobody out who shares the address.
    address, visits = request.client.host if request.client else "", parts[Visits]
    visits.check(address)
    visits.count(address)
    return link


@contextmanager
def _discreetly() -> Iterator[None]:
    """Says of what cannot be shown no more than that: names, ids and files are for those who have a key."""
    try:
        yield
    except (NotFound, NebulaError) as error:
        raise NotFound("link: there is no such thing to be shown, or not at present") from error


Opened = Annotated[SharedLink, Depends(_opened)]


@router.get("/{token}")
def get_shared(session: Transaction, parts: Given, link: Opened) -> SharedAnswer:
    """Shows a study or a nebula to whoever has a link to it."""
    with _discreetly():
        return shown(session, parts[Settings], link)


@router.get("/{token}/sounds/{role}/{seed}.flac", response_class=Response, responses=SOUND_RESPONSES)
def get_shared_sound(
    session: Transaction,
    request: Request,
    parts: Given,
    link: Opened,
    role: Annotated[SideRole, Path(description="Whose sound.")],
    seed: Annotated[int, Path(ge=0, lt=SOUNDS, description="A seed is a sound.")],
    loudness: LoudnessQuery = Loudness.OWN,
    form: FormQuery = SoundForm.FLAC,
) -> Response:
    """Plays one of the sounds that a link shows: 4 s, mono, 44.1 kHz."""
    with _discreetly():
        nebula = nebula_of(session, parts[Settings], link, role)
        content = parts[SoundForms].of(parts[SoundRenderer].flac(nebula, seed, loudness), form)
    return ranged(request, content, MEDIA_TYPES[form])
