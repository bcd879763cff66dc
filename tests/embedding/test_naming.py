"""Which nebula or corpus a user means."""

import pytest

from nebula import Corpus, Nebula
from nebula.embedding import open_named
from nebula.errors import CorpusError


def test_names_and_files_of_nebulae_and_folders_of_sounds(percussion, tmp_path, monkeypatch):
    Nebula.load("drum").save(tmp_path / "mine.json")
    assert open_named("drum") == Nebula.load("drum")
    assert open_named(str(tmp_path / "mine.json")).curves == Nebula.load("drum").curves
    assert isinstance(open_named(str(percussion)), Corpus)
    # A folder that has a nebula's name is reached as a path.
    (tmp_path / "drum").symlink_to(percussion)
    monkeypatch.chdir(tmp_path)
    assert isinstance(open_named("drum"), Nebula)
    assert isinstance(open_named("./drum"), Corpus)


def test_what_is_neither_is_named():
    with pytest.raises(CorpusError, match=r"^'snare': no such folder, zip or sound file, and not a shipped nebula \("):
        open_named("snare")
