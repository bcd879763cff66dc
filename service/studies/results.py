"""The files that studies leave."""

from pathlib import Path

from service.errors import NotFound
from service.settings import Settings
from service.studies.tables import Study


def study_folder(home: Path, study_id: str) -> Path:
    """Returns where a study's results go."""
    return home / "studies" / study_id


def artifacts_folder(home: Path) -> Path:
    """Returns where the dashboard finds sounds."""
    return home / "artifacts"


def best_path(home: Path, study_id: str) -> Path:
    """Returns where the best nebula of a study's trials so far is."""
    return study_folder(home, study_id) / "best.json"


def ledger_name(name: str, study_id: str) -> str:
    """Returns what Optuna calls a study: names may be given twice, and people read this one in the dashboard."""
    return f"{name} {study_id}"


def read_result(settings: Settings, study: Study, name: str) -> bytes:
    """Returns what a file of a study's results holds.

    Raises:
        NotFound: The study has no results yet, or never will.
    """
    try:
        return (study_folder(settings.home, study.id) / name).read_bytes()
    except FileNotFoundError as error:
        raise NotFound(f"study {study.id!r}: has no {name}, it is {study.state}") from error
