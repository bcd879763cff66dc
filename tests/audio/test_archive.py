import copy
import io
import pickle
import re
import stat
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

from nebula.audio import Corpus, Skipped, Sound, archive
from nebula.errors import CorpusError


@pytest.fixture(scope="module")
def wav():
    file = io.BytesIO()
    soundfile.write(file, np.full(22050, 0.25), 44100, format="WAV")
    return file.getvalue()


@pytest.fixture
def pack(tmp_path):
    """Writes a zip of name: content and returns its path."""

    def make(entries, method=zipfile.ZIP_DEFLATED):
        path = tmp_path / "sounds.zip"
        with zipfile.ZipFile(path, "w", method) as file:
            for name, content in entries.items():
                file.writestr(name, content)
        return path

    return make


def error_of(path):
    with pytest.raises(CorpusError) as caught:
        list(Corpus.open(path).audio(1.0))
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(f"{path}: ")
    return message.removeprefix(f"{path}: ")


def test_a_zip_lists_and_plays_like_the_folder_it_was_made_of(tmp_path, write):
    for name in ("b.wav", "a/c.flac", "a/d.OGG"):
        write(f"sounds/{name}", **({"format": "OGG"} if name.endswith("OGG") else {}))
    path = tmp_path / "sounds.zip"
    with zipfile.ZipFile(path, "w") as file:
        for sound in sorted((tmp_path / "sounds").rglob("*.*"), reverse=True):
            file.write(sound, sound.relative_to(tmp_path / "sounds"))
        file.writestr("__MACOSX/a/._c.flac", b"resource fork")
        file.writestr(".hidden.wav", b"hidden")
    folder, packed = Corpus.open(tmp_path / "sounds"), Corpus.open(path)
    assert packed.name == folder.name == "sounds"
    assert packed.sounds == folder.sounds
    assert packed.fingerprint() == folder.fingerprint()
    (from_folder,), (from_zip,) = folder.audio(1.0), packed.audio(1.0)
    assert from_zip.content == from_folder.content
    assert (from_zip.audio == from_folder.audio).all()
    assert packed.skipped == ()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["sounds", "sounds.zip"]  # nothing was unpacked


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("../evil.wav", "leads out of the archive"),
        ("a/../../evil.wav", "leads out of the archive"),
        ("..\\evil.wav", "leads out of the archive"),
        ("/etc/evil.wav", "has an absolute name"),
        ("\\\\server\\evil.wav", "has an absolute name"),
        ("C:\\evil.wav", "has an absolute name"),
        ("c:evil.wav", "has an absolute name"),
    ],
)
def test_an_unsafe_name_is_skipped_and_the_others_are_used(pack, wav, name, fault):
    corpus = Corpus.open(pack({"good.wav": wav, name: wav}))
    assert [sound.name for sound in corpus.sounds] == ["good.wav"]
    assert corpus.skipped == (Skipped(name.replace("\\", "/"), fault),)


def test_dots_inside_names_are_safe(pack, wav):
    assert len(Corpus.open(pack({"a..b.wav": wav, "c.../d.wav": wav, "e..wav": wav}))) == 3


def test_a_symbolic_link_is_skipped(tmp_path, wav):
    path = tmp_path / "sounds.zip"
    link = zipfile.ZipInfo("link.wav")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("good.wav", wav)
        file.writestr(link, "/etc/passwd")
    corpus = Corpus.open(path)
    assert [sound.name for sound in corpus.sounds] == ["good.wav"]
    assert corpus.skipped == (Skipped("link.wav", "is a symbolic link"),)


def test_a_folder_called_like_a_drive_and_names_that_differ_in_case_are_read(pack, wav):
    path = pack({"A: Kicks/Kick.wav": wav, "A: Kicks/kick.wav": wav[:-2] + b"aa", "B: Snares/a.wav": wav})
    corpus = Corpus.open(path)
    (clips,) = corpus.audio(1.0)
    assert [sound.name for sound in clips.sounds] == ["A: Kicks/Kick.wav", "A: Kicks/kick.wav", "B: Snares/a.wav"]
    assert len(set(clips.content)) == 2
    assert corpus.skipped == ()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_two_entries_of_one_name_the_first_is_used_and_the_other_said_so(tmp_path, wav):
    path = tmp_path / "sounds.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a.wav", wav)
        file.writestr("a.wav", b"another one")
    corpus = Corpus.open(path)
    assert len(list(corpus.audio(1.0))) == 1
    assert corpus.skipped == (Skipped("a.wav (2)", "is called like another one, which is used"),)


@pytest.mark.parametrize("encoding", ["utf-8", "cp437"])
def test_names_without_the_flag_are_utf_8_where_they_can_be(tmp_path, wav, encoding):
    path = tmp_path / "sounds.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("Tr\u00f6mmel.wav", wav)
        file.writestr("manifest.csv", "path,kind\nTr\u00f6mmel.wav,percussion\n")
    data = path.read_bytes()
    # The same bytes, or those of another program, without the flag that says UTF-8.
    for flags_before, header in ((4, b"PK\x03\x04"), (6, b"PK\x01\x02")):
        place = data.index(header) + flags_before + 2
        data = data[:place] + bytes(2) + data[place + 2 :]
    path.write_bytes(
        data.replace(
            "Tr\u00f6mmel.wav".encode(), b"Tr\x94ommel.wav" if encoding == "cp437" else "Tr\u00f6mmel.wav".encode()
        )
    )
    corpus = Corpus.open(path)
    if encoding == "utf-8":
        assert corpus.sounds == (Sound("Tr\u00f6mmel.wav", {"kind": "percussion"}),)
    else:
        assert [sound.name for sound in corpus.sounds] == ["Tr\u00f6ommel.wav"]
    assert len(list(corpus.audio(1.0))) == 1


def test_a_bomb_is_refused(tmp_path):
    path = tmp_path / "sounds.zip"
    mebibyte = bytes(2**20)
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file,
        file.open("zeros.wav", "w") as entry,
    ):
        for _ in range(260):
            entry.write(mebibyte)
    packed = path.stat().st_size
    assert packed < 2**21
    assert error_of(path) == (
        f"{packed} bytes unpack to {260 * 2**20}, more than 100 times as many; nothing of it was read"
    )


def test_a_bomb_of_entries_that_share_their_bytes_is_refused(tmp_path):
    path = tmp_path / "sounds.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("0.wav", bytes(2**20))
        for number in range(1, 400):
            entry = copy.copy(file.filelist[0])
            entry.filename = f"{number}.wav"
            file.filelist.append(entry)
    assert error_of(path).endswith(
        f"bytes unpack to {400 * 2**20}, more than 100 times as many; nothing of it was read"
    )


def with_stated_size(path, size_bytes):
    """Rewrites the uncompressed size that a zip's only entry states, in both of its headers."""
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, data.index(b"PK\x03\x04") + 22, size_bytes)
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, size_bytes)
    path.write_bytes(data)
    return path


def test_an_entry_above_the_limit_is_skipped(pack, wav):
    path = with_stated_size(pack({"huge.wav": wav}), 2**30 + 1)
    assert error_of(path) == (
        "holds no sounds that can be reached: huge.wav unpacks to 1073741825 bytes, more than 1073741824"
    )


def test_an_entry_that_holds_more_than_it_states_is_not_read_to_its_end(pack, wav):
    path = with_stated_size(pack({"liar.wav": wav + bytes(2**24)}), len(wav))
    assert error_of(path) == (
        "none of its 1 sounds can be used: liar.wav cannot be unpacked (Bad CRC-32 for file 'liar.wav')"
    )


def test_more_entries_than_the_limit_are_refused(pack, wav, monkeypatch):
    monkeypatch.setattr(archive, "MAXIMUM_ENTRIES", 2)
    path = pack({f"{i}.wav": wav for i in range(3)})
    assert error_of(path) == "holds 3 entries, more than 2; unpack it to a folder"


@pytest.mark.parametrize(("method", "number"), [(zipfile.ZIP_BZIP2, 12), (zipfile.ZIP_LZMA, 14)])
def test_methods_that_cannot_be_bounded_are_skipped(pack, wav, method, number):
    path = pack({"a.wav": wav}, method)
    assert error_of(path) == (
        f"none of its 1 sounds can be used: a.wav is packed by method {number}; pack it again with deflate"
    )


def test_an_encrypted_entry_is_skipped(pack, wav):
    path = pack({"a.wav": wav})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x03\x04") + 6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert error_of(path) == ("none of its 1 sounds can be used: a.wav is encrypted; pack it again without a password")


def test_a_damaged_entry_is_skipped_and_the_others_are_used(pack, wav):
    path = pack({"bad.wav": b"\x01" * 1000, "good.wav": wav}, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    data[data.index(b"\x01" * 1000) + 500] = 2
    path.write_bytes(data)
    corpus = Corpus.open(path)
    (clips,) = corpus.audio(1.0)
    assert [sound.name for sound in clips.sounds] == ["good.wav"]
    assert [(s.name, s.reason) for s in corpus.skipped] == [
        ("bad.wav", "cannot be unpacked (Bad CRC-32 for file 'bad.wav')")
    ]


@pytest.mark.parametrize("content", [b"", b"this is not a zip", b"PK\x03\x04 cut"])
def test_a_broken_zip_is_named(tmp_path, content):
    path = tmp_path / "broken.zip"
    path.write_bytes(content)
    assert error_of(path) == "is not a whole zip file (File is not a zip file); make it again"


def test_a_cut_zip_is_named(pack, wav):
    path = pack({"a.wav": wav})
    path.write_bytes(path.read_bytes()[:-30])
    assert error_of(path) == "is not a whole zip file (File is not a zip file); make it again"


def test_a_zip_without_sounds_is_named(pack):
    path = pack({"readme.txt": "no sounds", ".hidden.wav": "x", "__MACOSX/a.wav": "x"})
    assert error_of(path) == (
        "holds no sounds; put sound files into it "
        "(.wav, .wave, .w64, .rf64, .bw64, .flac, .ogg, .oga, .opus, .mp3, .aif, .aiff, .aifc, .caf, .au, .snd)"
    )


def test_a_zip_is_known_by_its_content_too(pack, wav, tmp_path):
    path = pack({"a.wav": wav}).rename(tmp_path / "upload")
    assert [sound.name for sound in Corpus.open(path).sounds] == ["a.wav"]


def test_separators_of_windows_become_slashes(pack, wav):
    assert [sound.name for sound in Corpus.open(pack({"kick\\one.wav": wav})).sounds] == ["kick/one.wav"]


def test_the_list_is_read_once_for_all_passes_and_again_when_the_file_changes(pack, wav):
    path = pack({f"{number:04}.wav": wav for number in range(2000)})
    corpus = Corpus.open(path)

    def bytes_read():
        return int(re.search(r"rchar: (\d+)", Path("/proc/self/io").read_text())[1])

    before = bytes_read()
    for sound in corpus.sounds[:20]:
        with corpus.subset([sound.name]).reading() as reading:
            assert reading.samples(sound, 44100) is not None
    # An entry takes 60 bytes of the list, and each pass read it whole; what is left are the sounds and their headers.
    assert bytes_read() - before < 20 * 2000 * 60 / 4
    copy_of_another = pickle.loads(pickle.dumps(corpus))
    assert copy_of_another.fingerprint() == corpus.fingerprint()
    pack({"0000.wav": wav})
    with corpus.reading() as reading:
        assert reading.samples(corpus.sounds[0], 44100) is not None
        assert reading.samples(corpus.sounds[1], 44100) is None
        assert reading.reason(corpus.sounds[1]) == "is no longer in the archive"
