"""Recordings as corpora: what is in a folder, a zip or a file, as mono sounds of one rate, length and loudness.

    decode      the bytes of a file to samples at one rate, mono or channel by channel (libsndfile, soxr)
    encode      samples to the content of a FLAC or WAV file
    containers  files as recorders and taggers leave them, put right before they are decoded
    layouts     which loudspeakers channels are for, and what they count for in loudness
    loudness    BS.1770 loudness and root mean square, measured and aligned
    archive     zip files, checked before anything of them is read
    sources     where bytes come from: folder trees, single files, zips
    tables      text and tables as people's programs write them
    labels      manifests and the layouts of published data sets
    splits      which sounds stay together in a split
    groups      takes, round robins and velocities, guessed from names
    corpus      `Corpus`: the sounds with their labels, streamed in batches
    cache       `embeddings` of a corpus, kept by what each file holds

and sounds for listening tests:

    stimuli     a trial's sounds brought together in time and level
    anchors     low-pass versions of a reference
    wav         files that hold sound and nothing else, dithered

Nothing here needs more memory for more audio: sounds stream through in batches.
"""

from nebula.audio.anchors import ANCHOR_CUTOFFS_HZ, low_pass
from nebula.audio.archive import printable
from nebula.audio.cache import EmbeddingCache, Embeddings, embeddings
from nebula.audio.corpus import Clips, Corpus, HoldOut, Reading, Skipped, Sound
from nebula.audio.decode import SILENT_PEAK, Change, Decoded, decode, is_sound_name
from nebula.audio.encode import encoded
from nebula.audio.labels import MANIFEST, labels_of
from nebula.audio.layouts import common, laid_out
from nebula.audio.loudness import (
    align_loudness,
    fit_loudness,
    integrated_loudness_lufs,
    level_lufs,
    relative_level_lufs,
    rms_db,
)
from nebula.audio.stimuli import (
    PEAK_TO_LOUDNESS_DB,
    Spread,
    align_edges,
    align_levels,
    fit_peaks,
    peak_to_loudness_db,
    spread,
)
from nebula.audio.wav import wav_bytes

__all__ = [
    "ANCHOR_CUTOFFS_HZ",
    "MANIFEST",
    "PEAK_TO_LOUDNESS_DB",
    "SILENT_PEAK",
    "Change",
    "Clips",
    "Corpus",
    "Decoded",
    "EmbeddingCache",
    "Embeddings",
    "HoldOut",
    "Reading",
    "Skipped",
    "Sound",
    "Spread",
    "align_edges",
    "align_levels",
    "align_loudness",
    "common",
    "decode",
    "embeddings",
    "encoded",
    "fit_loudness",
    "fit_peaks",
    "integrated_loudness_lufs",
    "is_sound_name",
    "labels_of",
    "laid_out",
    "level_lufs",
    "low_pass",
    "peak_to_loudness_db",
    "printable",
    "relative_level_lufs",
    "rms_db",
    "spread",
    "wav_bytes",
]
