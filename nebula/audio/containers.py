"""Sound files as recorders and taggers leave them, brought into the form that libsndfile reads.

Nothing is copied: what is returned reads the same file, with a few bytes put in or left out.
"""

import io
import struct
from bisect import bisect_right
from io import BufferedIOBase, RawIOBase
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

#: Sound that libsndfile does not decode, by the bytes it begins with, after those that come before them.
FOREIGN = (
    (4, b"ftyp", "MPEG-4 audio such as AAC"),
    (0, b"\xff\xf1", "AAC"),
    (0, b"\xff\xf9", "AAC"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "Windows Media audio"),
    (0, b"MAC ", "Monkey's Audio"),
    (0, b"wvpk", "WavPack"),
    (0, b"MPCK", "Musepack"),
    (0, b"MP+", "Musepack"),
    (0, b"TTA1", "True Audio"),
    (0, b"#!AMR", "AMR"),
    (0, b"DSD ", "DSD"),
    (0, b"FRM8", "DSD"),
    (0, b"\x1aE\xdf\xa3", "Matroska or WebM"),
)

# What a sound may begin with once a tag was stepped over; behind any other it is left alone, being MP3.
_BEGINNINGS = (b"RIFF", b"RF64", b"BW64", b"RIFX", b"FORM", b"fLaC", b"OggS", b".snd", b"caff")

_WAVE_FORMS = (b"RIFF", b"RF64", b"BW64")

# Chunks by which one can tell where the next one begins.
_KNOWN_CHUNKS = frozenset(
    b"fmt |data|fact|ds64|LIST|INFO|adtl|bext|cue |plst|smpl|inst|acid|PEAK|levl|cart|iXML|axml|chna|id3 |ID3 |".split(
        b"|"
    )
    + b"junk|JUNK|PAD |FLLR".split(b"|")
)

# A size that a field of 32 bits cannot hold, which stands in `ds64` then.
_ELSEWHERE = 0xFFFFFFFF

_MOST_CHUNKS = 1000


def foreign_format(file: BufferedIOBase | RawIOBase) -> str:
    """Returns what a file holds if it is sound that cannot be decoded, else nothing."""
    file.seek(0)
    head = file.read(16) or b""
    file.seek(0)
    return next((what for start, mark, what in FOREIGN if head[start:].startswith(mark)), "")


def mended(file: BufferedIOBase) -> BufferedIOBase | RawIOBase:
    """Returns a file without the tag before its sound, and with the sizes of its WAVE chunks put right.

    ID3 tags before anything but MP3 are stepped over. A WAVE file whose sizes are 0, since its recorder was switched
    off, is read to its end; one whose chunk of odd size lacks the pad byte gets it; BW64 is called by its older name.

    Args:
        file: the sound's bytes, seekable. It is returned as it is where nothing is to be mended.
    """
    start = _after_tags(file)
    end = file.seek(0, io.SEEK_END)
    pieces = _mended_wave(file, start, end)
    file.seek(0)
    if pieces is not None:
        return Pieces(file, pieces)
    return Pieces(file, [(start, end)]) if start else file


class Pieces(RawIOBase):
    """A file that is put together of others' bytes.

    Args:
        file: where pieces of the form (start, end) come from.
        pieces: what follows what, bytes as they are.
    """

    def __init__(self, file: BufferedIOBase, pieces: list[bytes | tuple[int, int]]) -> None:
        super().__init__()
        self._file, self._pieces = file, pieces
        lengths = (len(piece) if isinstance(piece, bytes) else piece[1] - piece[0] for piece in pieces)
        self._starts = [0, *accumulate(lengths)]
        self._position = 0

    def readable(self) -> bool:
        """Returns True."""
        return True

    def seekable(self) -> bool:
        """Returns True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Moves to a place and returns it."""
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._starts[-1]}[whence]
        self._position = max(0, origin + offset)
        return self._position

    def tell(self) -> int:
        """Returns the place that is read next."""
        return self._position

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Reads as many bytes as there is room for, fewer only at the end; libsndfile takes fewer for the end."""
        room = memoryview(buffer).cast("B")
        done = 0
        while done < len(room) and self._position < self._starts[-1]:
            number = bisect_right(self._starts, self._position) - 1
            piece, inside = self._pieces[number], self._position - self._starts[number]
            wanted = min(len(room) - done, self._starts[number + 1] - self._position)
            if isinstance(piece, bytes):
                content = piece[inside : inside + wanted]
            else:
                self._file.seek(piece[0] + inside)
                content = self._file.read(wanted)
            if not content:  # the file has become shorter
                break
            room[done : done + len(content)] = content
            done += len(content)
            self._position += len(content)
        return done


def _after_tags(file: BufferedIOBase) -> int:
    """Returns where the sound begins behind ID3v2 tags; 0 where there are none, or MP3 follows."""
    start = 0
    while True:
        file.seek(start)
        head = file.read(10)
        if head[:3] != b"ID3" or len(head) < 10 or any(byte & 0x80 for byte in head[6:]):
            return start if head[:4] in _BEGINNINGS else 0
        size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
        start += 10 + size + (10 if head[5] & 0x10 else 0)


def _mended_wave(file: BufferedIOBase, start: int, end: int) -> list[bytes | tuple[int, int]] | None:
    """Returns the pieces of a WAVE file with right sizes; None where it has them, or is none."""
    file.seek(start)
    head = file.read(12)
    if head[:4] not in _WAVE_FORMS or head[8:] != b"WAVE":
        return None
    is_wrong = head[:4] == b"BW64" or head[4:8] == bytes(4)
    stated_elsewhere = 0
    chunks: list[bytes | tuple[int, int]] = []
    position = start + 12
    for _ in range(_MOST_CHUNKS):
        if position + 8 > end:
            return None
        kind, size = _chunk(file, position)
        content = position + 8
        if kind == b"data":
            break
        following = content + size
        if kind == b"ds64":
            file.seek(content + 8)
            stated_elsewhere = int.from_bytes(file.read(8), "little")
        else:
            chunks.append((position, min(following, end)))
        if size % 2 and not _begins_chunk(file, following + 1, end) and _begins_chunk(file, following, end):
            chunks.append(b"\0")
            is_wrong = True
        else:
            if size % 2 and kind != b"ds64":
                chunks.append((following, min(following + 1, end)))
            following += size % 2
        position = following
    else:
        return None
    stated = stated_elsewhere if size == _ELSEWHERE and head[:4] != b"RIFF" else size
    # Nothing was recorded where another chunk follows at once.
    if stated == 0 and content < end and not _begins_chunk(file, content, end):
        stated, is_wrong = end - content, True
    if not is_wrong:
        return None
    stated = min(stated, end - content)
    return [*_wave_head(chunks, stated), (content, content + stated)]


def _wave_head(chunks: list[bytes | tuple[int, int]], data_bytes: int) -> list[bytes | tuple[int, int]]:
    """Returns everything before the samples."""
    before = sum(len(piece) if isinstance(piece, bytes) else piece[1] - piece[0] for piece in chunks)
    riff_bytes = 4 + before + 8 + data_bytes + data_bytes % 2
    if riff_bytes < _ELSEWHERE:
        return [b"RIFF" + struct.pack("<I", riff_bytes) + b"WAVE", *chunks, b"data" + struct.pack("<I", data_bytes)]
    sizes = struct.pack("<QQQI", riff_bytes + 36, data_bytes, 0, 0)
    elsewhere = struct.pack("<I", _ELSEWHERE)
    return [
        b"RF64" + elsewhere + b"WAVE" + b"ds64" + struct.pack("<I", len(sizes)) + sizes,
        *chunks,
        b"data" + elsewhere,
    ]


def _chunk(file: BufferedIOBase, position: int) -> tuple[bytes, int]:
    file.seek(position)
    head = file.read(8)
    return head[:4], int.from_bytes(head[4:], "little")


def _begins_chunk(file: BufferedIOBase, position: int, end: int) -> bool:
    """Returns whether a chunk that is known begins there, and fits unless its size was never written."""
    if position + 8 > end:
        return False
    kind, size = _chunk(file, position)
    return kind in _KNOWN_CHUNKS and (kind == b"data" or position + 8 + size <= end)
