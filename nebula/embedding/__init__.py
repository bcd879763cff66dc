"""Sets of sounds as vectors: nebulae rendered, recordings read, both in the space of a distance or another embedder.

- `form`: the rate and length at which sounds are compared
- `drawing`: the sounds of a nebula, by seed
- `corpora`: the sounds of a corpus, from the cache where it has them
- `noise`: white noise, as a set of sounds
- `naming`: which nebula or corpus a user means
"""

from nebula.embedding.corpora import embed_corpus, embed_sounds
from nebula.embedding.drawing import Drawn, draw, player_of
from nebula.embedding.form import DURATION_SECONDS, SAMPLE_RATE_HZ
from nebula.embedding.naming import open_named
from nebula.embedding.noise import WHITE_NOISE, embed_white_noise, white_noise

__all__ = [
    "DURATION_SECONDS",
    "SAMPLE_RATE_HZ",
    "WHITE_NOISE",
    "Drawn",
    "draw",
    "embed_corpus",
    "embed_sounds",
    "embed_white_noise",
    "open_named",
    "player_of",
    "white_noise",
]
