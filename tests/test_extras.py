"""The library works without what its extras bring, and whoever needs one is told its name."""

import ast
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from nebula.extras import EXTRAS

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

# Refuses every module of an extra, as if it were not installed, and then runs a command line.
WITHOUT = """
import sys

class Refusal:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {refused}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Refusal())
"""


def without_extras(program, refused=tuple(EXTRAS)):
    command = WITHOUT.format(refused=set(refused)) + program
    return subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=False)


def commanded(words):
    return f"from nebula.__main__ import main\nsys.argv = {['nebula', *words]}\nmain()"


def named(requirements):
    return {canonicalize_name(Requirement(text).name) for text in requirements}


def third_party(package):
    """Which modules of others a package imports, and the files that do."""
    found = {}
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            for name in {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {"nebula", "service"}:
                found.setdefault(name, path.relative_to(ROOT))
    return found


def test_the_library_renders_and_measures_without_any_extra(tmp_path):
    program = """
import nebula
from nebula import data, discrepancy, distances
drum = nebula.Nebula.load("drum")
audio = nebula.Voice(duration_seconds=0.1).render(nebula.sample([0, 1, 2, 3]), drum)
rows = distances.get("log-mel").embed(audio, 44100)
print(float(discrepancy.mmd(rows[:2], rows[2:])) > 0, len(nebula.synths.names()) > 0, data.FORMATS)
import nebula.audio, nebula.evaluation, nebula.listening, nebula.matching, nebula.training.trainer
from nebula.evaluation import comparison, ordering, retrieval
"""
    done = without_extras(program)
    assert (done.stdout, done.stderr) == ("True True ('flac', 'wav', 'tar', 'tar-wav', 'tar-npy')\n", "")


@pytest.mark.parametrize(
    ("words", "extra"),
    [
        (["tune", "quickstart"], "tune"),
        (["serve"], "service"),
        (["worker", "tcp://127.0.0.1:1"], "service"),
        (["key", "list"], "service"),
        (["backup", "x.tar"], "service"),
    ],
)
def test_a_command_of_a_part_that_is_not_there_names_its_extra(words, extra):
    done = without_extras(commanded(words))
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("nebula: ")
    assert line.endswith(f" is not installed: pip install 'nebula[{extra}]'")


@pytest.mark.parametrize("package", ["nebula", "service"])
def test_whatever_is_imported_is_required_by_the_part_that_imports_it(package):
    extras = PROJECT["optional-dependencies"]
    library = named(PROJECT["dependencies"])
    distributions = packages_distributions()
    # torch brings Triton where it has a use; FastAPI and Jinja2 bring what goes by the names of their parts.
    brought = {
        "triton": "torch",
        "dask": "distributed",
        "starlette": "fastapi",
        "anyio": "fastapi",
        "markupsafe": "jinja2",
    }
    for module, path in third_party(package).items():
        if module in ("_typeshed", "dawdreamer", "dexed"):
            continue
        needed = {canonicalize_name(brought.get(module) or distributions[module][0])}
        if module in EXTRAS:
            assert needed <= named(extras[EXTRAS[module]]) | named(extras["tune"]), path
        else:
            assert needed <= library, path
