"""One word, one meaning: a public class is defined once in both packages."""

import ast
from collections import Counter
from pathlib import Path

import nebula
import service

#: Public names with two meanings: other packages' distances name the first `Settings`, files the second.
SHARED = {"Settings": 2}


def defined(package):
    """Yields the public names of classes and of types of callbacks."""
    for path in Path(package.__file__).parent.rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                yield node.name
            elif isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("Callable["):
                yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def test_a_public_name_is_defined_once():
    counted = Counter(name for package in (nebula, service) for name in defined(package) if not name.startswith("_"))
    assert {name: number for name, number in counted.items() if number > 1} == SHARED
