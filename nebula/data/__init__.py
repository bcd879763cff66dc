"""Sounds by the million: as batches for training, as files, and as presets.

- `sounds`: an iterable torch dataset of audio and parameters, rendered where they are used
- `files`: `export`, files and shards on disk, streamed and resumed
- `presets`: what the synth itself loads
"""

from typing import TYPE_CHECKING

from nebula.lazy import names_from

if TYPE_CHECKING:
    from nebula.data.files import export
    from nebula.data.presets import draw_presets
    from nebula.data.sounds import Sounds
else:
    __getattr__ = names_from(
        __name__,
        {
            "Sounds": "nebula.data.sounds",
            "draw_presets": "nebula.data.presets",
            "export": "nebula.data.files",
        },
    )

#: What sounds can be written as: a file each, or WebDataset shards with FLAC and JSON files.
FORMATS = ("flac", "wav", "tar")

__all__ = ["FORMATS", "Sounds", "draw_presets", "export"]
