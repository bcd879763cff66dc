"""Sounds by the million: as batches for training, and as files.

- `sounds`: an iterable torch dataset of audio and parameters, rendered where they are used
- `export`: files and shards on disk, streamed and resumed
"""

from nebula.data.export import FORMATS, export
from nebula.data.sounds import Sounds

__all__ = ["FORMATS", "Sounds", "export"]
