"""Which synths there are, and which of them a process may load."""

import pytest

from nebula import synths
from nebula.errors import SynthError

PLUGIN = "plugin:/usr/lib/vst/amsynth_vst.so"


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
