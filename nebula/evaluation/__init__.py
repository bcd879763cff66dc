"""Comparing sets of sounds.

- `sources`: where sets of sounds come from: nebulae and corpora
- `comparison`: how far apart they are, and how varied each is
"""

from nebula.evaluation.comparison import Comparison, Diversity, compare, measure_diversity
from nebula.evaluation.sources import draw, embed_corpus, open_source

__all__ = ["Comparison", "Diversity", "compare", "draw", "embed_corpus", "measure_diversity", "open_source"]
