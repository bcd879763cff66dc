import os
from pathlib import Path

import pytest

from nebula.audio import Corpus, Skipped
from nebula.errors import CorpusError

FORMATS = "(.wav, .wave, .w64, .rf64, .bw64, .flac, .ogg, .oga, .opus, .mp3, .aif, .aiff, .aifc, .caf, .au, .snd)"


def error_of(path):
    with pytest.raises(CorpusError) as caught:
        Corpus.open(path)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(f"{path}: ")
    return message.removeprefix(f"{path}: ")


def test_sounds_are_found_in_all_subfolders_and_sorted_by_path(tmp_path, write):
    for name in ("z.wav", "b/two.FLAC", "b/One.wav", "a.b/x.aiff"):
        write(f"c/{name}")
    for name in (".hidden.wav", ".git/x.wav", "__MACOSX/b/two.wav", "b/__MACOSX/x.wav"):
        write(f"c/{name}")
    (tmp_path / "c/notes.txt").write_text("ignored")
    corpus = Corpus.open(tmp_path / "c")
    assert [sound.name for sound in corpus.sounds] == ["a.b/x.aiff", "b/One.wav", "b/two.FLAC", "z.wav"]
    assert corpus.name == "c"
    assert len(corpus) == 4
    assert all(sound.labels == {} for sound in corpus.sounds)


def test_the_current_folder_has_its_own_name(tmp_path, write, monkeypatch):
    write("drums/a.wav")
    monkeypatch.chdir(tmp_path / "drums")
    assert Corpus.open(".").name == "drums"


def test_a_single_file_is_a_corpus(write):
    path = write("sub/kick.WAV")
    write("sub/other.wav")
    corpus = Corpus.open(str(path))
    assert [sound.name for sound in corpus.sounds] == [corpus.name] == ["kick.WAV"]
    (clips,) = corpus.audio(0.5)
    assert clips.audio.shape == (1, 22050)


def test_nothing_there(tmp_path):
    assert error_of(tmp_path / "no") == "does not exist; give a folder, a zip or a sound file"


def test_an_empty_folder(tmp_path):
    assert error_of(tmp_path) == f"is an empty folder; put sound files into it {FORMATS}"


def test_a_folder_without_sounds(tmp_path):
    (tmp_path / "notes.txt").write_text("text")
    assert error_of(tmp_path) == f"holds no sounds; put sound files into it {FORMATS}"


def test_a_folder_called_like_a_sound(tmp_path):
    (tmp_path / "x.wav").mkdir()
    assert error_of(tmp_path / "x.wav") == f"is an empty folder; put sound files into it {FORMATS}"
    assert error_of(tmp_path) == f"holds no sounds; put sound files into it {FORMATS}"


def test_a_file_that_is_no_sound(tmp_path):
    (tmp_path / "song.mid").write_bytes(b"0")
    assert error_of(tmp_path / "song.mid") == f"is not a folder, a zip or a sound file {FORMATS}"


@pytest.mark.parametrize(
    ("suffix", "format_"),
    [("caf", "CAF"), ("w64", "W64"), ("rf64", "RF64"), ("au", "AU"), ("snd", "AU"), ("aifc", "AIFF"), ("oga", "OGG")],
)
def test_whatever_can_be_decoded_is_listed(tmp_path, write, suffix, format_):
    write(f"a.{suffix}", format=format_)
    (clips,) = Corpus.open(tmp_path).audio(0.5)
    assert [sound.name for sound in clips.sounds] == [f"a.{suffix}"]


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.m4a", b"\0\0\0\x20ftypM4A ", "MPEG-4 audio such as AAC"),
        ("a.aac", b"\xff\xf1\x50\x80", "AAC"),
        ("a.WMA", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9", "Windows Media audio"),
        ("a.wv", b"wvpk", "WavPack"),
        ("a.wav", b"\0\0\0\x20ftypM4A ", "MPEG-4 audio such as AAC"),
    ],
)
def test_sound_of_other_formats_is_skipped_with_what_to_do(tmp_path, write, name, content, what):
    write("good.wav")
    (tmp_path / name).write_bytes(content + bytes(5000))
    corpus = Corpus.open(tmp_path)
    assert len(corpus) == 2
    (clips,) = corpus.audio(0.5)
    assert [sound.name for sound in clips.sounds] == ["good.wav"]
    assert corpus.skipped == (Skipped(name, f"holds {what}, which is not read; convert it to WAV or FLAC"),)


def test_a_path_that_leads_in_a_circle(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert error_of(tmp_path / "loop") == (
        "cannot be read (Too many levels of symbolic links); check the path and its permissions"
    )


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "x.wav")
    assert (
        error_of(tmp_path / "x.wav") == "is neither a folder nor a regular file; give a folder, a zip or a sound file"
    )


def test_files_that_cannot_be_read_are_skipped_each_with_its_reason(tmp_path, write):
    write("a.wav")
    (tmp_path / "broken.wav").symlink_to(tmp_path / "nowhere.wav")
    (tmp_path / "loop.wav").symlink_to(tmp_path / "loop.wav")
    os.mkfifo(tmp_path / "pipe.wav")
    # A regular file that opens and then fails to be read, also for root.
    (tmp_path / "unreadable.wav").symlink_to("/proc/self/mem")
    corpus = Corpus.open(tmp_path)
    (clips,) = corpus.audio(1.0)
    assert [sound.name for sound in clips.sounds] == ["a.wav"]
    assert corpus.skipped == (
        Skipped("broken.wav", "cannot be opened (No such file or directory)"),
        Skipped("loop.wav", "cannot be opened (Too many levels of symbolic links)"),
        Skipped("pipe.wav", "is not a regular file"),
        Skipped("unreadable.wav", "cannot be read (Input/output error)"),
    )


def deny(monkeypatch, denied):
    """Makes a folder unlistable, for root too: the system's own refusal, raised where it would be."""
    scandir = os.scandir

    def refusing(path):
        if Path(path) == denied:
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)


def test_a_folder_that_cannot_be_listed(tmp_path, write, monkeypatch):
    write("secret/a.wav")
    deny(monkeypatch, tmp_path / "secret")
    assert error_of(tmp_path / "secret") == "cannot be listed (Permission denied); check its permissions"


def test_a_subfolder_that_cannot_be_listed_is_skipped(tmp_path, write, monkeypatch):
    write("good.wav")
    write("secret/a.wav")
    deny(monkeypatch, tmp_path / "secret")
    corpus = Corpus.open(tmp_path)
    assert [sound.name for sound in corpus.sounds] == ["good.wav"]
    assert corpus.skipped == (Skipped("secret", "cannot be listed (Permission denied)"),)


def test_sounds_only_where_nothing_can_be_listed(tmp_path, write, monkeypatch):
    write("secret/a.wav")
    deny(monkeypatch, tmp_path / "secret")
    assert error_of(tmp_path) == "holds no sounds that can be reached: secret cannot be listed (Permission denied)"


def test_names_stay_on_one_line_and_printable(tmp_path, write):
    good = write("a.wav")
    odd = os.fsencode(tmp_path) + b"/line\nbreak\xff.wav"
    Path(os.fsdecode(odd)).write_bytes(good.read_bytes())
    write("grüße 你好.wav")
    corpus = Corpus.open(tmp_path)
    assert [sound.name for sound in corpus.sounds] == ["a.wav", "grüße 你好.wav", "line\\nbreak\\udcff.wav"]
    (clips,) = corpus.audio(1.0)
    assert len(clips.sounds) == 3


def test_a_link_to_a_folder_is_not_followed(tmp_path, write):
    write("c/a.wav")
    (tmp_path / "c/again").symlink_to(tmp_path / "c", target_is_directory=True)
    assert [sound.name for sound in Corpus.open(tmp_path / "c").sounds] == ["a.wav"]
