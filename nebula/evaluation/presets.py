"""Presets: the sounds of a corpus that differ in one property, which can be ranked.

What a preset and a rank are, by the labels of `nebula.audio.labels`:

| property | rank | preset |
|---|---|---|
| pitch | `midi_pitch` | `ordering_group`; where no group varies in pitch: same `instrument` and `velocity_rank` |
| velocity | `velocity_rank` | `ordering_group`; where no group varies in velocity: same `instrument` and `midi_pitch` |

Sounds of different `corpus` or `author` never share a preset; instruments of two libraries may have one name.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from nebula.audio import Corpus, Skipped, Sound
from nebula.distances import Distance
from nebula.embedding import embed_sounds
from nebula.errors import ArgumentError, CorpusError
from nebula.evaluation import RANK_LABELS
from nebula.watching import Watcher

# Dimensions compared at a time; a few hundred sounds then stay in a core's cache.


@dataclass(frozen=True)
class Preset:
    """Sounds that differ in one ranked property.

    Attributes:
        name: The labels that the sounds share.
        sounds: Their names in the corpus, by ascending rank.
        ranks: MIDI pitch or velocity of each.
    """

    name: str
    sounds: tuple[str, ...]
    ranks: tuple[float, ...]

    def without(self, unwanted: set[str]) -> "Preset":
        """Returns the preset less the sounds of these names."""
        kept = [pair for pair in zip(self.sounds, self.ranks, strict=True) if pair[0] not in unwanted]
        return Preset(self.name, tuple(sound for sound, _ in kept), tuple(rank for _, rank in kept))


def find_presets(corpus: Corpus, by: str = "pitch") -> list[Preset]:
    """Returns the presets of a corpus whose sounds have at least two ranks, sorted by name.

    Args:
        corpus: Labelled sounds.
        by: The property that is ranked, `pitch` or `velocity`.

    Raises:
        ArgumentError: `by` is something else.
        CorpusError: The labels define no preset, or a rank is not a number.
    """
    if by not in RANK_LABELS:
        raise ArgumentError(f"by: got {by!r}, expected one of {', '.join(RANK_LABELS)}")
    label = RANK_LABELS[by]
    (other,) = (name for key, name in RANK_LABELS.items() if key != by)
    ranked = [(sound, _rank(sound, label)) for sound in corpus.sounds if label in sound.labels]
    if not ranked:
        raise CorpusError(
            f"corpus {corpus.name}: none of its {len(corpus)} sounds has the label {label}, which {by} is ranked by; "
            "give a manifest that has it"
        )
    found = _grouped(ranked, lambda sound: _key(sound, "ordering_group"))
    if not found:
        found = _grouped(ranked, lambda sound: _key(sound, "instrument", other))
    if not found:
        raise CorpusError(
            f"corpus {corpus.name}: no two sounds of one ordering_group, or of one instrument and {other}, differ in "
            f"{label}"
        )
    return found


@dataclass(frozen=True, eq=False)
class Embedded:
    """Presets in a distance's space.

    Attributes:
        presets: Each with one vector for each of its sounds.
        skipped: Sounds that could not be used, and why.
    """

    presets: tuple[tuple[Preset, Float[Tensor, "sound dimension"]], ...]
    skipped: tuple[Skipped, ...]


def embed_presets(
    corpus: Corpus,
    presets: Sequence[Preset],
    distance: Distance,
    device: str = "cpu",
    watcher: Watcher | None = None,
) -> Embedded:
    """Returns each preset with the vectors of its sounds, less sounds that cannot be used or repeat another's file.

    Args:
        corpus: Where the presets are from.
        presets: At least one.
        distance: Whose space the vectors lie in.
        device: Where sounds are embedded; the vectors lie on the CPU.
        watcher: Told the number of sounds done and in all.

    Raises:
        CorpusError: Not one sound can be used.
    """
    used = corpus.subset(name for preset in presets for name in preset.sounds)
    found = embed_sounds(used, distance, device, watcher)
    rows = {sound.name: row for row, sound in enumerate(found.sounds)}
    embedded = []
    for preset in presets:
        first: dict[str, str] = {}
        for name in preset.sounds:
            if name in rows:
                first.setdefault(found.content[rows[name]], name)
        kept = preset.without(set(preset.sounds).difference(first.values()))
        embedded.append((kept, found.vectors[[rows[name] for name in kept.sounds]]))
    return Embedded(tuple(embedded), used.skipped)


def _rank(sound: Sound, label: str) -> float:
    text = sound.labels[label]
    try:
        rank = float(text)
    except ValueError:
        rank = math.nan
    if not math.isfinite(rank):
        raise CorpusError(f"{sound.name}: {label} is {text!r}; a finite number is needed")
    return rank


def _key(sound: Sound, first: str, second: str = "") -> tuple[str, ...] | None:
    """Returns what a sound shares with its preset; None without the first label."""
    if first not in sound.labels:
        return None
    return tuple(sound.labels.get(label, "") for label in ("corpus", "author", first, second))


def _grouped(ranked: list[tuple[Sound, float]], key: Callable[[Sound], tuple[str, ...] | None]) -> list[Preset]:
    groups: dict[tuple[str, ...], list[tuple[float, str]]] = {}
    for sound, rank in ranked:
        shared = key(sound)
        if shared is not None:
            groups.setdefault(shared, []).append((rank, sound.name))
    return [
        Preset("/".join(filter(None, shared)), tuple(name for _, name in pairs), tuple(rank for rank, _ in pairs))
        for shared, pairs in ((shared, sorted(groups[shared])) for shared in sorted(groups))
        if pairs[0][0] < pairs[-1][0]
    ]
