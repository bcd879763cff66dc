"""The `nebula statistics` command: mean and covariance of a set of sounds, in the files that fadtk reads and writes."""

import json
from pathlib import Path
from typing import Annotated

import typer

from nebula import distances, evaluation
from nebula.cli.terminal import progress_bar
from nebula.errors import ArgumentError


def statistics(
    name: Annotated[str, typer.Argument(help="Name or path of a nebula, path of a corpus, or noise:white.")],
    distance: Annotated[
        str, typer.Option(help=f"Whose vectors: {', '.join(distances.names())}, or a HEAR module.")
    ] = "doppelganger",
    out: Annotated[
        Path | None, typer.Option(help="Write them to FILE.npz, beside those of other models there.")
    ] = None,
    against: Annotated[
        Path | None, typer.Option(help="Print the Fréchet distance to those in FILE.npz, fadtk's or ours.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="What the embedding is called in files; its distance's name if not given.")
    ] = None,
    sounds: Annotated[int, typer.Option(min=2, help="Sounds drawn of a nebula; of a corpus all are taken.")] = 1024,
    seed: Annotated[int, typer.Option(min=0, help="Decides which sounds are drawn.")] = 0,
    device: Annotated[str, typer.Option(help="Where to compute, such as cpu or cuda.")] = "cpu",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of words.")] = False,
) -> None:
    """Write mean and covariance of a set of sounds, or compare them with a file's, such as those that fadtk ships.

    A set then travels without its sounds. Numbers compare only if both are of one embedding: a row here is a sound of
    4 s, in fadtk's own files a window of one.
    """
    if out is None and against is None:
        raise ArgumentError("out: missing, and against too; give one of both")
    if out is not None and out.suffix.lower() != ".npz":
        raise ArgumentError(f"out: got {str(out)!r}, expected a name that ends in .npz")
    # Imported here, because torch takes seconds to load that help need not spend.
    from nebula.discrepancy import FrechetStatistics, frechet_of_statistics

    called = model or distance
    reference = None if against is None else FrechetStatistics.load(against, called)
    with progress_bar(name) as advance:
        found = evaluation.fit_statistics(
            name,
            distance,
            sounds=sounds,
            seed=seed,
            device=device,
            watcher=lambda name, done, total: advance(done, total, name),
        )
    content: dict[str, object] = {"name": name, "distance": distance, "model": called}
    if reference is not None:
        content |= {"against": str(against), "frechet": float(frechet_of_statistics(found, reference))}
    if out is not None:
        found.save(out, called)
        content["out"] = str(out)
    if as_json:
        print(json.dumps(content, indent=2))
        return
    if reference is not None:
        print(f"Fréchet distance of {name} to {against}, by {called}: {content['frechet']:.6g}")
    if out is not None:
        print(out)
