"""The `nebula train-embedding` command: new weights for the doppelgänger distance."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from nebula import training
from nebula.cli.terminal import print_table, progress_bar

_DEFAULTS = training.TrainingSettings


def train_embedding(
    out: Annotated[Path, typer.Option(help="Folder for checkpoint and weights; made if missing.")],
    seed: Annotated[int, typer.Option(min=0, help="Everything random follows from it.")] = _DEFAULTS.seed,
    steps: Annotated[int, typer.Option(min=1, help="Changes of the weights in all.")] = _DEFAULTS.steps,
    block_chains: Annotated[int, typer.Option(help="Chains of sounds in memory at a time.")] = _DEFAULTS.block_chains,
    block_steps: Annotated[
        int, typer.Option(min=1, help="Steps before other sounds are rendered.")
    ] = _DEFAULTS.block_steps,
    step_chains: Annotated[int, typer.Option(min=2, help="Chains in a step.")] = _DEFAULTS.step_chains,
    learning_rate: Annotated[float, typer.Option(help="At its highest.")] = _DEFAULTS.learning_rate,
    validation_chains: Annotated[
        int, typer.Option(help="Chains that nothing is learned from.")
    ] = _DEFAULTS.validation_chains,
    device: Annotated[str, typer.Option(help="Where to compute, such as cpu or cuda.")] = "cpu",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Train the network of the doppelganger distance, on nothing but sounds that are rendered for it.

    The same command again continues where it stopped.
    """
    settings = training.TrainingSettings(
        seed, steps, block_chains, block_steps, step_chains, learning_rate, validation_chains
    )
    with progress_bar("training") as advance:
        report = training.train(settings, out, device, watcher=lambda word, done, total: advance(done, total, word))
    if as_json:
        content = {"weights": str(report.weights), "sha256": report.sha256, "validation": report.validation}
        print(json.dumps(content, indent=2))
        return
    table = Table("on held-out renders", "value", title="doppelganger")
    for name, value in report.validation.items():
        table.add_row(name.replace("_", " "), f"{value:.3f}")
    print_table(table)
    print(report.weights)
