"""Places of sounds on the two principal components of all of them but the start's, computed once and kept."""

from __future__ import annotations

from collections.abc import Sequence

from nebula import Corpus, Nebula, distances
from nebula.discrepancy import principal_places
from nebula.distances import Distance
from nebula.embedding import draw, embed_sounds
from nebula.tensors import Float, Tensor, np, torch
from service.api.recent import OneAtATime, Recent
from service.maps.layers import Layer
from service.maps.schemas import LayerAnswer, LayerRole, MapAnswer, PointAnswer

#: Most sounds of one source.
SOUNDS = 256

#: A map of three sources takes about 60 kB.
RECENT_BYTES = 2**23

# Sounds that no search has drawn; the same seeds for every nebula.
_SEEDS = range(3_000_000, 3_000_000 + SOUNDS)

_PATIENCE_SECONDS = 30.0


class Cartographer:
    """Draws maps, one at a time: each uses every core for seconds."""

    def __init__(self) -> None:
        making = OneAtATime("map: others are being drawn; ask again in some seconds", _PATIENCE_SECONDS)
        self._recent = Recent[tuple[str, tuple[tuple[Nebula | str, str], ...]]](RECENT_BYTES, making)

    def drawn(self, layers: Sequence[Layer], distance: str) -> bytes:
        """Returns a `MapAnswer` as JSON.

        Args:
            layers: At least one.
            distance: By whose vectors sounds are placed.

        Raises:
            Unavailable: Others keep it busy.
            CorpusError: A corpus cannot be used any more.
        """
        key = (distance, tuple((layer.identity, layer.address) for layer in layers))
        return self._recent.get(key, lambda: _map(layers, distance))


def _map(layers: Sequence[Layer], distance: str) -> bytes:
    found = [_placed(layer, distances.get(distance)) for layer in layers]
    # A start far off would take the plane for itself: it is spanned by the others, where there are any.
    decisive = [layer.role is not LayerRole.START for layer in layers]
    rows = np.repeat(decisive if any(decisive) else [True] * len(layers), [len(vectors) for _, vectors in found])
    places, shares = principal_places(torch.cat([vectors for _, vectors in found]).double().numpy(), rows)
    answers, start = [], 0
    for layer, (sounds, vectors) in zip(layers, found, strict=True):
        here = places[start : start + len(vectors)]
        start += len(vectors)
        points = [
            PointAnswer(x=round(float(x), 5), y=round(float(y), 5), label=label, sound=where)
            for (label, where), (x, y) in zip(sounds, here, strict=True)
        ]
        answers.append(LayerAnswer(role=layer.role, title=layer.title, points=points))
    answer = MapAnswer(distance=distance, shares=shares, layers=answers)
    return answer.model_dump_json().encode()


def _placed(layer: Layer, distance: Distance) -> tuple[list[tuple[str, str | None]], Float[Tensor, "sound dimension"]]:
    """Returns what each sound is called and where it can be heard, and the vectors."""
    if isinstance(layer.source, Nebula):
        sounds = [(f"seed {seed}", f"{layer.address}/{seed}.flac") for seed in _SEEDS]
        return [*sounds], draw(layer.source, _SEEDS, distance).vectors.cpu()
    corpus: Corpus = layer.source
    rows = np.unique(np.linspace(0, len(corpus) - 1, min(SOUNDS, len(corpus))).round().astype(int))
    embedded = embed_sounds(corpus.subset([corpus.sounds[row].name for row in rows]), distance)
    return [(sound.name, layer.sounds.get(sound.name)) for sound in embedded.sounds], embedded.vectors
