"""Sounds of new corpora are read once, whatever happens meanwhile."""

import zipfile

import numpy as np
import pytest
import soundfile
import torch

from nebula.audio import wav_bytes
from service.corpora import queries
from service.corpora.decoder import Decoder
from service.corpora.inspection import Inspector
from service.corpora.store import ARCHIVE_NAME, FOLDER_NAME, CorpusStore
from service.corpora.tables import CorpusState, UploadedCorpus
from service.corpora.targets import usable
from service.errors import Unavailable

SHORT = wav_bytes(torch.full((441,), 0.1), 44100, seed=0)


@pytest.fixture
def kept(database, settings):
    """A store, and the id of a corpus of three sounds and a text that no process has read yet."""
    store = CorpusStore(settings.home)
    folder = store.begin()
    names = ["a.wav", "b.wav", "c.wav", "d.wav"]
    for name in names[:3]:
        soundfile.write(folder / FOLDER_NAME / name, np.full(4410, 0.1), 44100)
    (folder / FOLDER_NAME / "d.wav").write_text("text")
    corpus = UploadedCorpus(id=store.id_of(folder), name="kit", size_bytes=1, sounds_total=4)
    with database.begin() as session:
        queries.add(session, corpus, names, [])
        store.keep(folder)
    store.end(folder)
    return store, corpus.id


def inspect(database, store, corpus_id, decoder, seconds=60):
    """Reads what has not been read of a corpus, in a process of its own."""
    inspector = Inspector(database, store, decoder)
    inspector.start()
    inspector.wait(corpus_id, seconds)
    inspector.stop()
    decoder.close()


def test_a_new_process_goes_on_with_what_an_earlier_one_had_not_read(database, settings, kept):
    store, corpus_id = kept
    with pytest.raises(Unavailable, match="is still being read"), database.read() as session:
        usable(session, settings.home, corpus_id)
    with database.begin() as session:
        # As if an earlier process had read two: wrong on purpose, to see that they are not read again.
        sounds, _ = queries.sounds(session, corpus_id, None, None, "", None, 10)
        sounds[0].seconds, sounds[1].reason = 7.0, "was refused then"
    inspect(database, store, corpus_id, Decoder())
    with database.read() as session:
        corpus = queries.find(session, corpus_id)
        assert (corpus.state, corpus.sounds_read, corpus.sounds_usable) == (CorpusState.READY, 4, 2)
        assert corpus.seconds == pytest.approx(7.1)
        assert [sound.name for sound in usable(session, settings.home, corpus_id).sounds] == ["a.wav", "c.wav"]


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_sounds_that_their_decoder_dies_of_are_skipped_and_said_so(database, kept):
    store, corpus_id = kept
    inspect(database, store, corpus_id, Decoder(limit_seconds=1e-6), seconds=120)
    with database.read() as session:
        corpus = queries.find(session, corpus_id)
        assert (corpus.state, corpus.reason) == (CorpusState.FAILED, "none of its 4 sounds can be used")
        sounds, _ = queries.sounds(session, corpus_id, True, None, "", None, 10)
        assert {sound.reason for sound in sounds} == {"reading it takes longer than 1e-06 s"}


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_few_sounds_do_not_wait_behind_many(database, settings):
    store, ids = CorpusStore(settings.home), []
    for name, count in (("many", 3000), ("more", 3000), ("one", 1)):
        folder = store.begin()
        with zipfile.ZipFile(folder / ARCHIVE_NAME, "w") as archive:
            for number in range(count):
                archive.writestr(f"{number:05}.wav", SHORT)
        ids.append(store.id_of(folder))
        with database.begin() as session:
            corpus = UploadedCorpus(id=ids[-1], name=name, size_bytes=1, sounds_total=count)
            queries.add(session, corpus, [f"{number:05}.wav" for number in range(count)], [])
            store.keep(folder)
        store.end(folder)
    decoder = Decoder()
    inspector = Inspector(database, store, decoder)
    inspector.start()
    inspector.wait(ids[2], 60)
    with database.read() as session:
        states = [queries.find(session, corpus_id).state for corpus_id in ids]
    inspector.stop()
    decoder.close()
    assert states == [CorpusState.READING, CorpusState.READING, CorpusState.READY]


def test_files_that_are_gone_fail_the_corpus(database, kept):
    store, corpus_id = kept
    store.remove(corpus_id)
    inspect(database, store, corpus_id, Decoder())
    with database.read() as session:
        assert queries.find(session, corpus_id).reason == "does not exist; give a folder, a zip or a sound file"
