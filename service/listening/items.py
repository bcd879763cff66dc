"""What a test compares and what its trials are about: systems, excerpts that list sounds of theirs, and their order."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, model_validator

from service.listening.texts import Line, Table, Text

Name = Annotated[str, Field(pattern=r"^[^\W_][\w .-]{0,63}$")]


class System(Table):
    """What makes sounds: one side of a comparison.

    Attributes:
        name: In the report.
        nebula: Its random sounds, with seeds that are drawn when the test is sealed; or
        corpus: random sounds of an uploaded corpus, by its id; or neither, and items list its sounds.
    """

    name: Name
    nebula: Line | None = None
    corpus: Line | None = None

    @model_validator(mode="after")
    def _one_source(self) -> "System":
        if self.nebula is not None and self.corpus is not None:
            raise ValueError(f"system {self.name!r}: got nebula and corpus, expected at most one of them")
        return self

    @property
    def is_listed(self) -> bool:
        """Whether items list its sounds."""
        return self.nebula is None and self.corpus is None


class ListedItem(Table):
    """An excerpt: what one trial is about, by the sounds of each system.

    Attributes:
        name: In the report.
        sounds: Names of sounds in the test's corpus, by system; of the reference under `reference`. Systems of which an
            item lists none are not heard in its trials.
        text: What participants read above its trials, beside the question.
        group: Each participant hears one group of items.
        block: Items of a group with the same block stay consecutive; none has a block of its own.
        practice: Whether it is heard before the test and does not count.
        check: In ABX, and in same or different, whether it is an attention check: its sounds are so plainly different
            that whoever listens is right. It is no part of what is found.
    """

    name: Line
    sounds: dict[Name, Annotated[tuple[Line, ...], Field(min_length=1)]] = Field(default_factory=dict)
    text: Text = ""
    group: Annotated[int, Field(ge=0, lt=100)] = 0
    block: Line | None = None
    practice: bool = False
    check: bool = False


class ItemOrder(Table):
    """Items that come one after the other, and others in between.

    Attributes:
        shuffled: Whether their order is drawn at random for each participant.
        parts: Names of items, and of others that stay consecutive their order.
    """

    shuffled: bool = True
    parts: Annotated[tuple["Line | ItemOrder", ...], Field(min_length=1, max_length=512)]

    def names(self) -> Iterator[str]:
        """Yields the names of all items."""
        for part in self.parts:
            if isinstance(part, str):
                yield part
            else:
                yield from part.names()
