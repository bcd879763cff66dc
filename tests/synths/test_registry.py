"""Which synths there are, and which of them a process may load."""

import pytest
from packages import installed_package

from nebula import synths
from nebula.errors import SynthError
from nebula.synths.registry import _found

PLUGIN = "plugin:/usr/lib/vst/amsynth_vst.so"


PACKAGE = """
from nebula.modules import Keyboard, SquareSaw, Fade
from nebula.synths import Wiring

PLUCK = Wiring("pluck", "a saw", (Keyboard(held=False), Fade("bend"), SquareSaw("string", pitch="bend")))

def made():
    return Wiring("made", "a saw", PLUCK.modules)

def broken():
    raise RuntimeError("no such\\n string")

def stranger():
    return 3
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    places = {"pluck": "PLUCK", "made": "made", "alias": "PLUCK"}
    places |= {"broken": "broken", "stranger": "stranger", "absent": "missing"}
    with installed_package(tmp_path, monkeypatch, "pluck_synth", PACKAGE, "nebula.synths", places):
        yield
    _found.cache_clear()


@pytest.fixture
def permission():
    """Plugins are allowed again afterwards."""
    yield
    synths.allow_plugins(None)


def test_a_synth_is_the_same_one_each_time():
    assert synths.get("voice") is synths.get("voice")


def test_what_is_not_allowed_is_not_loaded_even_if_it_was_before(permission):
    loaded = synths.get(PLUGIN)
    synths.allow_plugins(["/usr/lib/vst/other.so"])
    with pytest.raises(SynthError) as caught:
        synths.get(PLUGIN)
    assert str(caught.value) == (
        f"synth: got '{PLUGIN}', a plugin that is not allowed here; those allowed: /usr/lib/vst/other.so"
    )
    synths.allow_plugins(None)
    assert synths.get(PLUGIN) is loaded


def test_a_name_that_nobody_has_is_refused_with_those_there_are():
    with pytest.raises(SynthError, match=r"^synth: got 'moog', expected one of voice, "):
        synths.get("moog")


def test_allowed_plugins_and_members_of_families_are_told_by_their_names(permission):
    synths.allow_plugins(["/b.so", "/a.so"])
    assert synths.allowed_plugins() == ("plugin:/a.so", "plugin:/b.so")
    synths.allow_plugins(None)
    assert synths.allowed_plugins() == ()
    for family in synths.families():
        assert synths.get(family.example).name == family.example
        assert synths.is_member(family.example)
    for name in ("parametric-0-0-0-0", "parametric-", "voice", "none", "plugin:/a.so"):
        assert not synths.is_member(name)


def test_an_installed_package_brings_synths_as_they_are_or_by_what_makes_them(installed):
    assert {"pluck", "made"} <= set(synths.names())
    assert [synths.get(name).name for name in ("pluck", "made")] == ["pluck", "made"]
    assert synths.get("pluck").panel.paths == synths.get("made").panel.paths


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("broken", "cannot be made: RuntimeError: no such string"),
        ("stranger", "got int, expected a nebula.synths.Synth"),
        ("absent", "cannot be made: AttributeError: "),
        ("alias", "calls itself 'pluck', expected the name of its entry point"),
    ],
)
def test_a_package_that_fails_is_named_in_one_line(installed, name, words):
    with pytest.raises(SynthError) as caught:
        synths.get(name)
    assert str(caught.value).startswith(f"synth {name!r} of pluck-synth: {words}")
    assert "\n" not in str(caught.value)
