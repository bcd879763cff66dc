"""Uploaded corpora as targets of studies."""

import hashlib
from pathlib import Path

from sqlalchemy.orm import Session

import nebula
from service.corpora import queries
from service.corpora.store import CorpusStore
from service.corpora.tables import CorpusState
from service.errors import Unavailable, Unprocessable


def usable(session: Session, home: Path, corpus_id: str) -> nebula.Corpus:
    """Returns those sounds of an uploaded corpus that can be used.

    None of them is decoded in this process that has not been decoded before without harm.

    Args:
        session: The transaction.
        home: The home folder.
        corpus_id: Of the corpus.

    Raises:
        NotFound: There is no such corpus.
        Unavailable: It is still being read.
        Unprocessable: None of its sounds can be used.
        CorpusError: Its files cannot be used any more.
    """
    corpus = queries.find(session, corpus_id)
    if corpus.state is CorpusState.READING:
        raise Unavailable(f"corpus {corpus_id!r}: is still being read")
    if corpus.state is CorpusState.FAILED:
        raise Unprocessable(f"corpus {corpus_id!r}: {corpus.reason}")
    opened = nebula.Corpus.open(CorpusStore(home).content(corpus_id)).subset(queries.usable_names(session, corpus_id))
    opened.name = corpus.name
    return opened


def identity(name: str, corpus: nebula.Corpus) -> str:
    """Returns a text that is equal for equal sounds of one corpus, of which some may be excluded today."""
    names = "\n".join(sound.name for sound in corpus.sounds)
    return f"{name} {hashlib.sha256(names.encode()).hexdigest()}"
