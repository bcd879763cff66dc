"""Stimuli by names that specs take: any key by an alias."""

from typing import Any

from nebula.listening import Method
from service.listening.spec import REFERENCE, SYSTEMS
from service.listening.webmushra.notes import Notes
from service.listening.webmushra.pages import WrittenPage

_LONGEST = 64

_PATH = 200

# The one system of stimuli that are too many.
_ALL = "all stimuli"


def sound_name(path: object) -> str:
    """Returns the end of the path of a sound, by which it is found, as long as a spec takes it."""
    name = str(path)
    return name if len(name) <= _PATH else name[-_PATH:].partition("/")[2] or name[-_PATH:]


class Systems:
    """The systems of one test.

    Args:
        pages: Of the test.
        method: Of the test.
        notes: Where it is noted what is called otherwise.
    """

    def __init__(self, pages: list[WrittenPage], method: Method, notes: Notes) -> None:
        self._notes = notes
        self._names: dict[str, str] = {}
        keys = {key for page in pages for key in page.form["stimuli"]}
        #: Whether stimuli that are rated one by one are too many to be compared, and are excerpts of one system.
        self.are_items = method is Method.RATING and len(keys) > SYSTEMS
        if self.are_items:
            notes.add("changed", f"{len(keys)} stimuli are too many to be compared: they are excerpts of one system.")
            self._names = dict.fromkeys(sorted(keys), _ALL)
            return
        for page in pages:
            for key in page.form["stimuli"]:
                if key not in self._names:
                    self._names[key] = self._alias(key)

    @property
    def names(self) -> tuple[str, ...]:
        """Names in the order in which they first come."""
        return tuple(dict.fromkeys(self._names.values()))

    def items(self, page: WrittenPage) -> list[tuple[str, dict[str, list[str]]]]:
        """Returns each stimulus of a page as an item, by its name, with its sounds."""
        stimuli = page.form["stimuli"].items()
        return [(f"{page.id}: {key}"[:200], {_ALL: [sound_name(path)]}) for key, path in stimuli]

    def sounds(self, page: WrittenPage) -> dict[str, list[str]]:
        """Returns the sounds of a page, by system."""
        return {self._names[key]: [sound_name(path)] for key, path in page.form["stimuli"].items()}

    def renamed(self, form: dict[str, Any], told: list[str]) -> dict[str, Any]:
        """Returns the form of a spec in which systems that participants would read of are called otherwise.

        Args:
            form: Of the spec.
            told: The names that stand among what participants read.
        """
        others: dict[str, str] = {}
        for number, name in enumerate(self.names, 1):
            if name in told:
                others[name] = self._unlike(f"stimulus-{number}-of-{len(self.names)}", {*self.names, *others.values()})
                self._notes.add(
                    "changed", f"The stimulus {name!r} is called {others[name]!r}: participants read its name."
                )
        self._names = {key: others.get(name, name) for key, name in self._names.items()}
        items = [
            item | {"sounds": {others.get(name, name): sounds for name, sounds in item["sounds"].items()}}
            for item in form["items"]
        ]
        return form | {"systems": [{"name": name} for name in self.names], "items": items}

    def _alias(self, key: str) -> str:
        letters = "".join(letter if letter.isalnum() or letter in " ._-" else "-" for letter in key)
        name = letters.lstrip(" ._-")[:_LONGEST].rstrip() or "stimulus"
        if name == REFERENCE or name.startswith("anchor-"):
            name = f"stimulus {name}"[:_LONGEST]
        name = self._unlike(name, set(self._names.values()))
        if name != key:
            self._notes.add("changed", f"The stimulus {key!r} is called {name!r}.")
        return name

    @staticmethod
    def _unlike(name: str, others: set[str]) -> str:
        number, found = 1, name
        while found in others:
            number += 1
            found = f"{name[: _LONGEST - 4]} {number}"
        return found
