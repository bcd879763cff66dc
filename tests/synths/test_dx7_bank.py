"""Banks of the DX7: the format's own rules, and one line for everything that is no bank."""

import dexed
import pytest

from nebula.errors import ArgumentError
from nebula.synths import get
from nebula.synths.dx7_bank import INIT_VOICE, read_bank, voice_name, write_bank

BANK = write_bank([INIT_VOICE], ["one"])


def test_a_bank_has_the_size_header_and_checksum_of_the_format():
    assert len(BANK) == 6 + 32 * 128 + 2
    assert BANK[:6] == bytes.fromhex("f04300092000")
    assert BANK[-1] == 0xF7
    assert (sum(BANK[6:-2]) + BANK[-2]) % 128 == 0
    assert max(BANK[1:-1]) < 128


def test_a_bank_is_filled_up_with_init_voices_that_are_a_sine(tmp_path):
    (tmp_path / "bank.syx").write_bytes(BANK)
    patches = dexed.Patch.load_bank(str(tmp_path / "bank.syx"))
    assert [patch.name for patch in patches] == ["one       "] + ["INIT VOICE"] * 31
    for patch in patches:
        assert [operator.output_level for operator in patch.op] == [99, 0, 0, 0, 0, 0]
        assert patch.transpose == 24
        assert {operator.detune for operator in patch.op} == {7}
    assert read_bank(BANK)[1:] == [("INIT VOICE", INIT_VOICE)] * 31


def test_a_bank_of_another_midi_channel_is_read():
    assert read_bank(BANK[:2] + b"\x05" + BANK[3:]) == read_bank(BANK)


def test_values_above_their_range_are_taken_for_the_largest():
    content = bytearray(BANK)
    # The first byte is rate 1 of operator 6, and byte 116 of a voice has the wave of the LFO from bit 1.
    content[6], content[6 + 116] = 127, 7 << 1
    content[-2] = -sum(content[6:-2]) & 0x7F
    dx7 = get("dx7")
    _, physical = dx7.read_bank(bytes(content))
    assert physical[0, dx7.panel.columns["operator_6", "eg_rate_1"]] == 99
    assert dx7.panel[dx7.panel.columns["lfo", "wave"]].choices[int(physical[0, dx7.panel.columns["lfo", "wave"]])] == (
        "sample & hold"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (BANK[:-1], "bank: got 4103 bytes, expected 4104, which 32 voices of a DX7 take"),
        (b"", "bank: got 0 bytes, expected 4104, which 32 voices of a DX7 take"),
        (
            b"RIFF" + BANK[4:],
            "bank: got 52 49 46 46 20 00 ... f7, expected f0 43 00 09 20 00 ... f7, as 32 voices of a DX7 have",
        ),
        (
            BANK[:-1] + b"\x00",
            "bank: got f0 43 00 09 20 00 ... 00, expected f0 43 00 09 20 00 ... f7, as 32 voices of a DX7 have",
        ),
        (
            BANK[:6] + b"\x62" + BANK[7:],
            f"bank: got checksum {BANK[-2]:02x}, expected {(BANK[-2] + 1) % 128:02x}; the file is damaged",
        ),
    ],
)
def test_what_is_no_bank_is_one_clear_line(content, message):
    with pytest.raises(ArgumentError) as refused:
        read_bank(content)
    assert str(refused.value) == message


@pytest.mark.parametrize("count", [0, 33])
def test_a_bank_holds_1_to_32_voices(count):
    with pytest.raises(ArgumentError, match=f"^sounds: got {count}, expected 1 to 32, which a DX7 bank holds$"):
        write_bank([INIT_VOICE] * count, [""] * count)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("drum 17", "drum 17   "),
        ("", "          "),
        ("exactly 10", "exactly 10"),
        ("dx7/uniform 17", "dx7/uni 17"),
        ("a-very-long-name", "a-very-lon"),
        ("drum 4294967295", "4294967295"),
        ("drum 429496729", "429496729 "),
        ("trébol\t日本 3", "trebol 3  "),
    ],
)
def test_a_name_has_ten_ascii_characters_and_keeps_the_seed(name, expected):
    assert voice_name(name) == expected
