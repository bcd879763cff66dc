"""Folders of corpora are there whole or not at all."""

import subprocess
import sys

from service.corpora.store import FOLDER_NAME, CorpusStore


def test_a_folder_becomes_a_corpus_in_one_step(tmp_path):
    store = CorpusStore(tmp_path)
    folder = store.begin()
    corpus_id = store.id_of(folder)
    (folder / FOLDER_NAME / "a.wav").write_bytes(b"sound")
    assert not (store.root / corpus_id).exists()
    store.keep(folder)
    store.end(folder)
    assert [path.name for path in store.root.iterdir()] == [corpus_id]
    assert (store.content(corpus_id) / "a.wav").read_bytes() == b"sound"
    store.remove(corpus_id)
    assert list(store.root.iterdir()) == []
    store.remove(corpus_id)


RECEIVE = """
import sys
from pathlib import Path
from service.corpora.store import CorpusStore

store = CorpusStore(Path(sys.argv[1]))
folders = [store.begin(), store.begin()]
store.keep(folders[1])  # and the database has not committed it yet
print(*map(store.id_of, folders), flush=True)
sys.stdin.read()
"""


def test_what_is_being_received_is_its_process_own_until_that_ends(tmp_path):
    store = CorpusStore(tmp_path)
    store.clean(lambda corpus_id: False)
    for name in ("known", "orphan"):
        (store.root / name).mkdir(parents=True)
    (store.root / ".unfinished" / FOLDER_NAME).mkdir(parents=True)
    command = [sys.executable, "-c", RECEIVE, tmp_path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        received, kept = other.stdout.readline().split()
        store.clean(lambda corpus_id: corpus_id == "known")
        there = {path.name for path in store.root.iterdir()}
        assert there == {"known", f".{received}", f".{received}.lock", kept, f".{kept}.lock"}
        other.kill()
    store.clean(lambda corpus_id: corpus_id == "known")
    assert [path.name for path in store.root.iterdir()] == ["known"]
