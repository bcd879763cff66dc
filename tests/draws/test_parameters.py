"""Parameters and panels: what they know of each other, and what is refused."""

import re

import pytest

from nebula.draws import Panel, Parameter
from nebula.errors import ArgumentError


def knob(module, name, minimum=0.0, maximum=1.0):
    return Parameter(module, name, minimum, maximum, "", "a knob")


KIND = Parameter.switch("filter", "kind", ("low", "high"), "what is let through")
PANEL = Panel((knob("b", "z"), knob("b", "a"), KIND, knob("a", "z")))


def test_a_panel_knows_its_columns_in_order():
    assert len(PANEL) == 4
    assert [parameter.path for parameter in PANEL] == list(PANEL.paths) == ["b.z", "b.a", "filter.kind", "a.z"]
    assert PANEL[2] is KIND
    assert PANEL.columns == {("b", "z"): 0, ("b", "a"): 1, ("filter", "kind"): 2, ("a", "z"): 3}
    assert PANEL.modules == {"b": slice(0, 2), "filter": slice(2, 3), "a": slice(3, 4)}
    assert [PANEL.paths[column] for column in PANEL.draw_order] == sorted(PANEL.paths)


def test_a_switch_is_a_range_over_its_choices():
    assert (KIND.minimum, KIND.maximum, KIND.choices) == (0.0, 2.0, ("low", "high"))
    assert PANEL.switches.tolist() == [False, False, True, False]
    assert Panel((knob("a", "b"),)).switches is None


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Panel(()), "parameters: got none, expected one or more"),
        (lambda: Panel((knob("a", "b"), knob("a", "b"))), "parameters: got a.b twice, expected each once"),
        (
            lambda: Panel((knob("a", "b"), knob("c", "d"), knob("a", "e"))),
            "parameters: got a.e apart from the others of a",
        ),
        (lambda: knob("a", "b", 1.0, 1.0), "a.b: got a range from 1 to 1, expected the smaller value first"),
        (
            lambda: knob("a", "b", float("nan")),
            "a.b: got a range from nan to 1, expected the smaller value first",
        ),
        (
            lambda: Parameter("a", "b", 0.0, 3.0, "", "", ("x", "y")),
            "a.b: got a range from 0 to 3, expected 0 to the number of choices (2)",
        ),
        (
            lambda: Parameter("a", "b", 0.0, 1.0, "", "", ("x",)),
            "a.b: got choices ('x',), expected two or more different names",
        ),
        (
            lambda: Parameter.switch("a", "b", ("x", "x"), ""),
            "a.b: got choices ('x', 'x'), expected two or more different names",
        ),
        (lambda: Parameter.switch("a", "b", (), ""), "a.b: got choices (), expected two or more different names"),
    ],
)
def test_what_is_no_panel_is_named(make, message):
    with pytest.raises(ArgumentError, match=f"^{re.escape(message)}$"):
        make()
