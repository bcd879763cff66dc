"""Sounds by the million: as batches for training, as files, and as presets.

- `batches`: what iterable torch datasets of rendered sounds have in common
- `sounds`: audio and parameters, rendered where they are used
- `pairs`: the same of doppelgängers, two sounds a seed
- `files`: `export`, files and shards on disk, streamed and resumed
- `encoding`: what files of sounds hold
- `estimates`: what an export will take, before it is begun
- `presets`: what the synth itself loads
"""

from typing import TYPE_CHECKING

from nebula.lazy import names_from

if TYPE_CHECKING:
    from nebula.data.estimates import ExportEstimate, estimate
    from nebula.data.files import export
    from nebula.data.pairs import Pair, Pairs
    from nebula.data.presets import draw_presets
    from nebula.data.sounds import Sounds
else:
    __getattr__ = names_from(
        __name__,
        {
            "ExportEstimate": "nebula.data.estimates",
            "Pair": "nebula.data.pairs",
            "Pairs": "nebula.data.pairs",
            "Sounds": "nebula.data.sounds",
            "draw_presets": "nebula.data.presets",
            "estimate": "nebula.data.estimates",
            "export": "nebula.data.files",
        },
    )

#: What sounds can be written as: a file each, or WebDataset shards of JSON files beside FLAC, WAV or NumPy's arrays.
FORMATS = ("flac", "wav", "tar", "tar-wav", "tar-npy")

__all__ = ["FORMATS", "ExportEstimate", "Pair", "Pairs", "Sounds", "draw_presets", "estimate", "export"]
