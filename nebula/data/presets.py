"""Sounds of a nebula as presets: files that the synth itself loads, or settings to be read."""

from nebula import synths
from nebula.draws import Seeds, sample_choices, seed_list
from nebula.errors import ArgumentError
from nebula.nebulae import Nebula


def draw_presets(nebula: Nebula, seeds: Seeds, format_: str) -> bytes:
    """Returns the sounds of these seeds as the content of a preset file; each is called by nebula and seed.

    Args:
        nebula: What to draw from.
        seeds: One integer in [0, 2**32) for each sound, at least one.
        format_: One of the `preset_formats` of the nebula's synth.

    Raises:
        ArgumentError: There is no such format, the file cannot hold so many sounds, or a seed is not an integer or lies
            outside that range.

    Example:
        >>> import nebula
        >>> from nebula.data import draw_presets
        >>> len(draw_presets(nebula.Nebula.load("dx7/uniform"), range(32), "syx"))
        4104
    """
    synth = synths.get(nebula.synth)
    if format_ not in synth.preset_formats:
        known = ", ".join(synth.preset_formats)
        raise ArgumentError(f"format: got {format_!r}, expected one of {known}, as the synth {synth.name!r} has")
    drawn = seed_list(seeds)
    if not drawn:
        raise ArgumentError("seeds: got none, expected one or more")
    physical = synth.player().physical(synth.sample(drawn), nebula, sample_choices(synth.panel, drawn))
    return synth.presets(physical, [f"{nebula.name} {seed}" for seed in drawn], format_)
