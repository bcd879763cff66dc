"""Values as messages show them."""

import pytest

from nebula.messages import short


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (True, "true"),
        ("é", '"\\u00e9"'),
        ("a" * 58, f'"{"a" * 58}"'),
        ("a" * 59, f'"{"a" * 56}...'),
        ({"path": object}, '{"path": "<class \'object\'>"}'),
    ],
)
def test_a_value_is_shown_as_json_of_sixty_characters_at_most(value, shown):
    assert short(value) == shown
    assert len(short(value)) <= 60


def test_what_contains_itself_is_shown_by_its_type():
    endless = []
    endless.append(endless)
    assert short(endless) == "list"
