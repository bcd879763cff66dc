"""The files that a finished study leaves in its folder, each written whole or not at all."""

import csv
import io
import json
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from nebula import synths
from nebula.audio import Corpus
from nebula.errors import StudyError
from nebula.evaluation.judges import Judging
from nebula.files import write_whole
from nebula.nebulae import correlation_path
from nebula.tuning.ledger import Finalist
from nebula.tuning.outcome import Outcome


def write_results(outcome: Outcome, folder: Path, device: str = "cpu") -> None:
    """Writes `nebula.json`, `nebula.provenance.json`, `trials.csv` and `report.html`.

    Args:
        outcome: The finished study.
        folder: Where the files go.
        device: Where the report's sounds are rendered.

    Raises:
        StudyError: A file cannot be written.
    """
    # Imported here, because plotly takes memory that nothing else in a study needs.
    from nebula.tuning.report import report

    nebula = outcome.winner.nebula
    files = {
        "trials.csv": trials_csv(outcome),
        "report.html": report(outcome, device),
        "nebula.provenance.json": json.dumps(provenance(outcome), indent=2) + "\n",
        # Last, so that a nebula without its provenance is never seen.
        "nebula.json": nebula.to_json(),
    }
    for name, content in files.items():
        try:
            write_whole(folder / name, content)
        except OSError as error:
            raise StudyError(f"out {str(folder / name)!r}: cannot be written ({error.strerror})") from error
    # An earlier version may have left one, which belongs to another nebula now.
    correlation_path(folder / "nebula.json").unlink(missing_ok=True)


def trials_csv(outcome: Outcome) -> str:
    """Returns all trials as CSV: generation, candidate, score, seconds, then one column a tuned hyperparameter."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = outcome.space.names
    writer.writerow(["generation", "candidate", "score", "seconds", *names])
    for entry in outcome.entries:
        values = outcome.space.values(entry.nebula, entry.numbers)
        writer.writerow(
            [
                entry.generation,
                entry.candidate,
                entry.score,
                f"{entry.seconds:.3f}",
                *(values.get(name, "") for name in names),
            ]
        )
    return text.getvalue()


def provenance(outcome: Outcome) -> dict[str, Any]:
    """Returns how the nebula was made: everything needed to make it again and to judge it."""
    spec, target = outcome.spec, outcome.target
    finalists = len(outcome.finalists) * spec.finalists.repeats
    return {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "made_with": {name: version(name) for name in ("nebula", "torch", "numpy", "optuna", "cmaes")},
        # By name: where the target lay is nobody else's business, its fingerprint below says what it was.
        "spec": spec.model_dump(mode="json")
        | {"target": target and target.source.name, "others": [Path(name).name for name in spec.others]},
        "synth": {"name": outcome.space.start.synth, "repeatable": synths.get(outcome.space.start.synth).repeatable},
        "target": None
        if target is None
        else {
            "kind": "corpus" if isinstance(target.source, Corpus) else "nebula",
            "name": target.source.name,
            "sounds": len(target.vectors),
            "skipped": len(target.skipped),
            "fingerprint": target.fingerprint,
        },
        "sounds_rendered": (len(outcome.entries) + finalists) * spec.sounds_per_trial,
        "trials": len(outcome.entries),
        "flat_since_trial": outcome.flat_trial,
        "listener": asdict(outcome.judging) if isinstance(outcome.judging, Judging) else outcome.judging,
        "winner": _scored(outcome.winner),
        "start": {"name": outcome.space.start.name, **_scored(outcome.start)},
    }


def _scored(finalist: Finalist) -> dict[str, Any]:
    interval = finalist.interval
    return {
        "origin": finalist.origin,
        "score_on_fresh_seeds": interval.mean,
        "interval_95": [interval.low, interval.high],
    }
