"""Sounds of each new best, as Optuna artifacts: its dashboard plays them beside the trial."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import torch
from optuna.artifacts import ArtifactMeta

from nebula.embedding import player_of
from nebula.files import write_whole
from nebula.nebulae import Nebula
from nebula.tuning.report.sounds import flac
from nebula.tuning.seeds import Purpose, draw_seeds

#: How many sounds of each new best are kept: the first of those that the report plays.
COUNT = 3


class SoundShelf:
    """A folder of sounds in the form of Optuna's file system artifact store.

    Args:
        folder: Made if missing.
        study: Name of the study in its storage. The same sound of the same study has the same identifier, so that a
            trial that is scored again after a crash leaves nothing twice.
        study_seed: Decides which sounds are kept; the same ones for every trial, so that they can be compared.
    """

    def __init__(self, folder: Path, study: str, study_seed: int) -> None:
        self._folder, self._study = folder, study
        self._seeds = draw_seeds(study_seed, Purpose.LISTENING, 0, COUNT)

    def keep(self, nebula: Nebula) -> dict[str, str]:
        """Writes a nebula's sounds; returns the system attributes by which a trial has them.

        Raises:
            OSError: They cannot be written.
        """
        with torch.no_grad():
            audio = player_of(nebula).play(self._seeds, nebula)
        self._folder.mkdir(parents=True, exist_ok=True)
        attributes = {}
        for seed, sound in zip(self._seeds, audio, strict=True):
            content, _ = flac(sound)
            identifier = hashlib.sha256(f"{self._study} {nebula.name} {seed}".encode()).hexdigest()[:32]
            write_whole(self._folder / identifier, content)
            meta = ArtifactMeta(identifier, f"seed-{seed}.flac", "audio/flac", None)
            attributes[f"artifacts:{identifier}"] = json.dumps(asdict(meta))
        return attributes
