"""What an experimenter should know of a plan's sounds: said before it is sealed, and once more afterwards."""

import math
from collections.abc import Iterator

import scipy
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from nebula.listening import AttentionRule, Method, Preparation
from service.corpora.tables import CorpusSound, UploadedCorpus
from service.listening.audit import unaudited
from service.listening.spec import MUSHRA_SECONDS, ListeningSpec
from service.listening.tables import ListeningTest

#: How many names a remark gives.
NAMED = 3

# ITU-R BS.1116-3 advises programme of so many seconds at most.
_BS1116_SECONDS = 25.0

# Corpora know lengths up to here.
_KNOWN_SECONDS = 30.0


def remarks(session: Session, test: ListeningTest, spec: ListeningSpec) -> list[str]:
    """Returns what will be done to the sounds of a draft, or what was done to those of a sealed test, in sentences.

    Args:
        session: The transaction.
        test: In any state; nothing here tells which sound is which.
        spec: Of it.
    """
    sealed = None if test.key_map is None else test.key_map.get("longest_seconds", spec.seconds)
    longest = _longest_seconds(session, spec) if sealed is None else sealed
    # Sounds are sealed with a few milliseconds of silence at their ends.
    standards = [*_standards(spec, round(longest, 1)), *_guessed(spec)]
    if test.key_map is not None:
        return [*standards, *Preparation.of(test.key_map).sentences()]
    return [*standards, *unaudited(spec), *_cuts(session, spec)]


def _standards(spec: ListeningSpec, longest_seconds: float) -> Iterator[str]:
    if spec.method is Method.MUSHRA and longest_seconds > MUSHRA_SECONDS:
        yield f"Sounds of up to {longest_seconds:.4g} s: ITU-R BS.1534-3 allows {MUSHRA_SECONDS:g} s in MUSHRA."
    if spec.method is Method.BS1116 and longest_seconds > _BS1116_SECONDS:
        yield f"Sounds of up to {longest_seconds:.4g} s: ITU-R BS.1116-3 advises 10 to {_BS1116_SECONDS:g} s."


def _longest_seconds(session: Session, spec: ListeningSpec) -> float:
    """Returns how long the longest sound of a draft can become: what a plan allows, or what its recordings have."""
    sources = (*spec.systems, *((spec.reference,) if spec.reference else ()))
    if any(source.nebula is not None for source in sources):
        return spec.seconds
    drawn = [source.corpus for source in sources if source.corpus is not None]
    query = select(CorpusSound.seconds).where(CorpusSound.corpus_id.in_(drawn))
    lengths = list(session.scalars(query))
    if spec.corpus is not None:
        named = select(CorpusSound.name, CorpusSound.seconds).where(CorpusSound.corpus_id == spec.corpus)
        listed = {name for item in spec.items for names in item.sounds.values() for name in names}
        lengths += [
            seconds
            for name, seconds in session.execute(named)
            if any(f"/{each}".endswith(f"/{name}") for each in listed)
        ]
    known = [seconds for seconds in lengths if seconds is not None]
    # Of corpora that are not read yet nothing is known.
    return min(spec.seconds, max(known)) if known and max(known) < _KNOWN_SECONDS else spec.seconds


def _name(session: Session, corpus_id: str) -> str:
    """Returns what people call a corpus; its id if it is gone."""
    corpus = session.get(UploadedCorpus, corpus_id)
    return corpus_id if corpus is None else corpus.name


def _guessed(spec: ListeningSpec) -> Iterator[str]:
    """Yields how likely somebody who does not listen passes the attention checks."""
    plan = spec.plan
    if not plan.checks:
        return
    rules = [rule.at_most_count for rule in plan.screening if isinstance(rule, AttentionRule)]
    count = "1 attention check is" if plan.checks == 1 else f"{plan.checks} attention checks are"
    if not rules:
        yield f"{count} among each participant's trials, and no rule says what becomes of those who fail them."
        return
    passed = float(scipy.stats.binom.cdf(min(rules), plan.checks, 1 - 1 / len(spec.choices)))
    yield (
        f"{count} among each participant's trials: who chooses at random fails no more than {min(rules)} of them, and "
        f"counts, with a chance of at most {math.ceil(1000 * passed) / 10:g} %."
    )


def _cuts(session: Session, spec: ListeningSpec) -> Iterator[str]:
    """Yields which recordings would be cut, as far as the lengths of their corpora are known."""
    known = spec.seconds < _KNOWN_SECONDS
    is_longer = CorpusSound.seconds > spec.seconds if known else CorpusSound.seconds >= _KNOWN_SECONDS
    are = "are" if known else "may be"
    listed = {name for item in spec.items for names in item.sounds.values() for name in names}
    if listed and spec.corpus is not None:
        longer = session.scalars(select(CorpusSound.name).where(CorpusSound.corpus_id == spec.corpus, is_longer))
        # As a listed sound is found: by the end of its path.
        cut = sorted({name for name in longer if any(f"/{each}".endswith(f"/{name}") for each in listed)})
        if cut:
            more = f" and {len(cut) - NAMED} more" if len(cut) > NAMED else ""
            yield (
                f"{len(cut)} of the listed recordings {are} longer than {spec.seconds:g} s and will be cut there: "
                f"{', '.join(cut[:NAMED])}{more}."
            )
    sources = (*spec.systems, *((spec.reference,) if spec.reference else ()))
    for corpus_id in sorted({source.corpus for source in sources if source.corpus is not None}):
        query = select(func.count()).where(CorpusSound.corpus_id == corpus_id, CorpusSound.seconds.is_not(None))
        total, longer_count = session.scalar(query) or 0, session.scalar(query.where(is_longer)) or 0
        if longer_count:
            name = _name(session, corpus_id)
            yield (
                f"{longer_count:,} of the {total:,} recordings of corpus {name}, of which some are drawn, {are} longer "
                f"than {spec.seconds:g} s and will be cut there."
            )
