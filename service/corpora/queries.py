"""What is asked of the corpora in the database."""

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from sqlalchemy import func, insert, literal, or_, select, update
from sqlalchemy.orm import Session, defer

from nebula.audio import Change
from service.corpora.decoder import Finding
from service.corpora.tables import CorpusSound, CorpusState, UploadedCorpus
from service.database.names import numbered
from service.database.pages import page
from service.errors import Conflict, NotFound, Unprocessable
from service.studies.states import NEEDING
from service.studies.tables import Study

# What is not read yet is taken to be of use.
_IS_USED = (CorpusSound.reason == "") & CorpusSound.excluded.is_(False)

#: In how many ways a corpus' name is tried with a number behind it before it may be taken.
_NUMBERS = 998


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
    session: Session,
    corpus_id: str,
    skipped: bool | None,
    excluded: bool | None,
    search: str,
    after: str | None,
    limit: int,
) -> tuple[list[CorpusSound], str | None]:
    """Returns a piece of the list of a corpus' sounds, by number, and where the next piece begins.

    Args:
        session: The transaction.
        corpus_id: Of the corpus.
        skipped: Only those that cannot be used, or only those that are used; None for all.
        excluded: Only those that somebody has left out, or only the others; None for all.
        search: Part of their names, whatever the case; empty: any.
        after: Where the last piece ended.
        limit: Most sounds.
    """
    query = select(CorpusSound).where(CorpusSound.corpus_id == corpus_id)
    if skipped is not None:
        query = query.where(CorpusSound.reason != "" if skipped else _IS_USED)
    if excluded is not None:
        query = query.where(CorpusSound.excluded.is_(excluded))
    if search:
        query = query.where(CorpusSound.name.icontains(search, autoescape=True))
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
    """Returns the names of the sounds of a corpus that are used, by number."""
    query = select(CorpusSound.name).where(
        CorpusSound.corpus_id == corpus_id, CorpusSound.seconds.is_not(None), _IS_USED
    )
    return list(session.scalars(query.order_by(CorpusSound.number)))


def recount(session: Session, corpus: UploadedCorpus) -> None:
    """Brings the counts of a corpus up to date with its sounds, and its state once all are read."""
    used = CorpusSound.excluded.is_(False)
    total, usable, excluded, skipped, seconds = session.execute(
        select(
            func.count(),
            func.count(CorpusSound.seconds).filter(used),
            func.count(CorpusSound.seconds).filter(~used),
            func.count().filter(CorpusSound.reason != ""),
            func.sum(CorpusSound.seconds).filter(used),
        ).where(CorpusSound.corpus_id == corpus.id)
    ).one()
    corpus.sounds_read, corpus.sounds_usable, corpus.seconds = usable + excluded + skipped, usable, float(seconds or 0)
    corpus.sounds_excluded = excluded
    if corpus.sounds_read == total:
        corpus.state = CorpusState.READY if usable else CorpusState.FAILED
        corpus.reason = "" if usable else f"none of its {total} sounds can be used"


def uses(session: Session, corpus_id: str) -> list[Study]:
    """Returns the studies that name a corpus as target or to tell the target from, of any state, the newest first."""
    # Ids are found in the list's text: nothing else in it looks like one.
    names = or_(Study.target == corpus_id, Study.spec["others"].as_string().contains(corpus_id))
    query = select(Study).options(defer(Study.spec, raiseload=True)).where(names)
    return list(session.scalars(query.order_by(Study.created_at.desc())))


def users(session: Session, corpus_id: str) -> list[str]:
    """Returns the ids of studies that still need a corpus, the oldest first."""
    return [study.id for study in reversed(uses(session, corpus_id)) if study.state in NEEDING]


def exclude(session: Session, corpus_id: str, excluded: Collection[int], included: Collection[int]) -> UploadedCorpus:
    """Returns a corpus after some of its sounds were left out, and others put back.

    Raises:
        NotFound: There is no such corpus, or no sound of such a number in it.
        Conflict: A study names it, or it is still being read.
        Unprocessable: A sound cannot be used anyway, is to be both left out and put back, or none would be left.
    """
    # Held: a study that names it at this moment is there first and seen below, or reads the sounds of afterwards.
    corpus = find(session, corpus_id, changing=True)
    if named_by := uses(session, corpus_id):
        raise Conflict(
            f"corpus {corpus_id!r}: is used by study {', '.join(study.id for study in named_by[:3])}, which could not "
            "be done again with other sounds; make a version of it"
        )
    _exclude(session, corpus, excluded, included)
    return corpus


def make_version(
    session: Session,
    base: UploadedCorpus,
    version: UploadedCorpus,
    excluded: Collection[int],
    included: Collection[int],
) -> None:
    """Enters a corpus of the sounds of another one, with what was found out about them, but for some.

    Args:
        session: The transaction.
        base: The other one, read to its end.
        version: The new one; its counts are those of the base.
        excluded: Numbers of sounds that are left out of it beside those that are left out of the base.
        included: Numbers of sounds that are put back.

    Raises:
        NotFound, Conflict, Unprocessable: As for `exclude`.
    """
    session.add(version)
    session.flush()
    columns = [column for column in CorpusSound.__table__.columns if column.name != "corpus_id"]
    same = select(literal(version.id), *columns).where(CorpusSound.corpus_id == base.id)
    session.execute(insert(CorpusSound).from_select(["corpus_id", *(column.name for column in columns)], same))
    _exclude(session, version, excluded, included)


def take_over(session: Session, base_id: str, version: UploadedCorpus) -> None:
    """Enters what is known of a corpus and its sounds for another one that has them, too, by their names."""
    version.size_bytes += find(session, base_id).size_bytes
    known = select(CorpusSound).where(CorpusSound.corpus_id == base_id)
    found = {sound.name: sound for sound in session.scalars(known)}
    entered = select(CorpusSound).where(CorpusSound.corpus_id == version.id, CorpusSound.reason == "")
    for sound in session.scalars(entered):
        if (before := found.get(sound.name)) is not None:
            sound.seconds, sound.reason, sound.remark = before.seconds, before.reason, before.remark
            sound.excluded = before.excluded
    session.flush()
    recount(session, version)


def version_name(session: Session, name: str) -> str:
    """Returns what a version of a corpus is called: its name with the first number behind it that none has."""
    stem = re.sub(r" \d{1,6}$", "", name)
    for free in islice(numbered(stem), _NUMBERS):
        if session.scalar(select(UploadedCorpus.id).where(UploadedCorpus.name == free).limit(1)) is None:
            break
    return free


def _exclude(session: Session, corpus: UploadedCorpus, excluded: Collection[int], included: Collection[int]) -> None:
    if corpus.state is CorpusState.READING:
        raise Conflict(f"corpus {corpus.id!r}: is still being read")
    if both := set(excluded) & set(included):
        raise Unprocessable(f"exclude, include: got {min(both)} in both, expected it in one of them")
    asked = CorpusSound.number.in_({*excluded, *included})
    found = {
        sound.number: sound
        for sound in session.scalars(select(CorpusSound).where(CorpusSound.corpus_id == corpus.id, asked))
    }
    for numbers, is_excluded in ((excluded, True), (included, False)):
        for number in sorted(set(numbers)):
            sound = found.get(number) or find_sound(session, corpus.id, number)
            if sound.seconds is None:
                raise Unprocessable(f"sound {sound.name!r}: {sound.reason}")
            sound.excluded = is_excluded
    session.flush()
    recount(session, corpus)
    if corpus.sounds_usable == 0:
        raise Unprocessable(f"exclude: got all {corpus.sounds_excluded} sounds that can be used, expected one to stay")


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
