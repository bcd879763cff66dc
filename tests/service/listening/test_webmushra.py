"""Configurations of webMUSHRA that are none, or would be made larger than any."""

import pytest

from service.errors import Unprocessable
from service.listening import webmushra

NINE = ", ".join(["*a{0}"] * 9)
ALIASES = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{NINE.format(n - 1)}]\n" for n in range(1, 12)) + "pages: [*a11]\n"

NO_PAGE = "got no page of type mushra or paired_comparison, expected one or more"
TRIAL = "{type: mushra, reference: r.wav, stimuli: {one: a.wav, two: b.wav}"


@pytest.mark.parametrize(
    ("configuration", "message"),
    [
        (ALIASES, "more than 50000 values, expected fewer; aliases count each time"),
        ("pages: &p [*p]", "nested more than 50 deep"),
        ("[" * 240_000 + "]" * 240_000, "nested more than 50 deep"),
        ("pages: [2001-99-99]", NO_PAGE),
        ("pages: [!!int x]", NO_PAGE),
        ("pages: 5", "got none, expected a mapping with a list under the key 'pages'"),
        ("? [a]\n: b\npages: []", "a key is no text"),
        ("pages: [{type: mushra, stimuli: 5}]", "page 'None': got no stimuli, expected some"),
        ('pages: ["\\ud800"]', "not YAML ("),
        ("x: \0", "not YAML ("),
    ],
)
def test_what_is_no_configuration_is_refused(configuration, message):
    with pytest.raises(Unprocessable) as caught:
        webmushra.specs(configuration, "0" * 16)
    assert str(caught.value).startswith(f"configuration: {message}")


@pytest.mark.parametrize("asked", ["5", "[5]", "[{name: q, response: 5}]", "[{name: q, response: [5]}]", "null"])
def test_a_questionnaire_of_another_kind_asks_nothing_but_text(asked):
    (spec,) = webmushra.specs(f"pages: [{TRIAL}, questionnaire: {asked}}}]", "0" * 16)
    assert [question.kind for question in spec.questionnaire] == (["text"] if "name" in asked else [])


def test_aliases_and_merged_keys_mean_what_they_stand_for():
    text = f"base: &base {TRIAL}}}\npages:\n- <<: *base\n  id: first\n  createAnchor35: true\n- *base\n"
    (spec,) = webmushra.specs(text, "0" * 16)
    assert [item.name for item in spec.items] == ["first", "1"]
    assert spec.anchors_hz == (3500,)
