"""Far more requests at once than there are threads to answer with, and connections to the database."""

import asyncio
from collections import Counter

import httpx2
import pytest
from listening_lab import serving

PEOPLE = 400


@pytest.mark.slow
def test_four_hundred_who_read_at_once_are_all_answered(tmp_path):
    """They did not get in each other's way by chance: three times in a row."""
    with serving(tmp_path / "home") as lab:
        headers = {"Authorization": f"Bearer {lab.keys['viewer']}"}

        async def ask(client):
            return (await client.get("/v1/listening-tests")).status_code

        async def all_at_once():
            limits = httpx2.Limits(max_connections=None)
            async with httpx2.AsyncClient(base_url=lab.url, headers=headers, timeout=300, limits=limits) as client:
                return await asyncio.gather(*(ask(client) for _ in range(PEOPLE)))

        for _ in range(3):
            assert Counter(asyncio.run(all_at_once())) == {200: PEOPLE}
