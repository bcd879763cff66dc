"""Are our FAD and KAD those that others print? On the same embeddings, beside fadtk and kadtk; writes published.md.

    python benchmarks/published_install_peers.py PEERS
    python benchmarks/published.py CORPORA PEERS [--sounds 300]

CORPORA holds a folder percussion; PEERS is what published_install_peers.py has filled. Sounds of `drum` and `default`
are compared with recordings by three embeddings: fadtk reads the files of statistics that `FrechetStatistics.save`
wrote, kadtk is given the vectors.
"""

import argparse
import json
import platform
import subprocess
import tempfile
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch

from nebula import Corpus, Nebula, distances
from nebula.discrepancy import FrechetStatistics, GaussianReference, frechet, kernel_audio_distance
from nebula.embedding import draw, embed_corpus
from nebula.evaluation.probes.statistics import LogMelStatistics

NEBULAE = ("drum", "default")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpora", type=Path)
    parser.add_argument("peers", type=Path)
    parser.add_argument("--sounds", type=int, default=300)
    arguments = parser.parse_args()
    embedders = (LogMelStatistics(), distances.get("resnet:random"), distances.get("doppelganger"))
    corpus = Corpus.open(arguments.corpora / "percussion")
    corpus = corpus.subset([sound.name for sound in corpus.sounds[:: max(1, len(corpus) // arguments.sounds)]])
    rows: list[tuple[str, ...]] = []
    versions: dict[str, str] = {}
    for embedder in embedders:
        reference = embed_corpus(corpus, embedder).double()
        for name in NEBULAE:
            drawn = draw(Nebula.load(name), range(arguments.sounds), embedder).vectors.double()
            ours, theirs = compared(drawn, reference, arguments.peers, versions)
            rows.append((embedder.name, str(reference.shape[1]), name, *figures(ours, theirs)))
    lines = [
        "# FAD and KAD beside those of fadtk and kadtk",
        "",
        f"`python benchmarks/published.py CORPORA PEERS --sounds {arguments.sounds}` on {platform.machine()}, torch "
        f"{version('torch')}, fadtk {versions['fadtk']}, kadtk {versions['kadtk']}: {arguments.sounds} sounds of each "
        f"nebula against {len(corpus)} recordings of percussion.",
        "",
        "fadtk reads statistics that were written here. kadtk's own number is of single precision, with the lower of "
        "two middle distances for a median and 1e-8 added to twice the squared bandwidth; beside it stands what it "
        "gives in double precision with our bandwidth. Differences are relative to ours.",
        "",
        "| embedding | dimensions | nebula | FAD | fadtk differs by | KAD | kadtk differs by | in double precision |",
        "|---|---|---|---|---|---|---|---|",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]
    (Path(__file__).parent / "published.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def compared(
    x: torch.Tensor, y: torch.Tensor, peers: Path, versions: dict[str, str]
) -> tuple[tuple[float, float], tuple[float, float, float]]:
    """Returns our two figures, and theirs: of fadtk, and of kadtk as it is and in double precision."""
    bandwidth = GaussianReference(y).bandwidth
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("first", "second")]
        for path, vectors in zip(paths, (x, y), strict=True):
            FrechetStatistics.of(vectors).save(path.with_suffix(".npz"), "embedding")
            np.save(path.with_suffix(".npy"), vectors.numpy())
        script = str(Path(__file__).with_name("published_peer.py"))
        found = {}
        for peer, options in (
            ("fadtk", ["embedding", *(str(path.with_suffix(".npz")) for path in paths)]),
            ("kadtk", [*(str(path.with_suffix(".npy")) for path in paths), str(bandwidth)]),
        ):
            command = [str(peers / peer / "bin" / "python"), script, peer, *options]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            found |= (answer := json.loads(done.stdout.splitlines()[-1]))
            versions[peer] = answer["version"]
    ours = (frechet(x, y).item(), kernel_audio_distance(x, y).item())
    return ours, (found["frechet"], found["kad"], found["kad_double"])


def figures(ours: tuple[float, float], theirs: tuple[float, float, float]) -> tuple[str, ...]:
    fad, kad = ours
    theirs_fad, theirs_kad, double = theirs
    return (
        f"{fad:.6g}",
        f"{abs(theirs_fad - fad) / fad:.0e}",
        f"{kad:.6g}",
        f"{abs(theirs_kad - kad) / kad:.0e}",
        f"{abs(double - kad) / kad:.0e}",
    )


if __name__ == "__main__":
    main()
