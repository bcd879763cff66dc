"""Each room imports only the rooms above it, and only tuning knows Optuna and Dask. What is slow to load waits."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import nebula

PACKAGE = Path(nebula.__file__).parent

#: What of nebula each room may import, beside itself and `nebula.errors`.
ALLOWED = {
    "addresses": set(),
    "compilation": set(),
    "draws": set(),
    "modules": {"compilation", "draws"},
    "synths": {"compilation", "draws", "modules"},
    "files": set(),
    "lazy": set(),
    "messages": set(),
    "shipped": set(),
    "nebula_files": {"draws", "messages", "synths"},
    "nebulae": {"draws", "synths", "files", "nebula_files", "shipped"},
    "data": {"draws", "synths", "nebulae", "files", "audio"},
    "audio": set(),
    "distances": {"compilation", "audio"},
    "training": {"draws", "modules", "synths", "nebulae", "files", "distances"},
    "discrepancy": set(),
    "embedding": {"synths", "nebulae", "audio", "distances"},
    "evaluation": {"nebulae", "audio", "distances", "embedding", "discrepancy"},
    "listening": set(),
    "matching": {"draws", "synths", "nebulae", "files", "audio", "distances", "embedding"},
    "tuning": {
        "addresses",
        "lazy",
        "messages",
        "shipped",
        "draws",
        "synths",
        "nebulae",
        "files",
        "audio",
        "distances",
        "discrepancy",
        "embedding",
        "evaluation",
        "matching",
    },
    "__main__": {"cli"},
    "cli": {
        "draws",
        "synths",
        "nebulae",
        "data",
        "files",
        "audio",
        "distances",
        "training",
        "discrepancy",
        "embedding",
        "evaluation",
        "matching",
        "tuning",
    },
}


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            if node.module == "nebula":
                yield from (f"nebula.{alias.name}" for alias in node.names)
            else:
                yield node.module


MODULES = sorted(
    path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE or path.stem not in ("__init__", "errors")
)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_knows_only_the_rooms_above_it(path):
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    used = {name.split(".")[1] for name in imports(path) if name.startswith("nebula.")}
    assert used - {room, "errors"} <= ALLOWED[room]
    foreign = {name.split(".")[0] for name in imports(path)}
    assert "service" not in foreign
    if room != "tuning":
        assert not foreign & {"optuna", "distributed", "dask", "cmaes"}


def test_rooms_do_not_import_each_other_in_a_circle():
    assert list(TopologicalSorter(ALLOWED).static_order())


def test_public_names_exist_and_are_listed():
    for name in nebula.__all__:
        assert hasattr(nebula, name), name


@pytest.mark.parametrize(
    ("modules", "heavy"),
    [
        ("nebula", {"torch", "numpy"}),
        ("nebula.cli, nebula.tuning", {"scipy.signal", "scipy.spatial", "scipy.stats", "sklearn"}),
        # What a worker holds while it waits for work, and a server while nobody looks.
        ("service.supervisor, nebula.tuning.servers", {"torch", "scipy", "optuna"}),
        ("service.server", {"scipy.stats", "sklearn", "optuna_dashboard", "plotly", "distributed", "numba"}),
        ("service.manager.process", {"scipy.stats", "sklearn", "plotly", "numba"}),
    ],
)
def test_what_few_need_is_loaded_by_those_who_do(modules, heavy):
    command = f"import sys, {modules}; print(sorted({heavy} & sys.modules.keys()))"
    found = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"
