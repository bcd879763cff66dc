"""What is asked of the corpora in the database."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from nebula.audio import Change
from service.corpora.decoder import Finding
from service.corpora.tables import CorpusSound, CorpusState, UploadedCorpus
from service.database.pages import page
from service.errors import Conflict, NotFound
from service.studies.states import NEEDING
from service.studies.tables import Study


def find(session: Session, corpus_id: str, changing: bool = False) -> UploadedCorpus:
    """Returns a corpus; with `changing`, held until the transaction ends.

    Raises:
        NotFound: There is none of that id.
    """
    corpus = session.get(UploadedCorpus, corpus_id, with_for_update=changing or None, populate_existing=changing)
    if corpus is None:
        raise NotFound(f"corpus {corpus_id!r}: there is none")
    return corpus


def listed(session: Session, after: str | None, limit: int) -> tuple[list[UploadedCorpus], str | None]:
    """Returns a piece of the list of corpora, the newest first, and where the next piece begins."""
    return page(session, select(UploadedCorpus), (UploadedCorpus.created_at, UploadedCorpus.id), after, limit)


def sounds(
    session: Session, corpus_id: str, skipped: bool | None, after: str | None, limit: int
) -> tuple[list[CorpusSound], str | None]:
    """Returns a piece of the list of a corpus' sounds, by number, and where the next piece begins.

    Args:
        session: The transaction.
        corpus_id: Of the corpus.
        skipped: Only those that are skipped, or only those that are not; None for all.
        after: Where the last piece ended.
        limit: Most sounds.
    """
    query = select(CorpusSound).where(CorpusSound.corpus_id == corpus_id)
    if skipped is not None:
        query = query.where(CorpusSound.reason != "" if skipped else CorpusSound.reason == "")
    return page(session, query, (CorpusSound.number,), after, limit, descending=False)


def find_sound(session: Session, corpus_id: str, number: int) -> CorpusSound:
    """Returns one sound.

    Raises:
        NotFound: There is no such corpus, or no sound of that number in it.
    """
    sound = session.get(CorpusSound, (corpus_id, number))
    if sound is None:
        total = find(session, corpus_id).sounds_total
        raise NotFound(f"sound {number} of corpus {corpus_id!r}: there is none, it has {total} from 0")
    return sound


def add(session: Session, corpus: UploadedCorpus, names: Sequence[str], refused: Sequence[tuple[str, str]]) -> None:
    """Enters a new corpus with its sounds, and with files that are none and why."""
    corpus.sounds_read = len(refused)
    session.add(corpus)
    session.flush()
    session.add_all(CorpusSound(corpus_id=corpus.id, number=number, name=name) for number, name in enumerate(names))
    session.add_all(
        CorpusSound(corpus_id=corpus.id, number=len(names) + place, name=name, reason=reason)
        for place, (name, reason) in enumerate(refused)
    )


def is_known(session: Session, corpus_id: str) -> bool:
    """Returns whether there is a corpus of that id."""
    return session.get(UploadedCorpus, corpus_id) is not None


class Unread(NamedTuple):
    """A corpus whose sounds are yet to be read, and how many of them are."""

    id: str
    sounds: int


def unread(session: Session) -> list[Unread]:
    """Returns the corpora whose sounds are yet to be read, the oldest first."""
    query = select(UploadedCorpus.id, UploadedCorpus.sounds_total - UploadedCorpus.sounds_read).where(
        UploadedCorpus.state == CorpusState.READING
    )
    return [
        Unread(corpus_id, sounds) for corpus_id, sounds in session.execute(query.order_by(UploadedCorpus.created_at))
    ]


def unread_sounds(session: Session, corpus_id: str, limit: int) -> list[tuple[int, str]]:
    """Returns number and name of the first sounds of a corpus that are yet to be read."""
    query = (
        select(CorpusSound.number, CorpusSound.name)
        .where(CorpusSound.corpus_id == corpus_id, CorpusSound.seconds.is_(None), CorpusSound.reason == "")
        .order_by(CorpusSound.number)
        .limit(limit)
    )
    return [(number, name) for number, name in session.execute(query)]


def enter_findings(
    session: Session, corpus: UploadedCorpus, names: Mapping[int, str], found: Mapping[int, Finding | str]
) -> None:
    """Enters what was found out about sounds, or why they are skipped; a corpus that is read to its end is ready.

    Args:
        session: The transaction.
        corpus: The corpus, held.
        names: Of its sounds by number, at least of those in `found`.
        found: By number.
    """
    rows = []
    lengths = []
    changes = dict(corpus.changes)
    for number, finding in found.items():
        row = {"corpus_id": corpus.id, "number": number, "seconds": None, "reason": "", "remark": ""}
        if isinstance(finding, str):
            row["reason"] = finding
        else:
            row["seconds"], row["remark"] = finding.seconds, "; ".join(finding.changes.values())
            lengths.append(finding.seconds)
            for change, how in finding.changes.items():
                count, first, first_how = changes.get(change.name, (0, names[number], how))
                changes[change.name] = (count + 1, first, first_how)
        rows.append(row)
    if rows:
        session.execute(update(CorpusSound), rows)
    # Counting all of them each time would make reading many sounds quadratic.
    corpus.changes = changes
    corpus.sounds_read += len(rows)
    corpus.sounds_usable += len(lengths)
    corpus.seconds += sum(lengths)
    if not rows or corpus.sounds_read >= corpus.sounds_total:
        recount(session, corpus)


def remarks(corpus: UploadedCorpus) -> list[str]:
    """Returns what one should know about a corpus, as `nebula.Corpus.remarks` has it: a sentence each."""
    return [*corpus.remarks, *(Change[kind].remark(*changed) for kind, changed in sorted(corpus.changes.items()))]


def usable_names(session: Session, corpus_id: str) -> list[str]:
    """Returns the names of the sounds of a corpus that can be used, by number."""
    query = select(CorpusSound.name).where(CorpusSound.corpus_id == corpus_id, CorpusSound.seconds.is_not(None))
    return list(session.scalars(query.order_by(CorpusSound.number)))


def recount(session: Session, corpus: UploadedCorpus) -> None:
    """Brings the counts of a corpus up to date with its sounds, and its state once all are read."""
    total, usable, skipped, seconds = session.execute(
        select(
            func.count(),
            func.count(CorpusSound.seconds),
            func.count().filter(CorpusSound.reason != ""),
            func.sum(CorpusSound.seconds),
        ).where(CorpusSound.corpus_id == corpus.id)
    ).one()
    corpus.sounds_read, corpus.sounds_usable, corpus.seconds = usable + skipped, usable, float(seconds or 0)
    if corpus.sounds_read == total:
        corpus.state = CorpusState.READY if usable else CorpusState.FAILED
        corpus.reason = "" if usable else f"none of its {total} sounds can be used"


def users(session: Session, corpus_id: str) -> list[str]:
    """Returns the ids of studies that still need a corpus, as their target or to tell the target from."""
    query = select(Study.id, Study.spec).where(Study.state.in_(NEEDING)).order_by(Study.created_at)
    named = ((study, {spec.get("target"), *spec.get("others", ())}) for study, spec in session.execute(query))
    return [study for study, names in named if corpus_id in names]


def delete(session: Session, corpus_id: str) -> None:
    """Removes a corpus from the database; its files are the caller's.

    Raises:
        NotFound: There is none of that id.
        Conflict: A study needs it.
    """
    # Held: a study that names it at this moment is there first and seen below, or finds it gone.
    corpus = find(session, corpus_id, changing=True)
    needed_by = users(session, corpus_id)
    if needed_by:
        raise Conflict(f"corpus {corpus_id!r}: is needed by study {', '.join(needed_by[:3])}; stop or cancel it first")
    session.delete(corpus)
