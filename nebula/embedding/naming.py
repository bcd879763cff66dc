"""Nebulae and corpora by what users call them."""

from pathlib import Path

from nebula.audio import Corpus
from nebula.errors import CorpusError
from nebula.nebulae import Nebula


def open_named(name_or_path: str) -> Nebula | Corpus:
    """Returns the nebula or the corpus that a user means.

    The name of a shipped nebula, a synth's name and `/uniform`, and any path that ends in `.json` mean a nebula;
    everything else is the path of a corpus. A folder that has a nebula's name is reached as `./drum`.

    Raises:
        NebulaFileError: The nebula's file cannot be used.
        CorpusError: There is no such nebula or path, or it holds no sounds.
    """
    if Nebula.known(name_or_path) or name_or_path.endswith(".json"):
        return Nebula.load(name_or_path)
    if not Path(name_or_path).exists():
        known = ", ".join(Nebula.shipped())
        raise CorpusError(f"{name_or_path!r}: no such folder, zip or sound file, and not a shipped nebula ({known})")
    return Corpus.open(name_or_path)
