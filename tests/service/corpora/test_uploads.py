"""Multipart requests become files, or nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.corpora.store import ARCHIVE_NAME, FOLDER_NAME, CorpusStore
from service.corpora.uploads import LONGEST_FIELD_BYTES, Limits, Upload, clean_name
from service.errors import RequestError, TooLarge, Unprocessable

BOUNDARY = "a-boundary"
NONE = "upload: got no sounds, expected files or one zip"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"
LIMITS = Limits(size_bytes=100_000, files=5)


def body(*parts):
    """A multipart body of (field, file name or None, content)."""
    text = b""
    for field, filename, content in parts:
        name = "" if filename is None else f'; filename="{filename}"'
        text += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"{name}\r\n\r\n'.encode()
        text += content + b"\r\n"
    return text + f"--{BOUNDARY}--\r\n".encode()


@pytest.fixture
def folder(tmp_path):
    return CorpusStore(tmp_path).begin()


def received(folder, content, block=1000, limits=LIMITS, content_type=TYPE):
    upload = Upload(content_type, folder, limits)
    try:
        for start in range(0, len(content), block):
            upload.feed(content[start : start + block])
    finally:
        upload.close()
    return upload.finish()


@settings(deadline=None, max_examples=30)
@given(contents=st.lists(st.binary(max_size=3000), min_size=1, max_size=4), block=st.integers(1, 5000))
def test_files_arrive_as_they_were_sent_however_the_network_cuts_them(tmp_path_factory, contents, block):
    folder = CorpusStore(tmp_path_factory.mktemp("home")).begin()
    parts = [("files", f"kit/{number}.wav", content) for number, content in enumerate(contents)]
    found = received(folder, body(("name", None, "Trömmeln".encode()), *parts), block)
    assert found.fields == {"name": "Trömmeln"}
    assert found.files == [name for _, name, _ in parts]
    assert [(folder / FOLDER_NAME / name).read_bytes() for name in found.files] == contents


def test_what_is_no_sound_is_refused_by_name_and_hidden_files_are_passed_over(folder):
    parts = [("files", name, b"x") for name in ("a.wav", "notes.pdf", ".DS_Store", "__MACOSX/._a.wav", "manifest.csv")]
    found = received(folder, body(*parts))
    assert found.files == ["a.wav", "manifest.csv"]
    assert found.refused == [("notes.pdf", "is not a sound by its name")]
    assert sorted(path.name for path in (folder / FOLDER_NAME).iterdir()) == ["a.wav", "manifest.csv"]


def test_a_name_that_cannot_be_used_is_refused_alone(folder):
    found = received(folder, body(*(("files", name, b"x") for name in ("../a.wav", "A: Kicks/b.wav", "C:/c.wav"))))
    assert found.files == ["A: Kicks/b.wav"]
    assert found.refused == [("../a.wav", "leads out of the corpus"), ("C:/c.wav", "is absolute")]


@pytest.mark.parametrize(
    ("name", "shown", "reason"),
    [
        ("a.wav", "a.wav", "is called like another one, which is used"),
        ("a.wav/b.wav", "a.wav/b.wav", "is called like another one, which is used"),
        ("a" * 300 + ".wav", "a" * 200, "has a name longer than the disk allows"),
    ],
)
def test_a_file_that_cannot_lie_beside_the_others_is_refused_alone(folder, name, shown, reason):
    found = received(folder, body(("files", "a.wav", b"first"), ("files", name, b"second"), ("files", "c.wav", b"x")))
    assert (found.files, found.refused) == (["a.wav", "c.wav"], [(shown, reason)])
    assert (folder / FOLDER_NAME / "a.wav").read_bytes() == b"first"


def test_a_zip_is_kept_as_it_is(folder):
    received(folder, body(("files", "Drums.ZIP", b"PK")))
    assert (folder / ARCHIVE_NAME).read_bytes() == b"PK"


@pytest.mark.parametrize(
    ("parts", "error", "message"),
    [
        ([("files", "../a.wav", b"")], Unprocessable, f"{NONE}; '../a.wav' leads out of the corpus"),
        ([("files", "a/../../b.wav", b"")], Unprocessable, f"{NONE}; 'a/../../b.wav' leads out of the corpus"),
        ([("files", "/etc/a.wav", b"")], Unprocessable, f"{NONE}; '/etc/a.wav' is absolute"),
        ([("files", "C:/a.wav", b"")], Unprocessable, f"{NONE}; 'C:/a.wav' is absolute"),
        ([("files", "", b"x")], Unprocessable, f"{NONE}; '' is empty"),
        (
            [("files", "a.zip", b""), ("files", "b.wav", b"")],
            Unprocessable,
            "upload: got a zip among 2 files, expected it alone",
        ),
        ([], Unprocessable, "upload: got no sounds, expected files or one zip"),
        (
            [("files", "a.pdf", b"")],
            Unprocessable,
            "upload: got no sounds, expected files or one zip; 'a.pdf' is not a sound by its name",
        ),
        (
            [("files", f"{number}.wav", b"") for number in range(6)],
            TooLarge,
            "upload: more than 5 files, the most allowed in one corpus",
        ),
        (
            [("files", "a.wav", bytes(100_000))],
            TooLarge,
            "upload: more than 100000 bytes, the most allowed in one request",
        ),
        (
            [("name", None, b"x" * (LONGEST_FIELD_BYTES + 1))],
            TooLarge,
            f"upload: field 'name' is longer than {LONGEST_FIELD_BYTES} bytes",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(folder, parts, error, message):
    with pytest.raises(error) as caught:
        received(folder, body(*parts))
    assert str(caught.value) == message


def test_a_body_that_breaks_off_is_refused(folder):
    content = body(("files", "a.wav", bytes(100)))
    for length in (10, 80, len(content) - 6):
        with pytest.raises(RequestError, match="the body breaks off before its last boundary"):
            received(CorpusStore(folder / str(length)).begin(), content[:length])


@pytest.mark.parametrize("content_type", ["", "application/json", "multipart/form-data", "multipart/mixed; boundary=x"])
def test_other_types_are_refused(folder, content_type):
    with pytest.raises(RequestError, match="expected multipart/form-data with a boundary"):
        received(folder, b"", content_type=content_type)


@given(st.text(max_size=60))
def test_a_clean_name_stays_below_its_folder_and_is_one_line(name):
    try:
        clean = clean_name(name)
    except Unprocessable:
        return
    parts = clean.split("/")
    assert all(part not in ("", ".", "..") for part in parts)
    assert clean.isprintable()
    assert clean_name(clean) == clean
