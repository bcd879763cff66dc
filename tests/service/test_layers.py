"""Each room of the service imports only the rooms above it, and of nebula what its rooms make public."""

import ast
import re
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path

import nebula
import service

PACKAGE = Path(nebula.__file__).parent
SERVICE = Path(service.__file__).parent

#: The rooms of the service in the order of its docstring.
ROOMS = [
    name
    for line in re.findall(r"^- ((?:`\w+`(?:, )?)+):", str(service.__doc__), re.MULTILINE)
    for name in re.findall(r"`(\w+)`", line)
]

#: Who answers requests, beside modules called `endpoints` and `routes`.
ANSWERING = {"api", "metrics", "dashboard", "assets", "application", "server", "accounts.access", "accounts.login"}


def is_module(path):
    return path.is_dir() or path.with_suffix(".py").exists()


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            # A name may be a module of its own; what is in a module is of that module.
            folder = PACKAGE.parent.joinpath(*node.module.split("."))
            modules = [alias.name for alias in node.names if is_module(folder / alias.name)]
            yield from (f"{node.module}.{name}" for name in modules)
            if len(modules) < len(node.names) and node.module != "nebula":
                yield node.module


def module_of(path):
    """Returns what a module of the service is called within it."""
    return ".".join(path.relative_to(SERVICE).with_suffix("").parts).removesuffix(".__init__")


SERVICE_MODULES = {module_of(path): path for path in sorted(SERVICE.rglob("*.py")) if path != SERVICE / "__init__.py"}


def test_a_room_of_the_service_knows_only_the_rooms_above_it():
    below = {}
    for module, path in SERVICE_MODULES.items():
        used = {name.split(".")[1] for name in imports(path) if name.startswith("service.")}
        below[module] = used - set(ROOMS[: ROOMS.index(module.split(".")[0]) + 1])
    assert {module: rooms for module, rooms in below.items() if rooms} == {}


def test_every_class_of_the_service_has_a_name_of_its_own():
    homes = {}
    for path in [*PACKAGE.rglob("*.py"), *SERVICE_MODULES.values()]:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault(node.name, []).append(path)
    shared = {name for name, paths in homes.items() if len(paths) > 1 and any(SERVICE in p.parents for p in paths)}
    # What distances are set to, and what the environment decides.
    assert shared == {"Settings"}


def test_every_room_of_the_service_is_listed():
    assert sorted(ROOMS) == sorted({module.split(".")[0] for module in SERVICE_MODULES})


def test_only_what_answers_requests_knows_http():
    web = {"fastapi", "starlette", "uvicorn"}
    knowing = {module for module, path in SERVICE_MODULES.items() if web & {i.split(".")[0] for i in imports(path)}}
    assert {
        module
        for module in knowing
        if not module.endswith(("endpoints", "routes")) and not {module, module.split(".")[0]} & ANSWERING
    } == set()


def test_modules_of_the_service_do_not_import_each_other_in_a_circle():
    graph = {
        f"service.{module}": {name for name in imports(path) if name.startswith("service.")} - {f"service.{module}"}
        for module, path in SERVICE_MODULES.items()
    }
    assert list(TopologicalSorter(graph).static_order())


#: What the service uses beside the names of rooms: what all commands share.
SHARED = {"nebula.cli.terminal"}


def test_the_service_knows_only_public_names_of_nebula():
    inner, hidden = {}, {}
    for module, path in SERVICE_MODULES.items():
        used = {name for name in imports(path) if name.startswith("nebula.")}
        inner[module] = {name for name in used if name.count(".") > 1} - SHARED
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] == "nebula":
                room = import_module(str(node.module))
                public = getattr(room, "__all__", [name for name in vars(room) if not name.startswith("_")])
                hidden[module] = hidden.get(module, set()) | {alias.name for alias in node.names} - set(public)
    assert {module: names for module, names in inner.items() if names} == {}
    assert {module: names for module, names in hidden.items() if names} == {}
