"""Folders of corpora are there whole or not at all."""

from service.corpora.store import FOLDER_NAME, Store


def test_a_folder_becomes_a_corpus_in_one_step(tmp_path):
    store = Store(tmp_path)
    folder = store.begin()
    (folder / FOLDER_NAME / "a.wav").write_bytes(b"sound")
    assert not (store.root / "0123456789abcdef").exists()
    store.keep(folder, "0123456789abcdef")
    assert not folder.exists()
    assert (store.content("0123456789abcdef") / "a.wav").read_bytes() == b"sound"
    store.remove("0123456789abcdef")
    assert list(store.root.iterdir()) == []
    store.remove("0123456789abcdef")


def test_what_earlier_processes_left_is_cleared_away_and_what_is_known_stays(tmp_path):
    store = Store(tmp_path)
    store.clean([])
    for name in ("known", "orphan"):
        store.keep(store.begin(), name)
    store.begin()
    store.clean(["known"])
    assert [path.name for path in store.root.iterdir()] == ["known"]
