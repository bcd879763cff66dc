"""Each room imports only the rooms above it, and only tuning knows Optuna and Dask. What is slow to load waits."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import typer

import nebula
from nebula.cli import app

PACKAGE = Path(nebula.__file__).parent

#: What every room may import beside itself.
ANYWHERE = {"errors", "lazy", "tensors"}

#: What else of nebula each room may import.
ALLOWED = {
    "addresses": set(),
    "extras": set(),
    "compilation": set(),
    "files": set(),
    "garbage": set(),
    "lazy": set(),
    "tensors": set(),
    "draws": set(),
    "modules": {"compilation", "draws"},
    "synths": {"compilation", "draws", "modules"},
    "messages": set(),
    "watching": set(),
    "shipped": set(),
    "spec_files": set(),
    "nebula_files": {"draws", "messages", "synths"},
    "nebulae": {"draws", "synths", "files", "nebula_files", "shipped"},
    "data": {"watching", "draws", "synths", "nebulae", "files", "audio"},
    "audio": {"watching"},
    "distances": {"watching", "compilation", "audio"},
    "training": {
        "watching",
        "shipped",
        "spec_files",
        "draws",
        "modules",
        "synths",
        "nebulae",
        "files",
        "distances",
    },
    "discrepancy": {"files"},
    "embedding": {"watching", "synths", "nebulae", "audio", "distances"},
    "evaluation": {
        "watching",
        "shipped",
        "spec_files",
        "nebulae",
        "files",
        "audio",
        "distances",
        "embedding",
        "discrepancy",
    },
    "listening": set(),
    "tiles": set(),
    "matching": {"watching", "draws", "synths", "nebulae", "files", "audio", "distances", "embedding"},
    "tuning": {
        "addresses",
        "garbage",
        "messages",
        "watching",
        "shipped",
        "spec_files",
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
        "tiles",
    },
    "__main__": {"cli", "extras", "garbage"},
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
    assert used - {room} <= ALLOWED[room] | ANYWHERE
    foreign = {name.split(".")[0] for name in imports(path)}
    assert "service" not in foreign
    if room != "tuning":
        assert not foreign & {"optuna", "distributed", "dask", "cmaes"}


def test_rooms_do_not_import_each_other_in_a_circle():
    assert list(TopologicalSorter(ALLOWED).static_order())


def module_of(path):
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


class Loaded(ast.NodeVisitor):
    """Which modules a module imports when it is loaded or used, but for those that only a type checker reads."""

    def __init__(self, modules):
        self._modules, self.found = modules, set()

    def visit_If(self, node):
        checked = isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for part in node.orelse if checked else [*node.body, *node.orelse]:
            self.visit(part)

    def visit_Import(self, node):
        self.found |= self._modules & {alias.name for alias in node.names}

    def visit_ImportFrom(self, node):
        names = {f"{node.module}.{alias.name}" for alias in node.names}
        # A name may be a module of its own; what is in a module is of that module.
        self.found |= self._modules & names
        if names - self._modules:
            self.found |= self._modules & {node.module}


def import_graph():
    paths = {module_of(path): path for path in PACKAGE.rglob("*.py")}
    graph = {}
    for module, path in paths.items():
        loaded = Loaded(set(paths) - {module})
        loaded.visit(ast.parse(path.read_text(encoding="utf-8")))
        graph[module] = loaded.found
    return graph


def test_modules_do_not_import_each_other_in_a_circle():
    assert list(TopologicalSorter(import_graph()).static_order())


def test_public_names_exist_and_are_listed():
    for name in nebula.__all__:
        assert hasattr(nebula, name), name


#: What takes long to load. The library needs the first of these, and the service more.
HEAVY = {
    "numpy", "torch", "scipy", "sklearn", "numba", "jaxtyping", "soundfile", "h5py", "plotly",
    "optuna", "distributed", "dask", "sqlalchemy", "alembic", "fastapi",
}  # fmt: skip


def loaded(program):
    """Which heavy modules a program has loaded when it ends."""
    command = f"import sys\n{program}\nprint(sorted({HEAVY} & sys.modules.keys()), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    return set(ast.literal_eval(done.stderr.splitlines()[-1]))


def commands(command, name="nebula"):
    """The words of every command below one, groups without a command of their own left out."""
    if isinstance(command, typer.main.TyperGroup):
        for below in command.commands.values():
            yield from commands(below, f"{name} {below.name}")
    else:
        yield name


def all_commands():
    for entry in entry_points(group="nebula.commands"):
        entry.load()(app)
    return sorted(commands(typer.main.get_command(app)))


RUN = """
from nebula.__main__ import main
for words in {lines}:
    sys.argv = words.split()
    try:
        main()
    except SystemExit as end:
        assert not end.code, words
"""


def test_help_and_lists_of_what_there_is_wait_for_nothing_heavy():
    lines = ["nebula --help", *(f"{command} --help" for command in all_commands())]
    lines += ["nebula synths", "nebula synths voice", "nebula synths dx7 --json", "nebula weights list"]
    assert loaded(RUN.format(lines=lines)) == set()


@pytest.mark.parametrize(
    ("program", "needed"),
    [
        ("import nebula, nebula.lazy, nebula.tensors", set()),
        ("import nebula; nebula.Nebula.load('drum').to_json(); nebula.Nebula.load('dx7/uniform')", set()),
    ],
)
def test_what_is_no_tensor_needs_no_torch(program, needed):
    assert loaded(program) <= needed


@pytest.mark.parametrize(
    ("modules", "heavy"),
    [
        ("nebula", {"torch", "numpy"}),
        ("nebula.cli, nebula.tuning", {"scipy.signal", "scipy.spatial", "scipy.stats", "sklearn"}),
        # What a worker holds while it waits for work, and a server while nobody looks.
        ("service.supervisor, nebula.tuning.servers", {"torch", "scipy", "optuna"}),
        # What watches over workers, and a scheduler.
        ("nebula.tuning.machines", {"torch", "scipy", "optuna"}),
        ("service.accounts.commands, service.backup", {"torch", "numpy", "scipy", "fastapi", "alembic"}),
        ("service.backup", {"sqlalchemy"}),
        (
            "service.server",
            {"torch", "optuna", "scipy.stats", "sklearn", "optuna_dashboard", "plotly", "distributed", "numba"},
        ),
        ("service.manager.process", {"scipy.stats", "sklearn", "plotly", "numba"}),
    ],
)
def test_what_few_need_is_loaded_by_those_who_do(modules, heavy):
    command = f"import sys, {modules}; print(sorted({heavy} & sys.modules.keys()))"
    found = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"
