"""What commands say while they work: how long is left, in words."""

import pytest

from nebula.cli.terminal import span


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.4, "0 s"),
        (119.4, "119 s"),
        (119.6, "2 min"),
        (3569, "59 min"),
        (3571, "1 h 0 min"),
        (9e4, "25 h 0 min"),
    ],
)
def test_a_span_of_time_is_said_in_seconds_then_minutes_then_hours(seconds, words):
    assert span(seconds) == words
