"""What a methods paragraph says of the sounds, as the key maps of all versions have it."""

import pytest

from nebula.listening import Preparation


@pytest.mark.parametrize(
    ("key_map", "sentences"),
    [
        (None, []),
        ({"stimuli": {}, "replaced": 3}, []),
        ({"channels": 1, "mono": 0}, ["All stimuli were mono."]),
        ({"channels": 2, "mono": 0}, ["All stimuli were played in 2 channels; no channels were mixed."]),
        (
            {"channels": 2, "mono": 1},
            ["All stimuli were played in 2 channels, the mono one on all of them; no channels were mixed."],
        ),
        (
            {"channels": 6, "mono": 1200},
            [
                "All stimuli were played in 6 channels, the 1,200 mono ones on all of them but that of low "
                "frequencies; no channels were mixed."
            ],
        ),
        ({"channels": 1, "lowered_db": None, "cut": 0, "seconds": 4.0}, ["All stimuli were mono."]),
        (
            {"channels": 1, "lowered_db": 0.0, "cut": 1, "seconds": 12.0},
            [
                "All stimuli were mono.",
                "1 recording that is longer than 12 s was cut there.",
                "Levels were left as they are in each sound, so that loudness may be part of what was judged.",
            ],
        ),
        (
            {"lowered_db": 3.14, "cut": 1500, "seconds": 0.5},
            [
                "1,500 recordings that are longer than 0.5 s were cut there.",
                "Levels were left as they are in each sound, so that loudness may be part of what was judged; all were "
                "turned down by one gain of 3.1 dB, so that no peak clips.",
            ],
        ),
    ],
)
def test_what_was_done_to_sounds_is_told_as_far_as_it_is_known(key_map, sentences):
    assert list(Preparation.of(key_map).sentences()) == sentences
