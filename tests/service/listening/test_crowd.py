"""Two hundred participants at once, on SQLite, with bad networks: nothing is lost, doubled or out of balance."""

import asyncio
import random
from collections import Counter
from contextlib import suppress

import httpx2
import pytest
from listening_lab import serving

PEOPLE, ITEMS = 200, 6

SPEC = {
    "version": 1,
    "name": "crowd",
    "method": "preference",
    "seconds": 0.1,
    "tie": True,
    "systems": [{"name": "made by hand", "nebula": "drum"}, {"name": "untouched", "nebula": "default"}],
    "items": [{"name": f"item {number}", "group": number % 2} for number in range(2 * ITEMS)],
    "analysis": {"resamples": 50},
}


class Simulated:
    """A participant with second thoughts, whose page is reloaded, and whose network repeats answers and breaks."""

    def __init__(self, url, number):
        self.random = random.Random(number)
        self.client = httpx2.AsyncClient(base_url=url, timeout=300, verify=False)
        self.given, self.changes = {}, {}
        self.reloads = self.repeats = self.breaks = 0

    async def ask(self, method, path, **how):
        """Returns the answer; asks again when told to come back, as the page does."""
        while True:
            answer = await self.client.request(method, path, **how)
            if answer.status_code != 503:
                assert answer.is_success, answer.text
                return answer
            await asyncio.sleep(int(answer.headers["retry-after"]))

    async def put(self, path, body):
        """Sends until an answer comes back, as the page does."""
        if self.random.random() < 0.1:
            self.breaks += 1
            # Broken off somewhere on the way there, at the server, or on the way back.
            with suppress(TimeoutError, httpx2.HTTPError):
                await asyncio.wait_for(self.client.put(f"{self.path}/{path}", json=body), self.random.uniform(0, 0.1))
        answer = await self.ask("PUT", f"{self.path}/{path}", json=body)
        assert answer.json() == {"saved": True}, answer.text
        if self.random.random() < 0.1:
            self.repeats += 1
            again = await self.ask("PUT", f"{self.path}/{path}", json=body)
            assert again.json() == {"saved": True}, again.text

    async def look(self):
        """Returns what the page is told; the same again after a reload."""
        seen = (await self.ask("GET", self.path)).json()
        if self.random.random() < 0.1:
            self.reloads += 1
            assert (await self.ask("GET", self.path)).json() == seen
        return seen

    async def take_part(self, invite):
        """Goes all the way."""
        joined = await self.ask("POST", f"/v1/listen/{invite}/sessions", json={})
        self.path = f"/v1/listen/sessions/{joined.json()['session']}"
        for stage in ("consent", "device", "volume"):
            await self.put("stage", {"stage": stage})
        while (seen := await self.look())["trial"] is not None:
            trial, choice = seen["trial"]["id"], self.random.choice(["A", "B", "tie"])
            assert trial not in self.given
            edit = self.random.choice([1, 1, 1, 2])
            if edit == 2:
                await self.put(f"trials/{trial}", {"edit": 1, "choice": self.random.choice(["A", "B"])})
            await self.put(f"trials/{trial}", {"edit": edit, "choice": choice, "finished": True})
            self.given[trial], self.changes[trial] = choice, edit
        assert seen["stage"] == "thanks"
        await self.client.aclose()


@pytest.mark.slow
def test_two_hundred_people_at_once(tmp_path):
    with serving(tmp_path / "home") as lab:
        test, invite = lab.open(SPEC)
        people = [Simulated(lab.url, number) for number in range(PEOPLE)]

        async def all_at_once():
            await asyncio.gather(*(person.take_part(invite) for person in people))

        asyncio.run(all_at_once())
        counts = lab.show(test)["counts"]
        assert counts == {"opened": PEOPLE, "joined": PEOPLE, "completed": PEOPLE, "answers": PEOPLE * ITEMS}
        lab.do(test, "close")
        lab.do(test, "unblind")
        stored = lab.experimenter.get(f"/v1/listening-tests/{test}/answers").json()["participants"]
    trials = [trial for person in stored for trial in person["trials"]]
    assert len(trials) == len({trial["trial"] for trial in trials}) == PEOPLE * ITEMS
    given = {trial: choice for person in people for trial, choice in person.given.items()}
    words = {"A": ["chosen", "passed"], "B": ["passed", "chosen"], "tie": ["tied", "tied"]}
    assert all([slot["choice"] for slot in trial["slots"]] == words[given[trial["trial"]]] for trial in trials)
    # What arrived twice was stored once.
    changes = {trial: count for person in people for trial, count in person.changes.items()}
    assert all(trial["changes"] == changes[trial["trial"]] for trial in trials)
    groups = Counter(person["group"] for person in stored)
    assert max(groups.values()) - min(groups.values()) <= 1
    assert all(len({trial["item"] for trial in person["trials"]}) == ITEMS for person in stored)
    total = {name: sum(getattr(person, name) for person in people) for name in ("reloads", "repeats", "breaks")}
    assert min(total.values()) > 80
    print(f"{len(trials)} answers, {dict(groups)} in groups, {total}")
