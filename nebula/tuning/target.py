"""What a study tunes towards."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from nebula.audio import Corpus
from nebula.discrepancy import GaussianReference, Reference, spread_rows
from nebula.distances import Distance
from nebula.embedding import draw, embed_corpus
from nebula.errors import ArgumentError
from nebula.nebulae import Nebula
from nebula.tensors import Float, Tensor, torch
from nebula.tuning.objective import Nearness, TargetReference
from nebula.tuning.seeds import Purpose, draw_seeds
from nebula.tuning.spec import MeasureName
from nebula.watching import Watcher

#: A nebula that serves as target is represented by this many of its sounds: four trials' worth, so that their scatter
#: adds little to a score.
NEBULA_TARGET_SOUNDS = 1024

#: So many of the target's sounds, evenly spread over its order, stand for all where the nearest one is looked for: each
#: is compared with each sound of a trial.
NEAREST_OF = 512


@dataclass(frozen=True)
class Target:
    """The sounds to be resembled.

    Attributes:
        source: The corpus or nebula they come from.
        vectors: One row for each sound.
        fingerprint: SHA-256 over the content; the same for the same sounds wherever they lie.
        skipped: Sounds of a corpus that could not be used, as (name, reason).
        remarks: What one should know about the sounds that are used, as `Corpus.remarks` has it.
    """

    source: Corpus | Nebula
    vectors: Float[Tensor, "sound dimension"]
    fingerprint: str
    skipped: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()

    def reference(self, measure: MeasureName) -> TargetReference:
        """Returns the vectors, prepared for repeated comparison by a measure.

        Raises:
            ArgumentError: Half of the sounds are alike, which leaves a Gaussian kernel without a width.
        """
        if measure == "l1":
            return Reference(self.vectors)
        try:
            return GaussianReference(self.vectors)
        except ArgumentError as error:
            raise ArgumentError(
                f"measure: got 'gaussian' for a target of {len(self.vectors)} sounds that are alike or nearly so, "
                'which leave its kernel without a width, expected sounds that differ, or measure = "l1"'
            ) from error

    def nearness(self, weight: float) -> Nearness | None:
        """Returns what sounds are credited for beside their influence, None where that is nothing."""
        if not weight:
            return None
        return Nearness(spread_rows(self.vectors, NEAREST_OF), weight)


def load_target(
    source: Corpus | Nebula,
    distance: Distance,
    study_seed: int,
    device: str | torch.device = "cpu",
    watcher: Watcher | None = None,
) -> Target:
    """Returns a corpus, or sounds of a nebula, as the target of a study.

    Args:
        source: What is to be resembled.
        distance: Whose space the vectors lie in.
        study_seed: Decides which sounds of a nebula are drawn.
        device: Where sounds are rendered and embedded.
        watcher: Told the number of sounds done and in all.

    Raises:
        CorpusError: Not one sound of the corpus can be used.
    """
    if isinstance(source, Corpus):
        vectors = embed_corpus(source, distance, device, watcher)
        skipped = tuple((sound.name, sound.reason) for sound in source.skipped)
        return Target(source, vectors, source.fingerprint(), skipped, source.remarks)
    seeds = draw_seeds(study_seed, Purpose.TARGET, 0, NEBULA_TARGET_SOUNDS)
    vectors = draw(source, seeds, distance, device, watcher).vectors.cpu()
    fingerprint = hashlib.sha256(f"{source.to_json()}{seeds}".encode()).hexdigest()
    return Target(source, vectors, fingerprint)
