"""`/shared/{token}`: the page of a link."""

from fastapi import APIRouter, Response

from service.api.parts import Given
from service.api.transactions import Transaction
from service.console import open_page
from service.errors import NotFound
from service.links import queries
from service.nebulae.sounds import SoundRenderer

router = APIRouter(include_in_schema=False)


@router.get("/shared/{token}")
def show_page(session: Transaction, parts: Given, token: str) -> Response:
    """Shows the page, and of links that were withdrawn and of others that lead nowhere one and the same."""
    try:
        queries.opened(session, token)
    except NotFound as error:
        return open_page("shared/gone.html", error.status)
    parts[SoundRenderer].warm_up()
    return open_page("shared/shared.html", subject=token)
