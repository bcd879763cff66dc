"""Packages of others as pip installs them: a module, and metadata with its entry points."""

import sys
from contextlib import contextmanager


@contextmanager
def installed_package(folder, monkeypatch, module, source, group, entries):
    """Has a package be there while the block runs; its name is the module's with dashes.

    Args:
        folder: An empty one.
        monkeypatch: That of pytest.
        module: Its name.
        source: What is in it.
        group: Of its entry points.
        entries: What they are called, and the name in the module that each leads to.
    """
    (folder / f"{module}.py").write_text(source)
    metadata = folder / f"{module}-2.0.dist-info"
    metadata.mkdir()
    name = module.replace("_", "-")
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 2.0\n")
    lines = [f"{entry} = {module}:{place}\n" for entry, place in entries.items()]
    (metadata / "entry_points.txt").write_text(f"[{group}]\n{''.join(lines)}")
    monkeypatch.syspath_prepend(folder)
    yield
    sys.modules.pop(module, None)
