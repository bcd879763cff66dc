import pytest

from nebula.audio.groups import FEWEST_SERIES, MOST_TAKES, guessed_groups


@pytest.mark.parametrize(
    "names",
    [
        ["kick_rr1.wav", "kick_rr2.wav"],
        ["Kick RR1.wav", "kick-rr02.flac"],
        ["snare_vl1_rr1.wav", "snare_vl2_rr3.wav"],
        ["tom take 1.wav", "tom Take2.wav"],
        ["clap_soft.wav", "clap_hard.wav", "clap_f.wav"],
        ["hat-vel64.ogg", "hat-vel127.ogg"],
        ["ride (1).wav", "ride (2).wav"],
        ["bongo_v1.wav", "bongo_v2.wav"],
    ],
)
def test_takes_round_robins_and_velocities_are_of_one_group(names):
    assert set(guessed_groups([*names, "other.wav"])) == set(names)
    assert len(set(guessed_groups(names).values())) == 1
    # Folders keep apart what is called alike.
    assert guessed_groups([f"{number}/{name}" for number, name in enumerate(names)]) == {}


@pytest.mark.parametrize(
    "names",
    [
        ["kick.wav", "kicker.wav", "snare.wav"],
        ["1.wav", "2.wav", "3.wav"],
        ["100.wav", "take1.wav"],
        ["808 Kick.wav", "909 Kick.wav"],
        ["flute.wav", "f.wav"],
    ],
)
def test_what_is_not_alike_is_not(names):
    assert guessed_groups(names) == {}


def test_numbers_alone_tell_takes_in_short_series_among_many_names():
    many = [f"{name}.wav" for name in "abcdefghij"[: FEWEST_SERIES - 1]]
    takes = ["rim.wav", "rim 01.wav", "rim-2.wav"]
    assert guessed_groups([*many, *takes]) == dict.fromkeys(takes, "rim")
    assert guessed_groups([*many[1:], *takes]) == {}
    collection = [f"Kick {number}.wav" for number in range(MOST_TAKES + 1)]
    assert guessed_groups([*many, *collection]) == {}
    assert len(guessed_groups([*many, *collection[1:]])) == MOST_TAKES


def test_takes_within_a_long_numbered_series_stay_together():
    names = [f"kick {number}_rr{take}.wav" for number in range(MOST_TAKES + 1) for take in (1, 2)]
    groups = guessed_groups(names)
    assert len(groups) == len(names)
    assert len(set(groups.values())) == MOST_TAKES + 1
