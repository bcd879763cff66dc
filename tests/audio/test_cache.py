import inspect
import logging
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from subprocess import PIPE

import numpy as np
import platformdirs
import pytest
import torch

import nebula
from nebula.audio import Corpus, EmbeddingCache, Skipped, embeddings
from nebula.errors import ArgumentError, CorpusError

SECONDS, RATE_HZ = 0.25, 8000


def levels(audio):
    """A stand-in embedding: the root mean squares of ten stretches."""
    return audio.reshape(len(audio), 10, -1).square().mean(dim=-1).sqrt()


def never(audio):
    raise AssertionError("embedded what was in the cache")


def run(corpus, embed=levels, cache=None, key="levels", **options):
    return embeddings(
        corpus, embed, key, cache=cache, **{"duration_seconds": SECONDS, "sample_rate_hz": RATE_HZ, **options}
    )


@pytest.fixture
def folder(tmp_path, write):
    """Seven sounds at 8 kHz that differ in level."""
    for number in range(7):
        write(f"c/{number}.wav", np.full(3000, (number + 1) / 10), RATE_HZ)
    return tmp_path / "c"


@pytest.fixture
def cache(tmp_path):
    return EmbeddingCache(tmp_path / "cache/e.sqlite")


def expected(numbers):
    return torch.tensor([(number + 1) / 10 for number in numbers])[:, None].expand(-1, 10)


def test_vectors_are_those_of_the_sounds_in_order(folder):
    corpus = Corpus.open(folder)
    result = run(corpus, batch_size=3)
    assert result.computed == 7
    assert result.sounds == corpus.sounds
    assert result.vectors.dtype == torch.float32
    torch.testing.assert_close(result.vectors, expected(range(7)), atol=2**-15, rtol=0)
    assert result.content == tuple(content for clips in corpus.audio(1.0) for content in clips.content)


def test_a_second_run_computes_nothing(folder, cache):
    first = run(Corpus.open(folder), cache=cache)
    second = run(Corpus.open(folder), never, cache)
    assert (first.computed, second.computed) == (7, 0)
    assert second.sounds == first.sounds
    assert second.content == first.content
    assert torch.equal(second.vectors, first.vectors)


def test_a_changed_byte_recomputes_that_sound_only(folder, cache, write):
    run(Corpus.open(folder), cache=cache)
    samples = np.full(3000, 0.4)
    samples[0] = 0.4 + 2**-15
    write("c/3.wav", samples, RATE_HZ)
    seen = []
    result = run(Corpus.open(folder), lambda audio: seen.append(len(audio)) or levels(audio), cache)
    assert (result.computed, seen) == (1, [1])
    torch.testing.assert_close(result.vectors, expected(range(7)), atol=1e-4, rtol=0)


def test_a_renamed_sound_is_found_again(folder, cache):
    run(Corpus.open(folder), cache=cache)
    (folder / "0.wav").rename(folder / "z.wav")
    result = run(Corpus.open(folder), never, cache)
    torch.testing.assert_close(result.vectors, expected([1, 2, 3, 4, 5, 6, 0]), atol=2**-15, rtol=0)


@pytest.mark.parametrize("change", [{"key": "other"}, {"duration_seconds": 0.5}, {"sample_rate_hz": 16000}])
def test_another_key_duration_or_rate_is_another_vector(folder, cache, change):
    run(Corpus.open(folder), cache=cache)
    assert run(Corpus.open(folder), cache=cache, **change).computed == 7
    assert run(Corpus.open(folder), never, cache).computed == 0


def test_part_of_a_corpus_in_the_cache(folder, cache):
    corpus = Corpus.open(folder)
    run(corpus.subset(["1.wav", "4.wav", "5.wav"]), cache=cache)
    result = run(corpus, cache=cache, batch_size=2)
    assert result.computed == 4
    torch.testing.assert_close(result.vectors, expected(range(7)), atol=2**-15, rtol=0)


@pytest.mark.parametrize("stored", [False, True])
def test_progress_rises_to_the_number_of_sounds(folder, cache, stored):
    (folder / "bad.wav").write_text("text")
    if stored:
        run(Corpus.open(folder), cache=cache)
    calls = []
    run(Corpus.open(folder), cache=cache, watcher=lambda *call: calls.append(call), batch_size=2)
    done = [call[0] for call in calls]
    assert done == sorted(done)
    assert calls[-1] == (8, 8)
    assert {call[1] for call in calls} == {8}
    assert len(set(done)) >= (2 if stored else 4)


def test_bad_sounds_are_left_out_and_recorded(folder, cache):
    (folder / "2.wav").write_text("text")
    (folder / "4.wav").write_bytes(b"")
    for _ in range(2):
        corpus = Corpus.open(folder)
        result = run(corpus, cache=cache)
        torch.testing.assert_close(result.vectors, expected([0, 1, 3, 5, 6]), atol=2**-15, rtol=0)
        assert corpus.skipped == (
            Skipped("2.wav", "is not sound in a format that can be read (Format not recognised)"),
            Skipped("4.wav", "is empty (0 bytes)"),
        )


def test_a_corpus_without_one_good_sound_is_an_error(tmp_path, cache):
    (tmp_path / "a.wav").touch()
    with pytest.raises(CorpusError) as caught:
        run(Corpus.open(tmp_path), cache=cache)
    assert str(caught.value) == f"{tmp_path}: none of its 1 sounds can be used: a.wav is empty (0 bytes)"


def test_wrong_answers_of_an_embedding_are_refused(folder):
    corpus = Corpus.open(folder)
    with pytest.raises(ArgumentError, match=r"^embed: returned shape \(1, 10\) for 7 sounds; one row each$"):
        run(corpus, lambda audio: levels(audio)[:1])
    with pytest.raises(ArgumentError, match=r"^batch_size: got 0, expected 1 or more$"):
        run(corpus, batch_size=0)


def test_what_is_put_is_got(cache):
    vectors = {f"{i:064x}": np.random.default_rng(i).standard_normal(20).astype(np.float32) for i in range(1000)}
    cache.put_many("k", vectors)
    got = cache.get_many("k", [*vectors, "absent"])
    assert got.keys() == vectors.keys()
    assert all(np.array_equal(got[content], vectors[content]) for content in vectors)
    assert cache.get_many("other", vectors) == {}
    assert cache.get_many("k", []) == {}


@pytest.mark.parametrize(
    "change",
    [
        "vector = x'00000000'",
        "dimension = 3",
        "vector = 'text'",
        "vector = x''",
        "dimension = 0, vector = x''",
        "dimension = 1, vector = x'00000000'",
        f"vector = x'{np.full(10, np.nan, np.float32).tobytes().hex()}'",
    ],
)
def test_a_damaged_row_is_computed_again(folder, cache, change):
    first = run(Corpus.open(folder), cache=cache)
    with closing(sqlite3.connect(cache.path)) as connection, connection:
        connection.execute(f"UPDATE embeddings SET {change} WHERE content = ?", (first.content[0],))
    second = run(Corpus.open(folder), cache=cache)
    assert second.computed == 1
    assert torch.equal(second.vectors, first.vectors)
    assert run(Corpus.open(folder), never, cache).computed == 0


def test_a_key_used_for_two_embeddings_computes_all_again(folder, cache, caplog):
    corpus = Corpus.open(folder)
    run(corpus.subset(["0.wav", "1.wav"]), lambda audio: levels(audio)[:, :4], cache)
    result = run(corpus, cache=cache)
    assert result.computed == 7
    assert result.vectors.shape == (7, 10)
    assert caplog.messages == ["stored vectors of 'levels' differ in length from what it computes; computing all again"]
    assert run(corpus, never, cache).vectors.shape == (7, 10)


def test_vectors_that_are_not_finite_are_not_kept(folder, cache):
    assert run(Corpus.open(folder), lambda audio: levels(audio) * float("nan"), cache).vectors.isnan().all()
    assert run(Corpus.open(folder), cache=cache).computed == 7


@pytest.mark.parametrize("content", [b"this is no database" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_corrupted_cache_stops_nothing(folder, cache, caplog, content):
    cache.path.parent.mkdir()
    cache.path.write_bytes(content)
    result = run(Corpus.open(folder), cache=cache, batch_size=2)
    torch.testing.assert_close(result.vectors, expected(range(7)), atol=2**-15, rtol=0)
    (record,) = caplog.records  # said once, though many batches met it
    assert record.levelno == logging.WARNING
    assert record.getMessage() == (
        f"{cache.path}: the embedding cache cannot be read (file is not a database); computing instead. "
        "Delete it or choose another place."
    )


def test_a_place_that_cannot_be_written_stops_nothing(folder, tmp_path, caplog):
    (tmp_path / "file").write_text("not a folder")
    result = run(Corpus.open(folder), cache=EmbeddingCache(tmp_path / "file/cache.sqlite"))
    assert result.computed == 7
    (message,) = caplog.messages
    assert message.startswith(f"{tmp_path}/file/cache.sqlite: the embedding cache cannot be written (")


def test_a_full_disk_stops_nothing(folder, cache, caplog):
    run(Corpus.open(folder).subset(["0.wav"]), cache=cache)
    with closing(sqlite3.connect(cache.path)) as connection:  # SQLite's own way to meet a full disk
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
    wide = {f"{i:064x}": np.zeros(4096, np.float32) for i in range(8)}
    connect = sqlite3.connect

    def connect_to_full(*arguments, **options):
        connection = connect(*arguments, **options)
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", connect_to_full)
        cache.put_many("wide", wide)
    assert caplog.messages == [
        f"{cache.path}: the embedding cache cannot be written (database or disk is full); computing instead. "
        "Delete it or choose another place."
    ]
    assert cache.get_many("wide", wide) == {}  # all or none
    assert run(Corpus.open(folder).subset(["0.wav"]), never, cache).computed == 0


def write_batches(cache, who):
    for batch in range(40):
        own = {f"{who}-{batch}-{i}": np.full(64, i, np.float32) for i in range(8)}
        cache.put_many("k", {**own, f"shared-{batch}": np.full(64, batch, np.float32)})
        assert len(cache.get_many("k", own)) == 8


OTHER_PROCESS = f"""
import sys
import numpy as np
from nebula.audio import EmbeddingCache

{inspect.getsource(write_batches)}

print("ready", flush=True)
sys.stdin.readline()
write_batches(EmbeddingCache(sys.argv[1]), "other")
"""


def test_two_processes_write_at_once_and_lose_nothing(cache, caplog):
    environment = {**os.environ, "PYTHONPATH": str(Path(nebula.__file__).parents[1])}
    command = [sys.executable, "-c", OTHER_PROCESS, str(cache.path)]
    with subprocess.Popen(command, env=environment, stdin=PIPE, stdout=PIPE, stderr=PIPE, text=True) as other:
        assert other.stdout.readline() == "ready\n"
        other.stdin.write("go\n")
        other.stdin.flush()
        write_batches(cache, "this")
        assert other.communicate()[1] == ""
    assert other.returncode == 0
    assert caplog.messages == []
    for batch in range(40):
        names = [f"{who}-{batch}-{i}" for who in ("this", "other") for i in range(8)]
        assert len(cache.get_many("k", [*names, f"shared-{batch}"])) == 17


def test_the_cache_lives_in_the_users_cache_folder():
    assert EmbeddingCache().path.parent == platformdirs.user_cache_path("nebula")
