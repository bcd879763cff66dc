"""Files as recorders and taggers leave them, made by hand from what libsndfile writes."""

import io
import struct
from contextlib import suppress

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from nebula.audio.containers import Pieces
from nebula.audio.decode import decode
from nebula.errors import SoundError

NOISE = np.random.default_rng(0).uniform(-0.5, 0.5, 44100).astype(np.float32)


def encoded(format_="WAV", endian=None):
    file = io.BytesIO()
    soundfile.write(file, NOISE, 44100, format=format_, endian=endian)
    return file.getvalue()


def tag(size):
    """An ID3v2.4 tag of so many bytes of padding."""
    return b"ID3\x04\0\0" + bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0)) + bytes(size)


def with_chunk(data, kind, content, pad=b"", order="<"):
    return data[:12] + kind + struct.pack(f"{order}I", len(content)) + content + pad + data[12:]


def caf(size):
    """A CAF file of samples that says so of their size; -1 means that it is not known."""
    data = encoded("CAF")
    place = data.index(b"data") + 4
    return data[:place] + struct.pack(">q", size) + data[place + 8 :]


def with_size(data, place, size):
    return data[:place] + struct.pack("<I", size) + data[place + 4 :]


def bw64():
    data = encoded()
    samples = data[data.index(b"data") + 8 :]
    sizes = struct.pack("<QQQI", 72 + len(samples), len(samples), 0, 0)
    fmt = data[data.index(b"fmt ") : data.index(b"fmt ") + 24]
    elsewhere = b"\xff" * 4
    return b"BW64" + elsewhere + b"WAVEds64" + struct.pack("<I", 28) + sizes + fmt + b"data" + elsewhere + samples


WAV = encoded()
RIFX = encoded(endian="BIG")
DATA = WAV.index(b"data")


@pytest.mark.parametrize(
    "content",
    [
        tag(30_000) + WAV,
        tag(100) + tag(7) + WAV,
        tag(30_000) + encoded("FLAC"),
        tag(30_000) + encoded("AIFF"),
        with_size(WAV, DATA + 4, 0),
        with_size(with_size(WAV, 4, 0), DATA + 4, 0),
        with_size(WAV, 4, 0),
        with_chunk(WAV, b"LIST", b"INFOICRD\x05\0\0\x002026\0"),
        with_chunk(with_size(WAV, DATA + 4, 0), b"LIST", b"odd"),
        with_chunk(WAV, b"LIST", b"odd", b"\0"),
        with_chunk(WAV, b"LIST", b"even"),
        bw64(),
        encoded("RF64"),
        tag(501) + with_chunk(bw64(), b"junk", b"x"),
        with_size(with_size(RIFX, 4, 0), RIFX.index(b"data") + 4, 0),
        with_chunk(RIFX, b"LIST", b"odd", order=">"),
        with_chunk(encoded("AIFF"), b"NAME", b"odd", order=">"),
        with_size(encoded("AU"), 8, 0),
        tag(99) + encoded("W64"),
        caf(0),
        caf(-1),
    ],
)
def test_the_sound_is_whole_whatever_stands_before_it(content):
    assert len(WAV) % 2 == 0
    np.testing.assert_allclose(decode(io.BytesIO(content), 44100).numpy(), NOISE, atol=2**-15)


def test_an_mp3_keeps_its_tag_and_its_length():
    plain = encoded("MP3")
    np.testing.assert_array_equal(decode(io.BytesIO(tag(3000) + plain), 44100), decode(io.BytesIO(plain), 44100))


def test_a_recording_of_nothing_is_named():
    empty = with_size(WAV, DATA + 4, 0)[: DATA + 8] + b"LIST" + struct.pack("<I", 4) + b"INFO"
    for content in (empty, empty[: DATA + 8]):
        with pytest.raises(SoundError, match=r"^x: holds no samples$"):
            decode(io.BytesIO(content), 44100, name="x")


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_odd_headers_give_a_sound_or_its_reason(data):
    place = data.draw(st.integers(0, DATA + 8))
    cut = data.draw(st.integers(0, 60))
    content = WAV[:place] + data.draw(st.binary(max_size=8)) + WAV[place + cut : 20_000]
    # Anything but a SoundError fails this.
    with suppress(SoundError):
        assert float(decode(io.BytesIO(tag(data.draw(st.integers(0, 300))) + content), 44100, 4.0).abs().max()) > 0


@given(
    pieces=st.lists(st.one_of(st.binary(max_size=9), st.tuples(st.integers(0, 50), st.integers(0, 50)).map(sorted))),
    reads=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 60))),
)
def test_pieces_read_like_the_bytes_they_stand_for(pieces, reads):
    source = bytes(range(50))
    pieces = [piece if isinstance(piece, bytes) else tuple(piece) for piece in pieces]
    whole = b"".join(piece if isinstance(piece, bytes) else source[piece[0] : piece[1]] for piece in pieces)
    file = Pieces(io.BytesIO(source), pieces)
    for place, length in reads:
        assert file.seek(place) == place
        assert file.read(length) == whole[place : place + length]
    assert file.seek(0, io.SEEK_END) == len(whole)


@pytest.mark.parametrize("size", [2**63 - 1, 2**62, 2**40])
def test_a_chunk_that_ends_beyond_every_file_is_passed_over(size, tmp_path):
    data = encoded("CAF")
    place = data.index(b"desc") + 12 + 32
    data = data[:place] + b"free" + struct.pack(">q", size) + data[place:]
    (tmp_path / "a.caf").write_bytes(data)
    for file in (io.BytesIO(data), (tmp_path / "a.caf").open("rb")):
        with file, pytest.raises(SoundError):
            decode(file, 44100)


def test_a_chunk_that_leads_before_the_beginning_leaves_no_remark(capfd):
    data = encoded("AIFF")
    place = data.index(b"SSND")
    for name in (b"SSND", b"ANNO", b"\xff\xff\xff\xff"):
        content = data[:place] + name + b"\xff\xff\xff\xff" + data[place + 8 :]
        with suppress(SoundError):
            decode(io.BytesIO(content), 44100)
    content = data[: place - 4] + b"\xff\xff\xff\xff" + data[place:]
    with suppress(SoundError):
        decode(io.BytesIO(content), 44100)
    assert capfd.readouterr().err == ""
