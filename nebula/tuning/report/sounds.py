"""A few sounds of target, start and tuned nebula, to be played by the page itself.

They are FLAC: every browser plays it, which cannot be said of Ogg, and no artefact of a codec is mistaken for the
synthesizer's. A sound of the default nebula takes about 75 kB, one that is loud noise for 4 s up to 250 kB.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from nebula.audio import Corpus, encoded, fit_loudness
from nebula.embedding import DURATION_SECONDS, SAMPLE_RATE_HZ, player_of
from nebula.errors import NebulaError
from nebula.nebulae import Nebula
from nebula.tiles import Tile
from nebula.tuning.outcome import Outcome
from nebula.tuning.report.verdict import is_unchanged
from nebula.tuning.seeds import Purpose, draw_seeds

#: How many sounds of each source can be played.
COUNT = 6

#: Loudness of every sound: EBU R 128's, which leaves room for the peaks of drums.
LOUDNESS_LUFS = -23.0

# Where sounds of a corpus cannot be read any more, others are tried, but a folder that is gone is not walked through.
_ATTEMPTS = 4 * COUNT


@dataclass(frozen=True)
class Group:
    """The sounds of one source.

    Attributes:
        role: `target`, `start` or `tuned`.
        title: What the source is called.
        tiles: Its sounds; none if they cannot be read.
    """

    role: str
    title: str
    tiles: tuple[Tile, ...]


def listening_groups(outcome: Outcome, device: str = "cpu") -> list[Group]:
    """Returns sounds of the target, if there is one, the start nebula and, unless it is the same, the tuned nebula.

    Both nebulae play the same seeds.

    Args:
        outcome: The finished study.
        device: Where sounds are rendered.
    """
    seed = outcome.spec.seed
    groups = []
    if outcome.target is not None:
        source = outcome.target.source
        if isinstance(source, Corpus):
            left_out = {name for name, _ in outcome.target.skipped}
            tiles = tuple(_corpus_tiles(source, left_out, seed))
        else:
            tiles = _nebula_tiles(source, device, draw_seeds(seed, Purpose.TARGET, 0, COUNT))
        groups.append(Group("target", f"Target: {source.name}", tiles))
    seeds = draw_seeds(seed, Purpose.LISTENING, 0, COUNT)
    start, winner = outcome.start.nebula, outcome.winner.nebula
    groups.append(Group("start", f"Start: {outcome.space.start.name}", _nebula_tiles(start, device, seeds)))
    if not is_unchanged(outcome):
        groups.append(Group("tuned", "Tuned", _nebula_tiles(winner, device, seeds)))
    return groups


def _nebula_tiles(nebula: Nebula, device: str, seeds: list[int]) -> tuple[Tile, ...]:
    with torch.no_grad():
        audio = player_of(nebula, device).play(seeds, nebula).cpu()
    return tuple(_tile(f"seed {seed}", sound) for seed, sound in zip(seeds, audio, strict=True))


def _corpus_tiles(corpus: Corpus, left_out: set[str], study_seed: int) -> Iterator[Tile]:
    """Yields up to `COUNT` sounds chosen by the study's seed; those that cannot be read any more are passed over."""
    names = [sound.name for sound in corpus.sounds if sound.name not in left_out]
    order = np.random.default_rng([study_seed, int(Purpose.LISTENING), 1]).permutation(len(names))
    found = 0
    for position in order[:_ATTEMPTS]:
        try:
            (clips,) = corpus.subset([names[position]]).audio(DURATION_SECONDS, SAMPLE_RATE_HZ, None)
        except (NebulaError, OSError):
            continue
        yield _tile(names[position], clips.audio[0])
        found += 1
        if found == COUNT:
            return


def flac(sound: Float[Tensor, " time"]) -> tuple[bytes, bool]:
    """Returns a sound at `LOUDNESS_LUFS` as a FLAC file, and whether it had to be lowered for its peaks to fit."""
    fitted, is_lowered = fit_loudness(sound, SAMPLE_RATE_HZ, LOUDNESS_LUFS)
    return encoded(fitted.numpy(), SAMPLE_RATE_HZ, compression=1.0), is_lowered


def _tile(label: str, sound: Float[Tensor, " time"]) -> Tile:
    return Tile.of(label, *flac(sound))
