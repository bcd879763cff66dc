"""Computes a distance with a peer in the peer's own environment, for published.py.

    python published_peer.py fadtk MODEL FIRST.npz SECOND.npz
    python published_peer.py kadtk FIRST.npy SECOND.npy [BANDWIDTH]

Prints one line of JSON. fadtk reads both files of statistics itself; kadtk is given the vectors, as it has them by
default and in double precision with a bandwidth. Modules that load models and audio are left out: given embeddings
neither is needed, and kadtk's wants a desktop's toolkit.
"""

import importlib.metadata
import json
import sys
import types
from pathlib import Path

import numpy as np
import torch

PEER = sys.argv[1]


def standing_in(name: str, *names: str) -> None:
    """Puts a module with these names in the place of one that is not needed."""
    module = types.ModuleType(name)
    for one in names:
        setattr(module, one, type(one, (), {"__init__": lambda self, *arguments, **options: None}))
    sys.modules[name] = module


def fadtk(model: str, first: str, second: str) -> dict[str, object]:
    standing_in("torchaudio")
    standing_in("fadtk.model_loader", "ModelLoader")
    from fadtk.fad import FrechetAudioDistance, calc_frechet_distance

    distance = FrechetAudioDistance(types.SimpleNamespace(name=model), load_model=False)
    mean, covariance = distance.load_stats(Path(first))
    other_mean, other_covariance = distance.load_stats(Path(second))
    return {"frechet": float(calc_frechet_distance(mean, covariance, other_mean, other_covariance))}


def kadtk(first: str, second: str, bandwidth: str) -> dict[str, object]:
    standing_in("torchaudio")
    standing_in("kadtk.model_loader", "ModelLoader")
    standing_in("kadtk.emb_loader", "EmbeddingLoader")
    from kadtk.kad import calc_kernel_audio_distance

    # Vectors are the set's first and the reference's second.
    x, y = (torch.from_numpy(np.load(path)) for path in (first, second))
    nowhere = (None, None)
    plain = calc_kernel_audio_distance(x, y, nowhere, "cpu")
    double = calc_kernel_audio_distance(x, y, nowhere, "cpu", float(bandwidth), precision=torch.float64)
    return {"kad": float(plain), "kad_double": float(double)}


if __name__ == "__main__":
    found = {"fadtk": fadtk, "kadtk": kadtk}[PEER](*sys.argv[2:])
    # What the peer prints while it works stands on lines before.
    sys.stdout.write("\n" + json.dumps({**found, "version": importlib.metadata.version(PEER)}) + "\n")
