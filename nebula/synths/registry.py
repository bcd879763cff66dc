"""Finding a synthesizer by name."""

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, NamedTuple

from nebula.errors import SynthError
from nebula.synths.synth import Synth

#: Group of entry points by which other packages add synthesizers.
ENTRY_POINTS = "nebula.synths"

# Where the synths of our own are, so that only the one asked for is put together.
_OURS = {
    "voice": "nebula.synths.voice:VOICE",
    "voice-fm": "nebula.synths.voice_fm:VOICE_FM",
    "voice-fm-amp": "nebula.synths.voice_fm:VOICE_FM_AMP",
    "parametric-2-2-1-1": "nebula.synths.parametric:PARAMETRIC_2_2_1_1",
    "subtractive": "nebula.synths.subtractive:SUBTRACTIVE",
    "percussion": "nebula.synths.percussion:PERCUSSION",
    "dx7": "nebula.synths.dx7:DX7",
}

_PLUGIN = "plugin:"

# Families of synths: what their names begin with, and the function that makes one of its name.
_FAMILIES: dict[str, str] = {
    "parametric-": "nebula.synths.parametric:parametric",
    _PLUGIN: "nebula.synths.plugin:plugin",
}


class SynthFamily(NamedTuple):
    """Synths whose names say what they are made of.

    Attributes:
        form: Of their names.
        description: What the letters in it stand for.
        example: One of the names.
    """

    form: str
    description: str
    example: str


class _Permission:
    """Which plugins this process may load; all, until somebody says otherwise."""

    plugins: frozenset[str] | None = None


def allow_plugins(paths: Iterable[str] | None) -> None:
    """Has this process load no plugins but these: a service loads what strangers name otherwise.

    Args:
        paths: As they stand behind `plugin:`; None for all.
    """
    _Permission.plugins = None if paths is None else frozenset(paths)


def allowed_plugins() -> tuple[str, ...]:
    """Returns the names, `plugin:PATH`, of the plugins that `allow_plugins` has named; none if it allows all."""
    return tuple(f"{_PLUGIN}{path}" for path in sorted(_Permission.plugins or ()))


def families() -> tuple[SynthFamily, ...]:
    """Returns the families whose members `get` makes by their names, beside plugins.

    Example:
        >>> get(families()[0].example).name
        'parametric-1-0-1-0'
    """
    counts = "the numbers of sines, square-saws, FM sines and FM square-saws, together 1 to 8"
    return (SynthFamily("parametric-s-q-f-g", counts, "parametric-1-0-1-0"),)


def is_member(name: str) -> bool:
    """Returns whether a name is that of a synth of one of `families`."""
    if name.startswith(_PLUGIN) or not name.startswith(tuple(_FAMILIES)):
        return False
    try:
        get(name)
    except SynthError:
        return False
    return True


def names() -> tuple[str, ...]:
    """Returns the names of the synths that there are, ours first."""
    others = sorted(entry.name for entry in entry_points(group=ENTRY_POINTS))
    return (*_OURS, *(name for name in others if name not in _OURS))


def get(name: str) -> Synth:
    """Returns a synth by its name, the same one each time.

    Args:
        name: One of `names()`.

    Raises:
        SynthError: There is none of that name, or its package cannot be loaded.

    Example:
        >>> import nebula
        >>> nebula.synths.get("voice").parameters[0].path
        'keyboard.midi_f0'
    """
    path = name.removeprefix(_PLUGIN)
    if path != name and _Permission.plugins is not None and path not in _Permission.plugins:
        allowed = ", ".join(sorted(_Permission.plugins)) or "none"
        raise SynthError(f"synth: got {name!r}, a plugin that is not allowed here; those allowed: {allowed}")
    return _found(name)


@cache
def _found(name: str) -> Synth:
    if name in _OURS:
        module, attribute = _OURS[name].split(":")
        synth: Synth = getattr(import_module(module), attribute)
        return synth
    for prefix, place in _FAMILIES.items():
        if name.startswith(prefix):
            module, function = place.split(":")
            member: Synth = getattr(import_module(module), function)(name)
            return member
    for entry in entry_points(group=ENTRY_POINTS):
        if entry.name == name:
            return _registered(name, entry)
    raise SynthError(f"synth: got {name!r}, expected one of {', '.join(names())}")


def _registered(name: str, entry: Any) -> Synth:
    """Returns the synth of another package: what its entry point names, or, of a class or function, makes."""
    # Any: where the backport `importlib_metadata` is imported, it answers for the standard module, in its own classes.
    label = f"synth {name!r} of {entry.dist.name if entry.dist else 'an installed package'}"
    try:
        found = entry.load()
        if not isinstance(found, Synth):
            found = found()
    except Exception as error:
        # Whatever a package of others may raise.
        words = " ".join(f"{type(error).__name__}: {error}".split())
        raise SynthError(f"{label}: cannot be made: {words}") from error
    if not isinstance(found, Synth):
        raise SynthError(f"{label}: got {type(found).__name__}, expected a nebula.synths.Synth")
    if found.name != name:
        raise SynthError(f"{label}: calls itself {found.name!r}, expected the name of its entry point")
    return found
