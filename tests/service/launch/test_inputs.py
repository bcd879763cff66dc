"""What a study may read, by which name, and what it may not."""

import os
import shutil

import pytest

from nebula import Corpus, Nebula
from nebula.tuning import StudySpec
from service.accounts.caller import COMMAND_LINE
from service.corpora import queries as corpora
from service.corpora.store import CorpusStore
from service.corpora.tables import CorpusSound, CorpusState, UploadedCorpus
from service.errors import Conflict, Unavailable, Unprocessable
from service.launch.inputs import resolve
from service.launch.queueing import queue
from service.nebulae import queries as nebulae
from service.nebulae.tables import KeptNebula
from service.studies.schemas import StudyRequest


def spec(**changes):
    search = {"start": changes.pop("start", "default"), "phases": [{"sampler": "random", "trials": 4}]}
    return StudySpec.parse({"version": 1, "name": "s", "objective": "match", "search": search, **changes})


@pytest.fixture
def corpus(database, settings, percussion):
    """Id of an uploaded corpus of 24 sounds, one of which cannot be used."""
    with database.begin() as session:
        row = UploadedCorpus(name="hits", state=CorpusState.READY, size_bytes=1, sounds_total=24, sounds_read=24)
        session.add(row)
        session.flush()
        for number, path in enumerate(sorted(percussion.iterdir())):
            outcome = {"seconds": 0.5} if number else {"reason": "broken"}
            session.add(CorpusSound(corpus_id=row.id, number=number, name=path.name, **outcome))
    content = CorpusStore(settings.home).content(row.id)
    content.parent.mkdir(parents=True)
    content.symlink_to(percussion)
    return row.id


def found(database, settings, wanted):
    with database.read() as session:
        return resolve(session, wanted, settings)


def test_a_corpus_is_found_by_its_id_with_the_sounds_that_can_be_used(database, settings, corpus):
    inputs = found(database, settings, spec(target=corpus))
    assert isinstance(inputs.target, Corpus)
    assert inputs.target.name == "hits"
    assert [sound.name for sound in inputs.target.sounds] == [f"hit-{number:02}.wav" for number in range(1, 24)]
    assert inputs.start == Nebula.load("default")


def test_a_corpus_that_is_being_read_is_waited_for(database, settings, corpus):
    with database.begin() as session:
        session.get(UploadedCorpus, corpus).state = CorpusState.READING
    with pytest.raises(Unavailable, match="is still being read"):
        found(database, settings, spec(target=corpus))


def test_nebulae_are_found_by_name_as_target_and_as_start(database, settings):
    with database.begin() as session:
        session.add(KeptNebula(name="mine", content=Nebula.load("drum").to_json()))
    inputs = found(database, settings, spec(target="drum", start="mine"))
    assert inputs.target == Nebula.load("drum")
    assert inputs.start.curves == Nebula.load("drum").curves
    assert found(database, settings, spec(objective="diversify")).target is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "target: missing; give the id of a corpus or the name of a nebula"),
        ({"target": "nowhere"}, "target: got 'nowhere', expected the id of a corpus or the name of a nebula"),
        ({"target": "/etc"}, "target: got '/etc', expected the id of a corpus or the name of a nebula"),
        ({"target": "../../etc"}, "target: got '../../etc', expected the id of a corpus or the name of a nebula"),
        ({"target": "drum", "start": "/etc/passwd"}, "search.start: got '/etc/passwd', expected the name of a nebula"),
        (
            {"target": "drum", "distance": "hear:os"},
            "distance: got 'hear:os', a module that the setting NEBULA_HEAR_MODULES does not name",
        ),
    ],
)
def test_what_is_not_the_services_own_is_refused(database, settings, changes, words):
    with pytest.raises(Unprocessable) as caught:
        found(database, settings, spec(**changes))
    assert str(caught.value) == words


def test_paths_count_within_the_folders_that_the_settings_allow(database, settings, percussion, tmp_path):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    shutil.copytree(percussion, inside / "hits")
    shutil.copytree(percussion, outside)
    (inside / "link").symlink_to(outside)
    allowed = settings.model_copy(update={"target_folders": os.pathsep.join(["/nowhere", str(inside)])})
    assert len(found(database, allowed, spec(target=str(inside / "hits"))).target.sounds) == 24
    for way_out in (outside, inside / ".." / "outside", inside / "link"):
        with pytest.raises(Unprocessable, match="expected the id of a corpus or the name of a nebula"):
            found(database, allowed, spec(target=str(way_out)))


@pytest.fixture
def read(database, settings, corpus):
    """By kind: what a study reads, and what takes that away in a transaction."""
    with database.begin() as session:
        session.add(KeptNebula(name="mine", content=Nebula.load("drum").to_json()))

    def delete_nebula(session):
        kept = nebulae.find(session, "mine")
        nebulae.refuse_if_needed(session, "mine")
        session.delete(kept)

    return {
        "target": ({"target": corpus}, lambda session: corpora.delete(session, corpus)),
        "others": ({"target": "drum", "others": [corpus]}, lambda session: corpora.delete(session, corpus)),
        "nebula": ({"target": "mine"}, delete_nebula),
        "start": ({"target": "drum", "start": "mine"}, delete_nebula),
    }


@pytest.mark.parametrize("kind", ["target", "others", "nebula", "start"])
@pytest.mark.parametrize("first", ["study", "deletion"])
def test_of_a_study_and_the_deletion_of_what_it_reads_at_once_one_succeeds(
    database, settings, read, meanwhile, kind, first
):
    reads, delete = read[kind]
    request = StudyRequest.model_validate(spec(**reads).model_dump())

    def post(session):
        queue(session, COMMAND_LINE, request, settings)

    def do(what):
        with database.begin() as session:
            what(session)

    ahead, behind = (post, delete) if first == "study" else (delete, post)
    refusal, words = (Conflict, "is needed by study") if first == "study" else (Unprocessable, "expected the")
    with database.begin() as session:
        ahead(session)
        session.flush()
        second = meanwhile(do, behind)
    with pytest.raises(refusal, match=words):
        second.result()
