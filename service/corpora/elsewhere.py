"""Who names corpora beside studies: rooms below this one, which the application tells of."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class NamingTest:
    """A listening test whose plan names a corpus.

    Attributes:
        id: Its id.
        name: What people call it.
        is_sealed: Whether it has copies of the sounds, and needs the corpus no more.
    """

    id: str
    name: str
    is_sealed: bool


@dataclass(frozen=True)
class Elsewhere:
    """Asks other rooms for what names a corpus, each by a function of a session and the corpus' id.

    Attributes:
        tests: Gives the listening tests, the newest first.
        matches: Gives the number of matches of its recordings.
    """

    tests: Callable[[Session, str], list[NamingTest]]
    matches: Callable[[Session, str], int]
