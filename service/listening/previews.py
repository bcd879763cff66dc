"""Previews: a plan as its participants will meet it, before anything of it is sealed, and with nothing kept of it.

A preview is a test of its own, with a few of the trials and with sounds of seeds that no sealed test has. Its rows and
its sounds lie in a folder of the server's own that goes when the server stops; neither the database nor the home folder
meets it, no seed is spent for it, and other processes do not know it.
"""

import tempfile
from collections import deque
from collections.abc import Sequence, Set
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from threading import Lock
from typing import Any

from nebula.errors import NebulaError
from nebula.listening import Method
from service.database import Database
from service.database.migrations import migrate
from service.errors import NotFound, Unprocessable
from service.listening import queries
from service.listening.items import ItemOrder, ListedItem
from service.listening.joining import new_token
from service.listening.languages import Language
from service.listening.sealing import committed_to
from service.listening.spec import ListeningSpec
from service.listening.states import ListeningState
from service.listening.stimuli import TRIED_SEEDS, Sources, render
from service.listening.store import StimulusStore
from service.listening.tables import ListeningTest
from service.listening.texts import Texts, Translation
from service.listening.wording import planned

#: Begins the invites of previews, and the sessions of those who look at them.
PREFIX = "preview-"

#: So many trials of a plan are shown, and so many of its practice.
TRIALS, PRACTICE = 3, 1

# The oldest makes room for another one.
_KEPT = 16


@dataclass(frozen=True)
class _Room:
    """Where previews are: a folder with their sounds, and with a database like the server's."""

    folder: "tempfile.TemporaryDirectory[str]"
    database: Database
    store: StimulusStore

    @classmethod
    def made(cls) -> "_Room":
        """Returns a new one."""
        folder = tempfile.TemporaryDirectory(prefix="nebula-previews-")
        database = Database(f"sqlite:///{Path(folder.name) / 'previews.sqlite'}")
        migrate(database)
        return cls(folder, database, StimulusStore(Path(folder.name)))


class Previews:
    """The previews of one server."""

    def __init__(self) -> None:
        self._making = Lock()
        self._kept: deque[str] = deque()
        self._made: _Room | None = None

    @staticmethod
    def has(token: str) -> bool:
        """Returns whether an invite or a session is one of a preview."""
        return token.startswith(PREFIX)

    @property
    def store(self) -> StimulusStore:
        """Their sounds.

        Raises:
            NotFound: There has been no preview yet.
        """
        return self._room.store

    @property
    def database(self) -> Database:
        """Their rows.

        Raises:
            NotFound: There has been no preview yet.
        """
        return self._room.database

    def make(self, spec: ListeningSpec, sources: Sources) -> str:
        """Returns the invite of a new preview.

        Args:
            spec: A plan, which is not shortened.
            sources: Its nebulae and corpora.

        Raises:
            Unprocessable: Its sounds cannot be rendered, as sealing would find, too.
        """
        short = shortened(spec)
        # One after the other: rendering takes a core.
        with self._making:
            self._made = self._made or _Room.made()
            try:
                rendered = render(short, sources, frozenset(), lambda done: None, TRIED_SEEDS)
            except NebulaError as error:
                raise Unprocessable(" ".join(str(error).split())) from error
            committed = committed_to(short, rendered, sources, self.store)
            invite = PREFIX + new_token()
            with self.database.begin() as session:
                form = short.model_dump(mode="json")
                test = ListeningTest(spec=form, state=ListeningState.OPEN, invite=invite, **committed)
                session.add(test)
                session.flush()
                self._kept.append(test.id)
            while len(self._kept) > _KEPT:
                self._forget(self._kept.popleft())
        return invite

    def close(self) -> None:
        """Throws all of them away."""
        if self._made is not None:
            self._made.database.close()
            self._made.folder.cleanup()

    @property
    def _room(self) -> _Room:
        if self._made is None:
            raise NotFound("preview: there is none like this")
        return self._made

    def _forget(self, test_id: str) -> None:
        with self.database.begin() as session:
            test = queries.find(session, test_id, changing=True)
            session.delete(test)
        self.store.remove(str(test.folder))


def shortened(spec: ListeningSpec) -> ListeningSpec:
    """Returns a plan with a few of its trials, no check among them, and all of its words: they say how many it has.

    Args:
        spec: The plan.
    """
    form = spec.model_dump(mode="json") | {"checks": 0}
    form["texts"] = _counting(spec, spec.texts, spec.language)
    for language in spec.languages[1:]:
        translation = spec.translations.get(language, Translation())
        texts = _counting(spec, translation.texts, language)
        form["translations"][language] = translation.model_dump(mode="json") | {"texts": texts}
    if spec.items:
        counting = [item for item in spec.items if item.group == 0 and not (item.practice or item.check)][:TRIALS]
        practised = [item for item in spec.items if item.practice][:PRACTICE]
        form |= _among(spec, form, [*practised, *counting])
    else:
        # Single ratings ask about each system on its own.
        trials = ceil(TRIALS / len(spec.systems)) if spec.method is Method.RATING else TRIALS
        form |= {"sounds": min(spec.sounds, trials), "practice": min(spec.practice, PRACTICE)}
    return ListeningSpec.model_validate(form)


def _among(spec: ListeningSpec, form: dict[str, Any], items: Sequence[ListedItem]) -> dict[str, Any]:
    """Returns what a plan's form says of its items, of some of these alone and of the systems heard in them."""
    heard = {name for item in items for name in item.sounds}
    names, counting = {item.name for item in items}, {item.name for item in items if not item.practice}
    translations = {
        language: translation | {"items": {name: text for name, text in translation["items"].items() if name in names}}
        for language, translation in form["translations"].items()
    }
    return {
        "items": [item.model_dump(mode="json") for item in items],
        "order": None if spec.order is None else _order_among(spec.order, counting),
        "systems": [each.model_dump(mode="json") for each in spec.systems if not each.is_listed or each.name in heard],
        "translations": translations,
    }


def _order_among(order: ItemOrder, names: Set[str]) -> dict[str, Any] | None:
    """Returns the form of an order of some of its items, nothing if it has none of them."""
    parts = [
        (part if part in names else None) if isinstance(part, str) else _order_among(part, names)
        for part in order.parts
    ]
    kept = [part for part in parts if part is not None]
    return {"shuffled": order.shuffled, "parts": kept} if kept else None


def _counting(spec: ListeningSpec, own: Texts, language: Language) -> dict[str, str]:
    """Returns what the plan's participants would read, with the experimenter's own title or none."""
    return planned(spec, language).model_dump() | {"title": own.title}
