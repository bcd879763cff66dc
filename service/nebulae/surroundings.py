"""Nebulae around sounds: around presets of a file, or around one sound of another nebula."""

import json
from typing import Any

from nebula import Nebula, synths
from nebula.data import draw_presets
from nebula.synths import read_settings, settings_synth
from service.errors import Unprocessable

#: Most presets that are surrounded at once; each is a component, which takes up to a seventh of a second.
MOST_SURROUNDED = 32


def around_presets(presets: dict[str, Any], width: float, number: int | None = None) -> tuple[Nebula, tuple[str, ...]]:
    """Returns the nebula around presets, of several a mixture of equal weights, and what those are called.

    Args:
        presets: What `nebula presets` writes as JSON.
        width: Share of a range that the central 90 % of a parameter's draws take, from 0.005 to below 0.9.
        number: Which preset alone, counted from 1; all if not given.

    Raises:
        Unprocessable: The presets are none, too many, or fewer than the number.
        ArgumentError: A value is outside its range, or one is missing.
        SynthError: There is no such synthesizer.
    """
    return _around(json.dumps(presets), width, number)


def around_sound(nebula: Nebula, seed: int, width: float) -> tuple[Nebula, tuple[str, ...]]:
    """Returns the nebula around the sound that another one has for a seed, and what that is called.

    Raises:
        ArgumentError: The width or the seed is outside its range.
    """
    return _around(draw_presets(nebula, [seed], "json").decode(), width, None)


def _around(text: str, width: float, number: int | None) -> tuple[Nebula, tuple[str, ...]]:
    synth = settings_synth(text)
    if synth is None:
        raise Unprocessable("presets: got another JSON, expected what nebula presets writes")
    found = read_settings(text, synths.get(synth).panel, "json")
    count = len(found.rows)
    if number is not None and number > count:
        raise Unprocessable(f"number: got {number}, expected at most {count}, as many presets as there are")
    chosen = range(count) if number is None else range(number - 1, number)
    if len(chosen) > MOST_SURROUNDED:
        raise Unprocessable(f"presets: got {count}, expected at most {MOST_SURROUNDED}, or the number of one")
    parts = [(1.0, Nebula.around(found.rows[place], width, synth)) for place in chosen]
    return Nebula.mixture(parts), tuple(found.names[place] for place in chosen)
