"""The DX7's bank: 32 voices as one message of 4,104 bytes, the `.syx` that the instrument and its emulations load.

    F0 43 0n 09 20 00, 32 voices of 128 bytes, checksum, F7        (n: MIDI channel, 0 as written)

A voice is 145 values of a byte each, operator 6 first, and a name. In a bank several values share a byte. Yamaha's
manual of the DX7 has both layouts, in its chapter on system exclusive messages.
"""

import unicodedata
from collections.abc import Sequence

from nebula.errors import ArgumentError

#: Voices in a bank.
VOICES = 32

#: Values of a voice.
VALUES = 145

#: Length of a bank.
BANK_BYTES = 4104

_HEADER, _END = bytes((0xF0, 0x43, 0x00, 0x09, 0x20, 0x00)), 0xF7
_VOICE_BYTES, _NAME_BYTES = 128, 10


def _layout() -> tuple[tuple[tuple[int, int, int], ...], ...]:
    """For each byte of a voice in a bank: which values it holds, each with its lowest bit and how many bits it has."""
    layout: list[tuple[tuple[int, int, int], ...]] = []
    for first in range(0, 126, 21):
        layout += [((value, 0, 7),) for value in range(first, first + 11)]
        layout += [
            ((first + 11, 0, 2), (first + 12, 2, 2)),  # curves to the left and to the right
            ((first + 13, 0, 3), (first + 20, 3, 4)),  # rate scaling, detune
            ((first + 14, 0, 2), (first + 15, 2, 3)),  # sensitivity to amplitude modulation, to velocity
            ((first + 16, 0, 7),),  # output level
            ((first + 17, 0, 1), (first + 18, 1, 5)),  # mode, coarse frequency
            ((first + 19, 0, 7),),  # fine frequency
        ]
    layout += [((value, 0, 7),) for value in range(126, 134)]  # pitch envelope
    layout += [((134, 0, 5),), ((135, 0, 3), (136, 3, 1))]  # algorithm; feedback, oscillator key sync
    layout += [((value, 0, 7),) for value in range(137, 141)]  # speed, delay and depths of the LFO
    layout += [((141, 0, 1), (142, 1, 3), (143, 4, 3)), ((144, 0, 7),)]  # its sync, wave, pitch sensitivity; transpose
    return tuple(layout)


_LAYOUT = _layout()

# Rates and levels of the envelope, break point, depths, curves, rate scaling and sensitivities; then comes the output
# level, and mode, coarse, fine and detune.
_INIT_OPERATOR = bytes((99, 99, 99, 99, 99, 99, 99, 0, 39, 0, 0, 0, 0, 0, 0, 0))

#: What the instrument calls INIT VOICE: operator 1 alone, a sine.
INIT_VOICE = (
    b"".join(_INIT_OPERATOR + bytes((99 if operator == 1 else 0, 0, 1, 0, 7)) for operator in range(6, 0, -1))
    + bytes((99, 99, 99, 99, 50, 50, 50, 50))
    + bytes((0, 0, 1))
    + bytes((35, 0, 0, 0, 1, 0, 3))
    + bytes((24,))
)


def write_bank(voices: Sequence[bytes], names: Sequence[str]) -> bytes:
    """Returns voices as a bank, which `INIT VOICE` fills up.

    Args:
        voices: 1 to 32, each of 145 values within their ranges, in the order of the instrument.
        names: What each voice is called; see `voice_name`.

    Raises:
        ArgumentError: There is no voice, or there are more than 32.
    """
    if not 1 <= len(voices) <= VOICES:
        raise ArgumentError(f"sounds: got {len(voices)}, expected 1 to {VOICES}, which a DX7 bank holds")
    free = VOICES - len(voices)
    content = b"".join(
        _packed(voice, name)
        for voice, name in zip((*voices, *(INIT_VOICE,) * free), (*names, *("INIT VOICE",) * free), strict=True)
    )
    return _HEADER + content + bytes((_checksum(content), _END))


def read_bank(content: bytes) -> list[tuple[str, bytes]]:
    """Returns the names of a bank's 32 voices, without the blanks at their ends, and their values.

    Raises:
        ArgumentError: The content is no bank, or is damaged.
    """
    if len(content) != BANK_BYTES:
        raise ArgumentError(f"bank: got {len(content)} bytes, expected {BANK_BYTES}, which 32 voices of a DX7 take")
    # The lower half of the third byte is the MIDI channel it was sent on.
    head = bytes((*content[:2], content[2] & 0xF0, *content[3:6]))
    if head != _HEADER or content[-1] != _END:
        ends = f"{content[:6].hex(' ')} ... {content[-1]:02x}"
        raise ArgumentError(f"bank: got {ends}, expected {_HEADER.hex(' ')} ... {_END:02x}, as 32 voices of a DX7 have")
    data, found = content[6:-2], content[-2]
    if max(data) > 0x7F or found != _checksum(data):
        raise ArgumentError(f"bank: got checksum {found:02x}, expected {_checksum(data):02x}; the file is damaged")
    return [_unpacked(data[first : first + _VOICE_BYTES]) for first in range(0, len(data), _VOICE_BYTES)]


def voice_name(name: str) -> str:
    """Returns a name as a voice has it: ten ASCII characters.

    Of a longer one the beginning and the last word are kept, which for a drawn sound is its seed.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = " ".join("".join(letter if letter.isprintable() else " " for letter in plain).split())
    if len(plain) > _NAME_BYTES:
        start, blank, last = plain.rpartition(" ")
        tail = f"{blank}{last}"[-_NAME_BYTES:] if len(last) < len(plain) else ""
        plain = ((start or plain)[: _NAME_BYTES - len(tail)] + tail).strip()
    return plain.ljust(_NAME_BYTES)


def _checksum(data: bytes) -> int:
    # What makes the sum of data and checksum a multiple of 128.
    return -sum(data) & 0x7F


def _packed(voice: bytes, name: str) -> bytes:
    return bytes(sum(voice[value] << low for value, low, _ in parts) for parts in _LAYOUT) + voice_name(name).encode()


def _unpacked(packed: bytes) -> tuple[str, bytes]:
    values = bytearray(VALUES)
    for byte, parts in zip(packed, _LAYOUT, strict=False):
        for value, low, bits in parts:
            values[value] = byte >> low & (1 << bits) - 1
    return packed[-_NAME_BYTES:].decode("ascii").rstrip(), bytes(values)
