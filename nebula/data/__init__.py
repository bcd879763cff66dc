"""Sounds by the million: as batches for training, as files, and as presets.

- `sounds`: an iterable torch dataset of audio and parameters, rendered where they are used
- `export`: files and shards on disk, streamed and resumed
- `presets`: what the synth itself loads
"""

from nebula.data.export import FORMATS, export
from nebula.data.presets import draw_presets
from nebula.data.sounds import Sounds

__all__ = ["FORMATS", "Sounds", "draw_presets", "export"]
