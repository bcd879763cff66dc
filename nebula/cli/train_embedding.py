"""The `nebula train-embedding` command: new weights for the doppelgänger distance, or an encoder by a spec."""

import json
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from nebula import training
from nebula.cli.terminal import print_table, progress_bar
from nebula.errors import ArgumentError

if TYPE_CHECKING:
    from nebula.training import Report

_DEFAULTS = training.TrainingSettings


def train_embedding(
    out: Annotated[Path, typer.Option(help="Folder for checkpoint and weights; made if missing.")],
    seed: Annotated[
        int | None, typer.Option(min=0, help="Everything random follows from it; 0, or the spec's, if not given.")
    ] = None,
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
    spec: Annotated[
        str | None, typer.Argument(help="Path of an encoder's spec, or name of a shipped one, instead of our network.")
    ] = None,
) -> None:
    """Train the network of the doppelganger distance, on nothing but sounds that are rendered for it.

    With a SPEC train a ResNet18 on pairs of sounds instead, after Cherep and Singh: what is left is the distance
    resnet:OUT/weights.safetensors. The same command again continues where it stopped.
    """
    settings = training.TrainingSettings(
        seed or _DEFAULTS.seed, steps, block_chains, block_steps, step_chains, learning_rate, validation_chains
    )
    if spec is not None:
        _refuse_beside(spec, settings)
        _train_encoder(spec, out, seed, device, as_json)
        return
    with progress_bar("training") as advance:
        report = training.train(settings, out, device, watcher=lambda word, done, total: advance(done, total, word))
    _show(report, "doppelganger", as_json)


def _refuse_beside(spec: str, settings: training.TrainingSettings) -> None:
    for field in fields(settings):
        value = getattr(settings, field.name)
        if field.name != "seed" and value != field.default:
            raise ArgumentError(f"{field.name}: got {value!r}, expected what the spec {spec!r} says instead")


def _train_encoder(spec: str, out: Path, seed: int | None, device: str, as_json: bool) -> None:
    chosen = training.EncoderSpec.load(spec)
    if seed is not None:
        chosen = chosen.with_changes({"seed": seed})
    with progress_bar("training", lines=True) as advance:
        report = training.train_encoder(
            chosen, out, device, watcher=lambda word, done, total: advance(done, total, word)
        )
    _show(report, chosen.name, as_json)


def _show(report: "Report", title: str, as_json: bool) -> None:
    if as_json:
        content = {"weights": str(report.weights), "sha256": report.sha256, "validation": report.validation}
        print(json.dumps(content, indent=2))
        return
    table = Table("on held-out renders", "value", title=title)
    for name, value in report.validation.items():
        table.add_row(name.replace("_", " "), f"{value:.3f}")
    print_table(table)
    print(report.weights)
