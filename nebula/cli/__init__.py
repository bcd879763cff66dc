"""The `nebula` command: one module for each group of commands, the ungrouped ones here.

- `evaluate`: is a distance any good
- `judges`: are classifiers convinced by a nebula
- `limit`: how near a synth comes to recordings
- `match`: the preset whose sound is nearest to a recording
- `presets`: sounds of a nebula as what its synth loads
- `around`: the nebula that surrounds one preset
- `probe`: how well a label can be read from a distance's vectors
- `render`: random sounds as files or shards
- `statistics`: mean and covariance of a set of sounds, as fadtk's files
- `synths`: which synthesizers there are
- `train_embedding`: weights of our own embedding
- `transfer`: what sounds of nebulae are worth as training data
- `weights`: trained weights that are not shipped
- `pool`: options of commands that work on a pool
- `terminal`: progress bars and tables

Results go to standard output, progress and errors to standard error. Exit status: 0 done, 1 an error in one line, 2
wrong usage, 130 interrupted. Further commands join through the entry-point group `nebula.commands`: each entry is a
function that is given the Typer application.
"""

import json
import signal
import sys
from dataclasses import asdict, is_dataclass
from importlib.metadata import entry_points
from pathlib import Path
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.table import Table

from nebula import distances, evaluation
from nebula.cli import evaluate, judges, weights
from nebula.cli.around import around
from nebula.cli.limit import limit
from nebula.cli.match import match
from nebula.cli.pool import (
    SchedulerOption,
    TlsCaOption,
    TlsCertOption,
    TlsKeyOption,
    WorkersOption,
    chosen_workers,
)
from nebula.cli.presets import presets
from nebula.cli.probe import probe
from nebula.cli.render import render
from nebula.cli.statistics import statistics
from nebula.cli.synths import synths
from nebula.cli.terminal import finite, page_path, print_table, progress_bar, stopping
from nebula.cli.train_embedding import train_embedding
from nebula.cli.transfer import transfer
from nebula.draws import SEED_LIMIT
from nebula.evaluation import MEASURES
from nebula.files import write_whole

if TYPE_CHECKING:
    from nebula.tuning import Outcome, StudyProgress

app = typer.Typer(
    name="nebula",
    help="Tune what a synthesizer's random sounds are like, and render, compare and measure them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.command()(render)
app.add_typer(weights.command)
evaluate.command.command("listener")(judges.judges)
evaluate.command.command()(limit)
evaluate.command.command()(probe)
evaluate.command.command()(transfer)
app.add_typer(evaluate.command)
app.command()(train_embedding)
app.command()(match)
app.command()(presets)
app.command()(around)
app.command()(statistics)
app.command()(synths)


_STAGES = {
    "target": "hearing the target",
    "search": "searching",
    "finalists": "re-scoring the best",
    "listener": "asking classifiers",
}

DeviceOption = Annotated[str, typer.Option(help="Where to compute, such as cpu or cuda.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
DistanceOption = Annotated[str, typer.Option(help=f"Distance between sounds: {', '.join(distances.names())}.")]


@app.command()
def tune(
    spec: Annotated[str, typer.Argument(help="Path of a study spec, or name of a shipped one.")],
    target: Annotated[str | None, typer.Option(help="Corpus or nebula to resemble, instead of the spec's.")] = None,
    others: Annotated[
        list[str] | None, typer.Option(help="Other recordings, to tell the target from in the report; may be repeated.")
    ] = None,
    hold_out: Annotated[
        Literal["group", "corpus"] | None,
        typer.Option(help="Keep half of the target from the tuning, for its judges: whole takes, or whole libraries."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the results; runs/NAME if not given.")] = None,
    synth: Annotated[str | None, typer.Option(help="Synthesizer to tune, instead of the spec's.")] = None,
    trials: Annotated[int | None, typer.Option(min=1, help="Trials in all, shared out over the phases.")] = None,
    until_flat: Annotated[
        bool, typer.Option("--until-flat", help="End each phase when more trials no longer help; trials are the most.")
    ] = False,
    distance: Annotated[str | None, typer.Option(help="Distance between sounds, instead of the spec's.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, max=SEED_LIMIT - 1, help="Instead of the spec's.")] = None,
    scheduler: SchedulerOption = None,
    workers: WorkersOption = None,
    device: DeviceOption = "cpu",
    tls_ca: TlsCaOption = None,
    tls_cert: TlsCertOption = None,
    tls_key: TlsKeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tune a nebula. The same command again continues where it stopped."""
    # Imported here, because Dask and Optuna take a second to load that other commands need not spend.
    from nebula.tuning import StudySpec
    from nebula.tuning import tune as tune_nebula

    study = StudySpec.load(spec)
    if synth is not None:
        study = study.with_synth(synth)
    changes = {"target": target, "others": others or None, "hold_out": hold_out, "distance": distance, "seed": seed}
    study = study.with_changes({key: value for key, value in changes.items() if value is not None})
    if trials is not None:
        study = study.with_trials(trials)
    if until_flat:
        study = study.ended_when_flat()
    folder = out or Path("runs") / study.name
    chosen = chosen_workers(workers, device, scheduler, tls_ca, tls_cert, tls_key)
    interrupted = _interrupts()
    with progress_bar(study.name, lines=True) as advance:

        def watch(progress: "StudyProgress") -> None:
            if interrupted.is_set():
                raise KeyboardInterrupt
            advance(progress.done, progress.total, f"{study.name}: {_STAGES[progress.stage]}", progress.best)

        with stopping(f"finished trials are kept in {folder}"):
            outcome = tune_nebula(study, folder, workers=chosen, watcher=watch)
    _print_outcome(outcome, folder, as_json)


@app.command()
def compare(
    names: Annotated[list[str], typer.Argument(help="Names or paths of nebulae, paths of corpora, noise:white.")],
    distance: DistanceOption = "log-mel",
    measure: Annotated[str, typer.Option(help=f"Between sets of vectors: {', '.join(MEASURES)}.")] = "l1",
    reference: Annotated[
        str | None, typer.Option(help="Another set, to compare each with, rather than every two; kad needs one.")
    ] = None,
    sounds: Annotated[int, typer.Option(min=2, help="Sounds on each side of a trial.")] = 256,
    trials: Annotated[int, typer.Option(min=2, help="Trials a comparison.")] = 30,
    seed: Annotated[int, typer.Option(min=0, help="Everything random follows from it.")] = 0,
    device: DeviceOption = "cpu",
    plot: evaluate.Plot = None,
    descriptors: Annotated[
        Path | None,
        typer.Option(callback=page_path, help="Write what the sounds are like, too, as violins: FILE.html."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Print MMD, or another measure, within each set of sounds and between every two, nearest first.

    With a reference, between each and that alone.
    """
    with progress_bar("reading") as advance:
        rows = evaluation.compare(
            names,
            distance,
            measure=measure,
            reference=reference,
            sounds=sounds,
            trials=trials,
            seed=seed,
            device=device,
            watcher=lambda name, done, total: advance(done, total, name),
        )
    words = {"l1": "MMD", "gaussian": "Gaussian MMD", "frechet": "Fréchet", "kad": "KAD"}[measure]
    title = f"{words} by {distance}, {trials} trials"
    if plot is not None:
        # Imported here, because plotly takes a second to load that other commands need not spend.
        from nebula.evaluation.plots import comparison_page

        write_whole(plot, comparison_page(rows, title))
    if descriptors is not None:
        from nebula.evaluation.plots import descriptor_page

        with progress_bar("describing") as advance:
            described = evaluation.describe(
                names if reference is None else [*names, reference],
                sounds=sounds,
                seed=seed,
                device=device,
                watcher=lambda name, done, total: advance(done, total, name),
            )
        write_whole(descriptors, descriptor_page(described))
    if as_json:
        # A number is called what it is: a Fréchet distance is no MMD.
        items = [{MEASURES[measure] if key == "value" else key: v for key, v in asdict(row).items()} for row in rows]
        content = {"distance": distance, "measure": measure, "reference": reference, "items": items}
        print(json.dumps(content, indent=2))
        return
    table = Table(words, "sd", "first", "second", "sounds", title=title)
    for row in rows:
        table.add_row(f"{row.value:.4g}", f"{row.standard_deviation:.2g}", row.first, row.second, str(row.sounds))
    print_table(table)


@app.command()
def diversity(
    name: Annotated[str, typer.Argument(help="Name or path of a nebula, or path of a corpus.")],
    distance: DistanceOption = "log-mel",
    sounds: Annotated[int, typer.Option(min=2, help="Sounds in each set drawn from a nebula.")] = 256,
    seed: Annotated[int, typer.Option(min=0, help="Decides which sounds are drawn.")] = 0,
    device: DeviceOption = "cpu",
    as_json: JsonOption = False,
) -> None:
    """Print how varied a set of sounds is: the mean MMD between random halves of it."""
    with progress_bar("reading") as advance:
        found = evaluation.measure_diversity(
            name,
            distance,
            sounds=sounds,
            seed=seed,
            device=device,
            watcher=lambda name, done, total: advance(done, total, name),
        )
    if as_json:
        print(json.dumps({"distance": distance, **asdict(found)}, indent=2))
        return
    table = Table("diversity", "95 % interval", "of", "sounds", title=f"diversity by {distance}")
    table.add_row(f"{found.diversity:.4g}", f"{found.low:.4g} to {found.high:.4g}", found.name, str(found.sounds))
    print_table(table)


def run() -> None:
    """Runs what the command line says, with the commands that others add."""
    for entry in entry_points(group="nebula.commands"):
        entry.load()(app)
    app()


def _interrupts() -> Event:
    """Returns what is set once Ctrl-C was pressed.

    Python raises KeyboardInterrupt wherever it happens to be, and drops it inside a callback of the garbage collector;
    with this the study still ends, one trial later.
    """
    pressed = Event()

    def note(number: int, frame: FrameType | None) -> None:
        pressed.set()
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, note)
    return pressed


def _print_outcome(outcome: "Outcome", folder: Path, as_json: bool) -> None:
    winner, start = outcome.winner.interval, outcome.start.interval
    if as_json:
        content = {
            "nebula": str(folder / "nebula.json"),
            "report": str(folder / "report.html"),
            "trials": len(outcome.entries),
            "flat_since_trial": outcome.flat_trial,
            "skipped": [] if outcome.target is None else list(outcome.target.skipped),
            "remarks": [] if outcome.target is None else list(outcome.target.remarks),
            "winner": {"origin": outcome.winner.origin, **asdict(winner)},
            "start": {"nebula": outcome.space.start.name, **asdict(start)},
            "listener": finite(asdict(outcome.judging) if is_dataclass(outcome.judging) else outcome.judging),
        }
        print(json.dumps(content, indent=2))
        return
    measure = "MMD to the target" if outcome.spec.objective == "match" else "diversity"
    table = Table("nebula", measure, "95 % interval", title="on fresh seeds")
    for name, interval in (
        (f"tuned ({outcome.winner.origin})", winner),
        (f"start ({outcome.space.start.name})", start),
    ):
        table.add_row(name, f"{interval.mean:.4g}", f"{interval.low:.4g} to {interval.high:.4g}")
    print_table(table)
    if outcome.flat_trial is not None:
        print(f"flat since trial {outcome.flat_trial} of {len(outcome.entries)}", file=sys.stderr)
    if isinstance(outcome.judging, str):
        print(f"classifiers were not asked: {outcome.judging}", file=sys.stderr)
    elif outcome.judging is not None:
        judges.print_judging(outcome.judging)
    for remark in () if outcome.target is None else outcome.target.remarks:
        print(f"target: {remark}", file=sys.stderr)
    if outcome.target is not None and outcome.target.skipped:
        name, reason = outcome.target.skipped[0]
        print(
            f"{len(outcome.target.skipped)} sounds of the target were skipped, the first: {name}: {reason}",
            file=sys.stderr,
        )
    print(f"{folder / 'nebula.json'}\n{folder / 'report.html'}")
