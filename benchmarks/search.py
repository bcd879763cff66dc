"""Samplers against each other at equal numbers of rendered sounds. Writes search.md, and a plot beside the studies.

    python benchmarks/search.py percussion=CORPUS pitched=CORPUS [--synths voice] [--out FOLDER] [--seeds 5] [--quick]

A target is half a corpus (`Corpus.split`), its other half being held out; sounds of a nebula drawn at random, `hidden`;
or none, `diversity`. Every sampler is given the same budgets of sounds to search with, by studies that grow from one
budget to the next, and the nebula that a study would leave its user after each is scored on fresh sounds and, for a
corpus, on the half that no study saw. Re-scoring finalists is on top, and counted. Whatever was finished is kept: the
same command again goes on, and every result is in the table as soon as there is one. `--quick` takes minutes;
everything takes a night on two cores.
"""

import argparse
import json
import math
import platform
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from itertools import product
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
from torch import Tensor

from nebula import Corpus, Nebula, distances
from nebula.discrepancy import Interval, Reference, diversity, mean_interval
from nebula.embedding import draw, embed_corpus
from nebula.tuning import StudySpec, Workers, tune

DISTANCE = distances.get("log-mel")
SETS, SOUNDS = 8, 512
#: Away from every stream of seeds that a study uses: those start with the study's seed, a small number.
SCORING_SEED, TRUTH_SEED = 20_260_000, 20_270_000
PAPER_SOUNDS = 256_000
#: With finalists: 27 re-scored 4 times, the best 25, the centre and the start.
PAPER_RENDERED = PAPER_SOUNDS + 27 * 4 * 256
#: The most trials of `auto` that, with its finalists, render at most a tenth of that.
TENTH = 346 * 64

#: Sounds a trial, and the phases that share a budget out. Every sampler but the paper's starts at `uniform` and has the
#: same wide range of curves.
SAMPLERS: dict[str, tuple[int, tuple[tuple[str, float], ...]]] = {
    "auto": (64, (("auto", 1.0),)),
    "auto, large": (256, (("auto", 1.0),)),
    "cma-es": (128, (("cma-es", 1.0),)),
    "cma-es, narrow": (128, (("cma-es", 1.0),)),
    "tpe": (128, (("tpe", 1.0),)),
    "sobol": (128, (("sobol", 1.0),)),
    "random": (128, (("random", 1.0),)),
    "paper": (256, (("random", 0.2), ("cma-es", 0.8))),
}
NARROW = ("paper", "cma-es, narrow")
#: Whose studies are named as they were when there was no other.
VOICE = "voice"
BUDGETS = {
    "paper": (PAPER_SOUNDS,),
    "auto": (1_280, 5_120, 12_800, TENTH, 25_600),
    "auto, large": (PAPER_SOUNDS,),
}
OTHER_BUDGETS = (12_800, 25_600, 51_200)
QUICK_BUDGETS = (1_280, 5_120)


@dataclass(frozen=True)
class Target:
    """What is tuned towards, what the result is scored on, and what two sets of the target's own sounds score.

    None for diversity, where sounds are scored alone.
    """

    tuning: Corpus | Nebula | None
    held_out: Reference | None
    floor: Interval | None


@dataclass(frozen=True)
class Result:
    """What one study left after one budget.

    Attributes:
        target: Name of it, and of the synthesizer if it is not the Voice.
        sampler: A key of `SAMPLERS`.
        seed: Of the study and, where the target is hidden, of the truth.
        searched: Sounds rendered to search.
        rendered: Sounds rendered in all, finalists included.
        score: Mean over sets of fresh sounds.
        floor: As in `Target`.
    """

    target: str
    sampler: str
    seed: int
    searched: int
    rendered: int
    score: float
    floor: Interval | None


#: Results over seeds, by target, sampler and sounds searched.
Cells = dict[tuple[str, str, int], list[Result]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpora", nargs="*", help="NAME=PATH")
    parser.add_argument("--out", type=Path, default=Path("runs/search"))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--samplers", nargs="*", choices=list(SAMPLERS), default=list(SAMPLERS))
    parser.add_argument("--targets", nargs="*", help="some of the corpora's names, hidden and diversity")
    parser.add_argument("--synths", nargs="*", default=[VOICE], help="names of synthesizers")
    parser.add_argument("--budgets", nargs="*", type=int, default=[], help="only these of the budgets")
    parser.add_argument("--table", type=Path, default=Path(__file__).with_suffix(".md"))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--workers", type=int, default=None)
    arguments = parser.parse_args()

    corpora = dict(pair.split("=", 1) for pair in arguments.corpora)
    targets = arguments.targets or [*corpora, "hidden", "diversity"]
    seeds = range(1 if arguments.quick else arguments.seeds)
    for sampler, seed, synth, name in product(arguments.samplers, seeds, arguments.synths, targets):
        if arguments.quick and sampler == "paper":
            continue
        target = make_target(name, corpora, seed, synth)
        for searched in QUICK_BUDGETS if arguments.quick else BUDGETS.get(sampler, OTHER_BUDGETS):
            if not arguments.budgets or searched in arguments.budgets:
                run(name, target, synth, sampler, seed, searched, arguments.out, arguments.workers)
                write(arguments.out, arguments.table)


def make_target(name: str, corpora: dict[str, str], seed: int, synth: str) -> Target:
    if name == "diversity":
        return Target(None, None, None)
    if name == "hidden":
        return hidden_target(seed, synth)
    return corpus_target(corpora[name])


@cache
def hidden_target(seed: int, synth: str) -> Target:
    truth = hidden_truth(seed, synth)
    reference = Reference(drawn(truth, TRUTH_SEED + 1, 0, 4 * SOUNDS))
    own = [float(reference.mmd(drawn(truth, TRUTH_SEED + 2, index))) for index in range(SETS)]
    return Target(truth, reference, mean_interval(own))


@cache
def corpus_target(path: str) -> Target:
    seen, unseen = Corpus.open(path).split()
    held_out = Reference(embed_corpus(unseen, DISTANCE))
    return Target(seen, held_out, mean_interval([float(held_out.mmd(embed_corpus(seen, DISTANCE)))]))


def hidden_truth(seed: int, synth: str) -> Nebula:
    """A nebula with log-uniform curves in [0.1, 10] and the symmetry of the synth's uniform one."""
    start = start_nebula(synth)
    curves = 10 ** np.random.default_rng([TRUTH_SEED, seed]).uniform(-1, 1, len(start.curves))
    return Nebula(tuple(curves.tolist()), start.symmetric, f"hidden-{seed}", synth=synth)


def start_nebula(synth: str) -> Nebula:
    return Nebula.load("uniform" if synth == VOICE else f"{synth}/uniform")


def drawn(nebula: Nebula, stream: int, index: int, count: int = SOUNDS) -> Tensor:
    seeds = np.random.SeedSequence([stream, index]).generate_state(count, np.uint32).tolist()
    return draw(nebula, seeds, DISTANCE).vectors


def labelled(name: str, synth: str) -> str:
    return name if synth == VOICE else f"{name}, {synth}"


def study(name: str, synth: str, sampler: str, seed: int, searched: int) -> StudySpec:
    sounds, phases = SAMPLERS[sampler]
    trials = searched // sounds
    first = [round(share * trials) for _, share in phases[:-1]]
    counts = [*first, trials - sum(first)]
    return StudySpec.parse(
        {
            "version": 1,
            "name": f"{sampler} {labelled(name, synth)} {seed}".replace(",", ""),
            "objective": "diversify" if name == "diversity" else "match",
            "sounds_per_trial": sounds,
            "seed": seed,
            "search": {
                # The hand-made default that the recipe starts from is the Voice's.
                "start": "default" if sampler == "paper" and synth == VOICE else start_nebula(synth).name,
                "curve_range": (0.1, 10.0) if sampler in NARROW else (0.01, 100.0),
                # Diversity without it runs to extreme pitches, and samplers would be compared in how far they run.
                "frozen": StudySpec.load("diversity").search.frozen if name == "diversity" else (),
                "phases": tuple(
                    {"sampler": kind, "trials": count} for (kind, _), count in zip(phases, counts, strict=True)
                ),
            },
            "finalists": {"count": 25 if sampler == "paper" else 4, "repeats": 1024 // sounds},
        }
    )


def run(
    name: str, target: Target, synth: str, sampler: str, seed: int, searched: int, out: Path, workers: int | None
) -> None:
    spec = study(name, synth, sampler, seed, searched)
    kept = out / "results" / f"{spec.name} {searched}.json"
    if kept.exists():
        return
    outcome = tune(spec, out / spec.name, target=target.tuning, workers=Workers(workers))
    scores = [
        float(diversity(vectors) if target.held_out is None else target.held_out.mmd(vectors))
        for vectors in (drawn(outcome.winner.nebula, SCORING_SEED, index) for index in range(SETS))
    ]
    rendered = (len(outcome.entries) + len(outcome.finalists) * spec.finalists.repeats) * spec.sounds_per_trial
    kept.parent.mkdir(parents=True, exist_ok=True)
    result = Result(labelled(name, synth), sampler, seed, searched, rendered, float(np.mean(scores)), target.floor)
    kept.write_text(json.dumps(asdict(result)))
    print(result, flush=True)


def write(out: Path, table: Path) -> None:
    """Writes the table, and a plot of scores against budgets, of what there is so far."""
    cells: Cells = {}
    for path in sorted((out / "results").glob("*.json")):
        content = json.loads(path.read_text())
        result = Result(**content | {"floor": content["floor"] and Interval(**content["floor"])})
        cells.setdefault((result.target, result.sampler, result.searched), []).append(result)
    lines = [
        "# Samplers at equal numbers of rendered sounds",
        "",
        f"`python benchmarks/search.py` (`--synths` for others than the Voice) on "
        f"{platform.machine()}, torch {version('torch')}, optuna {version('optuna')}, cmaes {version('cmaes')}.",
        "",
        f"Score: log-mel MMD to held-out sounds (smaller is nearer), or diversity of {SOUNDS} sounds (larger is more "
        f"varied), on {SETS} sets of {SOUNDS} fresh sounds; mean over seeds and its 95 % interval where there are two "
        "or more. Searched: sounds rendered to search; in all: those rendered to re-score finalists included. Every "
        "sampler has curves from 0.01 to 100 and starts at `uniform`, but for the paper's recipe (200 random trials "
        "and 800 of CMA-ES, 256 sounds each, curves from 0.1 to 10, from `default`, the best 25 re-scored) and "
        "`cma-es, narrow` (the same curves). `auto, large` is `auto` with the recipe's 256 sounds a trial.",
    ]
    for target in dict.fromkeys(key[0] for key in cells):
        lines += [
            "",
            f"## {target}",
            "",
            "| sampler | searched | in all | of the paper's | score | seeds |",
            "|---|---|---|---|---|---|",
        ]
        for key, rows in sorted(cells.items(), key=lambda item: (item[0][0], item[0][2])):
            if key[0] == target:
                rendered = rows[0].rendered
                share = f"{rendered / PAPER_RENDERED:.1%}"
                score = written(mean_interval([row.score for row in rows]))
                lines.append(f"| {key[1]} | {key[2]:,} | {rendered:,} | {share} | {score} | {len(rows)} |")
        lines += [*verdict(cells, target), *paired(cells, target), *floor(cells, target)]
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    _plot(cells, out)


def verdict(cells: Cells, target: str) -> list[str]:
    """Returns in words with how few sounds `auto` is better than the paper's recipe; nothing before both have seeds."""
    paper = cells.get((target, "paper", PAPER_SOUNDS), [])
    tried = [cells[key] for key in sorted(cells) if key[:2] == (target, "auto") and len(cells[key]) > 1]
    if len(paper) < 2 or not tried:
        return []
    sign = -1 if target == "diversity" else 1
    bar = mean_interval([sign * row.score for row in paper])
    better = [rows for rows in tried if mean_interval([sign * row.score for row in rows]).high < bar.low]
    if not better:
        return [
            "",
            "At none of these budgets is `auto` better than the paper's recipe by intervals that do not overlap.",
        ]
    rows = better[0]
    return [
        "",
        f"`auto` is better than the paper's recipe with {rows[0].rendered / PAPER_RENDERED:.1%} of its sounds, by "
        f"intervals that do not overlap ({len(rows)} and {len(paper)} seeds).",
    ]


def paired(cells: Cells, target: str) -> list[str]:
    """Returns in words how `auto` differs from the paper's recipe at the same seeds, for each budget of at least two.

    Where each seed has another truth, some of which are harder than others, differences say more than means.
    """
    paper = {row.seed: row.score for row in cells.get((target, "paper", PAPER_SOUNDS), [])}
    lines = []
    for where, sampler, searched in sorted(cells, key=lambda key: key[2]):
        rows = [row for row in cells[where, sampler, searched] if row.seed in paper]
        if where == target and sampler in ("auto", "auto, large") and len(rows) > 1:
            gap = mean_interval([row.score - paper[row.seed] for row in rows])
            lines.append(
                f"- with {rows[0].rendered / PAPER_RENDERED:.1%} of the sounds ({sampler}): {gap.mean:+.4f} "
                f"({gap.low:+.4f} to {gap.high:+.4f}), {len(rows)} seeds"
            )
    return ["", "Score of `auto` less that of the paper's recipe at the same seed:", "", *lines] if lines else []


def floor(cells: Cells, target: str) -> list[str]:
    """Returns how near the scores come to that of two sets of the target's own sounds, by seed where they differ."""
    known = {row.seed: row.floor for key, rows in cells.items() if key[0] == target for row in rows}
    floors = {seed: value for seed, value in sorted(known.items()) if value is not None}
    if not floors:
        return []
    if not target.startswith("hidden"):
        return ["", f"Two sets of the target's own sounds are {written(next(iter(floors.values())))} apart."]
    budgets = {sampler: searched for where, sampler, searched in sorted(cells) if where == target}
    lines = [
        "",
        "Each seed has another truth.",
        "",
        f"| seed | two sets of the truth | {' | '.join(budgets)} |",
        "|---" * (2 + len(budgets)) + "|",
    ]
    for seed, value in floors.items():
        found = {
            sampler: [row.score for row in cells[target, sampler, budget] if row.seed == seed]
            for sampler, budget in budgets.items()
        }
        scores = [f"{scores[0]:.4f}" if scores else "–" for scores in found.values()]
        lines.append(f"| {seed} | {written(value)} | {' | '.join(scores)} |")
    return lines


def written(interval: Interval) -> str:
    decimals = 3 if interval.mean >= 0.015 else 4
    mean, low, high = (f"{value:.{decimals}f}" for value in (interval.mean, interval.low, interval.high))
    return f"{mean} ({low} to {high})" if math.isfinite(interval.low) else mean


def _plot(cells: Cells, out: Path) -> None:
    for target in dict.fromkeys(key[0] for key in cells):
        figure = go.Figure(layout={"title": target, "xaxis": {"title": "sounds searched", "type": "log"}})
        figure.update_yaxes(title="diversity" if target == "diversity" else "held-out MMD", type="log")
        for sampler in SAMPLERS:
            points = sorted(key[2] for key in cells if key[:2] == (target, sampler))
            spans = [mean_interval([row.score for row in cells[target, sampler, point]]) for point in points]
            reach = [span.high - span.mean if math.isfinite(span.high) else 0.0 for span in spans]
            means = [span.mean for span in spans]
            figure.add_scatter(x=points, y=means, error_y={"array": reach}, name=sampler, mode="lines+markers")
        figure.write_html(out / f"{target}.html")


if __name__ == "__main__":
    main()
