"""Sounds to be seen and heard on pages that need no other: what reports show as the console does.

- `pictures`: a spectrogram over a waveform, as a small PNG
- `tile`: a sound with its picture, and rows of them as HTML with style and script
"""

from nebula.tiles.pictures import picture
from nebula.tiles.tile import SCRIPT, STYLE, Tile, row, script_hash

__all__ = ["SCRIPT", "STYLE", "Tile", "picture", "row", "script_hash"]
