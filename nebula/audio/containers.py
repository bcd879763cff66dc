"""Sound files as recorders and taggers leave them, brought into the form that libsndfile reads.

Nothing is copied: what is returned reads the same file, with a few bytes put in or left out.
"""

import io
import struct
from bisect import bisect_right
from dataclasses import dataclass
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
    (0, b"\x0b\x77", "AC-3"),
    (0, b".RMF", "RealMedia"),
    (0, b"CAT ", "ReCycle"),
    (28, b"Speex   ", "Speex"),
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
_BEGINNINGS = (b"RIFF", b"RF64", b"BW64", b"RIFX", b"riff", b"FORM", b"fLaC", b"OggS", b".snd", b"caff")

# The byte order of numbers, by how a file begins.
_WAVE_FORMS = {b"RIFF": "<", b"RF64": "<", b"BW64": "<", b"RIFX": ">"}
_AIFF_FORMS = (b"AIFF", b"AIFC")

# Chunks by which one can tell where the next one begins.
_KNOWN_CHUNKS = frozenset(
    (
        b"fmt |data|fact|ds64|LIST|INFO|adtl|bext|cue |plst|smpl|inst|acid|PEAK|levl|cart|iXML|axml|chna|id3 |ID3 |"
        b"junk|JUNK|PAD |FLLR|FVER|COMM|SSND|MARK|INST|MIDI|AESD|APPL|COMT|NAME|AUTH|(c) |ANNO|CHAN|basc|trns|cate"
    ).split(b"|")
)

# A size that a field of 32 bits cannot hold, which stands in `ds64` then.
_ELSEWHERE = 0xFFFFFFFF

# Programs that write to a pipe, and cannot know how much will come, say so much or more.
_UNTOLD = 0x7FFF_0000

_MOST_CHUNKS = 1000

# An Ogg page is never longer.
_OGG_PAGE_BYTES = 27 + 255 + 255 * 255
_OGG_LAST = 0x4

_Piece = bytes | tuple[int, int]


def foreign_format(file: RawIOBase) -> str:
    """Returns what a file holds if it is sound that cannot be decoded, else nothing."""
    file.seek(0)
    head = file.read(40) or b""
    file.seek(0)
    return next((what for start, mark, what in FOREIGN if head[start:].startswith(mark)), "")


@dataclass(frozen=True, eq=False)
class Mended:
    """A file as libsndfile reads it, and whether it ends before what it says of itself."""

    file: "Pieces"
    breaks_off: bool


def mended(file: BufferedIOBase) -> Mended:
    """Returns a file without the tag before its sound, and with the sizes that stand in it put right.

    ID3 tags before anything but MP3 are stepped over. Where the size of the samples is 0 or more than there is, since a
    recorder was switched off, a program did not know it or the file was cut, they are read to the end (WAVE, AU, CAF).
    A chunk of odd size that lacks the pad byte gets it (WAVE, AIFF); BW64 is called by its older name.

    Args:
        file: the sound's bytes, seekable.
    """
    start = _after_tags(file)
    end = file.seek(0, io.SEEK_END)
    file.seek(start)
    head = file.read(24)
    pieces: list[_Piece] | None = None
    breaks_off = False
    if head[:4] in _WAVE_FORMS and head[8:12] == b"WAVE":
        pieces, breaks_off = _mended_wave(file, start, end, head)
    elif head[:4] == b"FORM" and head[8:12] in _AIFF_FORMS:
        pieces, breaks_off = _mended_aiff(file, start, end)
    elif head[:4] == b".snd" and len(head) == 24:
        pieces, breaks_off = _mended_au(start, end, head)
    elif head[:4] == b"caff":
        pieces, breaks_off = _mended_caf(file, start, end)
    elif head[:4] == b"riff" and len(head) == 24:
        breaks_off = int.from_bytes(head[16:], "little") > end - start
    elif head[:4] == b"OggS":
        breaks_off = _lacks_last_page(file, start, end)
    file.seek(0)
    return Mended(Pieces(file, pieces or [(start, end)]), breaks_off)


class Pieces(RawIOBase):
    """A file that is put together of others' bytes.

    Args:
        file: where pieces of the form (start, end) come from.
        pieces: what follows what, bytes as they are.
    """

    def __init__(self, file: BufferedIOBase, pieces: list[_Piece]) -> None:
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
        """Moves to a place and returns it; to the beginning, where damaged sizes lead before it."""
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


def _mended_wave(file: BufferedIOBase, start: int, end: int, head: bytes) -> tuple[list[_Piece] | None, bool]:
    """Returns the pieces of a WAVE file with right sizes, None where it has them; and whether it breaks off."""
    order = _WAVE_FORMS[head[:4]]
    found = _find(file, start + 12, end, order, b"data")
    if found is None:
        return None, False
    is_elsewhere = found.size == _ELSEWHERE and head[:4] in (b"RF64", b"BW64")
    stated = found.size_elsewhere if is_elsewhere else found.size
    is_wrong = found.lacks_pad or head[:4] == b"BW64" or head[4:8] == bytes(4)
    # Nothing was recorded where another chunk follows at once.
    if stated == 0 and found.content < end and not _begins_chunk(file, found.content, end, order):
        stated, is_wrong = end - found.content, True
    breaks_off = stated > end - found.content and (is_elsewhere or stated < _UNTOLD)
    if not is_wrong:
        return None, breaks_off
    stated = min(stated, end - found.content)
    return [*_wave_head(found.before, stated, order), (found.content, found.content + stated)], breaks_off


def _mended_aiff(file: BufferedIOBase, start: int, end: int) -> tuple[list[_Piece] | None, bool]:
    """Returns the pieces of an AIFF file with all pad bytes, None where it has them; and whether it breaks off."""
    found = _find(file, start + 12, end, ">", b"SSND")
    if found is None:
        return None, False
    breaks_off = end - found.content < found.size < _UNTOLD
    if not found.lacks_pad:
        return None, breaks_off
    return [(start, start + 12), *found.before, (found.content - 8, end)], breaks_off


def _mended_au(start: int, end: int, head: bytes) -> tuple[list[_Piece] | None, bool]:
    """Returns the pieces of an AU file that says its size, None where it does; and whether it breaks off."""
    content, size = struct.unpack(">II", head[4:12])
    there = max(0, end - start - content)
    if size == 0 and there:
        return [head[:8] + struct.pack(">I", min(there, _ELSEWHERE)), (start + 12, end)], False
    return None, there < size < _UNTOLD


def _mended_caf(file: BufferedIOBase, start: int, end: int) -> tuple[list[_Piece] | None, bool]:
    """Returns the pieces of a CAF file with a right size, None where it has one; and whether it breaks off."""
    position = start + 8
    for _ in range(_MOST_CHUNKS):
        # Sizes of 64 bits lead beyond where a file can be sought at all.
        if position + 12 > end:
            return None, True
        file.seek(position)
        head = file.read(12)
        (size,) = struct.unpack(">q", head[4:])
        there = end - position - 12
        if head[:4] == b"data":
            if 0 < size <= there:
                break
            right = b"data" + struct.pack(">q", there)
            return [(start, position), right, (position + 12, end)], size > there
        if size < 0:
            break
        position += 12 + size
    return None, False


def _lacks_last_page(file: BufferedIOBase, start: int, end: int) -> bool:
    """Returns whether an Ogg file ends before the page that says that it is the last."""
    file.seek(max(start, end - _OGG_PAGE_BYTES))
    rest = file.read(_OGG_PAGE_BYTES)
    page = rest[max(0, rest.rfind(b"OggS")) :]
    if len(page) < 27 or not page.startswith(b"OggS") or not page[5] & _OGG_LAST:
        return True
    return len(page) < 27 + page[26] + sum(page[27 : 27 + page[26]])


def _wave_head(chunks: list[_Piece], data_bytes: int, order: str) -> list[_Piece]:
    """Returns everything before the samples."""
    before = sum(len(piece) if isinstance(piece, bytes) else piece[1] - piece[0] for piece in chunks)
    riff_bytes = 4 + before + 8 + data_bytes + data_bytes % 2
    if riff_bytes < _ELSEWHERE:
        kind = b"RIFF" if order == "<" else b"RIFX"
        riff, data = struct.pack(f"{order}I", riff_bytes), struct.pack(f"{order}I", data_bytes)
        return [kind + riff + b"WAVE", *chunks, b"data" + data]
    sizes = struct.pack("<QQQI", riff_bytes + 36, data_bytes, 0, 0)
    elsewhere = struct.pack("<I", _ELSEWHERE)
    return [
        b"RF64" + elsewhere + b"WAVE" + b"ds64" + struct.pack("<I", len(sizes)) + sizes,
        *chunks,
        b"data" + elsewhere,
    ]


@dataclass(frozen=True)
class _Found:
    """Where the samples of a file of chunks are.

    Attributes:
        before: The chunks before them, each with its pad byte; without `ds64`, which is written anew.
        content: Where they begin.
        size: What their chunk says.
        size_elsewhere: What `ds64` says; 0 where there is none.
        lacks_pad: Whether a pad byte was not there.
    """

    before: list[_Piece]
    content: int
    size: int
    size_elsewhere: int
    lacks_pad: bool


def _find(file: BufferedIOBase, position: int, end: int, order: str, wanted: bytes) -> _Found | None:
    """Returns where the chunk of the samples is; None where there is none."""
    before: list[_Piece] = []
    size_elsewhere, lacks_pad = 0, False
    for _ in range(_MOST_CHUNKS):
        if position + 8 > end:
            return None
        kind, size = _chunk(file, position, order)
        content = position + 8
        if kind == wanted:
            return _Found(before, content, size, size_elsewhere, lacks_pad)
        following = content + size
        if kind == b"ds64":
            file.seek(content + 8)
            size_elsewhere = int.from_bytes(file.read(8), "little")
        else:
            before.append((position, min(following, end)))
        if (
            size % 2
            and not _begins_chunk(file, following + 1, end, order)
            and _begins_chunk(file, following, end, order)
        ):
            before.append(b"\0")
            lacks_pad = True
        elif size % 2:
            if kind != b"ds64":
                before.append((following, min(following + 1, end)))
            following += 1
        position = following
    return None


def _chunk(file: BufferedIOBase, position: int, order: str) -> tuple[bytes, int]:
    file.seek(position)
    head = file.read(8)
    return head[:4], int.from_bytes(head[4:], "little" if order == "<" else "big")


def _begins_chunk(file: BufferedIOBase, position: int, end: int, order: str) -> bool:
    """Returns whether a chunk that is known begins there, and fits unless its size was never written."""
    if position + 8 > end:
        return False
    kind, size = _chunk(file, position, order)
    return kind in _KNOWN_CHUNKS and (kind in (b"data", b"SSND") or position + 8 + size <= end)
