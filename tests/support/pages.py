"""Pages of the documentation, and what they tell a reader to do, as one script that does it.

What stands before a block of code says what becomes of it:

    <!-- file: NAME -->       it is written to a file
    <!-- background -->       the reader has it run in a terminal of its own
    <!-- not run: REASON -->  it is checked for its syntax only

Of the rest, `sh` and `python` are run where they stand, in one shell, and others are read.
"""

import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from ports import free_port

_BLOCK = re.compile(r"(?:^<!-- (?P<note>[^>]*?) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.M | re.S)

#: Ports that pages name, each of which becomes a free one.
_PORTS = ("8000", "8786")

# What is installed goes beside the environment of the tests rather than into it, and no index is asked for it.
_PIP = "-m pip install --no-deps --no-build-isolation --quiet --target"


@dataclass(frozen=True)
class Block:
    """A block of code of a page.

    Attributes:
        line: Where it begins.
        language: As the page has it.
        text: What it says.
        note: What stands before it; empty if there is nothing.
    """

    line: int
    language: str
    text: str
    note: str

    @property
    def file(self):
        """Name of the file that it is, empty if it is none."""
        return self.note.removeprefix("file: ") if self.note.startswith("file: ") else ""

    @property
    def is_run(self):
        """Whether the reader runs it."""
        return self.language in ("sh", "python") and not self.file and not self.note.startswith("not run: ")


def blocks(path):
    """Returns the blocks of a page, in order."""
    text = path.read_text(encoding="utf-8")
    return [
        Block(text.count("\n", 0, found.start("text")), found["language"], found["text"], found["note"] or "")
        for found in _BLOCK.finditer(text)
    ]


def follow(page, folder, environment):
    """Does what a page says, in an empty folder; returns what is printed.

    Args:
        page: Its path.
        folder: Where to work.
        environment: Variables of the shell.
    """
    site, programs, work = (folder / name for name in ("site", "programs", "work"))
    for made in (site, programs, work):
        made.mkdir()
    python = shlex.quote(sys.executable)
    for name, command in (("nebula", f'{python} -m nebula "$@"'), ("python", f'{python} "$@"')):
        _program(programs / name, command)
    _program(programs / "pip", f'test "$1" = install; exec {python} {_PIP} {shlex.quote(str(site))} "${{@:2}}"')
    ports = {port: str(free_port()) for port in _PORTS}
    text = _script(blocks(page))
    for port, free in ports.items():
        text = re.sub(rf"(?<=[: ]){port}\b", free, text)
    environment = environment | {
        "PATH": f"{programs}:{environment['PATH']}",
        "PYTHONPATH": f"{site}:{environment.get('PYTHONPATH', '')}".rstrip(":"),
        "NEBULA_HOME": str(folder / "home"),
        "NEBULA_PORT": ports["8000"],
    }
    (folder / "script").write_text(text)
    done = subprocess.run(
        ["bash", folder / "script"], cwd=work, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{page.name}\n{done.stdout[-3000:]}\n{done.stderr[-6000:]}"
    return done.stdout


def _program(path, command):
    path.write_text(f"#!/bin/bash\nset -e\n{command if 'exec' in command else 'exec ' + command}\n")
    path.chmod(0o755)


def _script(steps):
    lines = [
        "set -euo pipefail",
        # What runs in the background is told to end, and waited for.
        "trap 'status=$?; kill $(jobs -p) 2>/dev/null || true; wait; test $status = 0 || echo \"line $line\" >&2' EXIT",
    ]
    for step in steps:
        lines.append(f"line={step.line}")
        if step.file:
            folder = Path(step.file).parent
            lines += [f"mkdir -p {folder}", _here(f"cat > {step.file}", step.text)]
        elif step.note == "background":
            log = f"../background-{step.line}"
            lines.append(f"(exec {step.text.strip()}) > {log} 2>&1 &")
            if " serve" in step.text:
                # The reader waits for the link.
                lines.append(
                    f"until grep -q http:// {log}; do kill -0 $! || {{ cat {log} >&2; exit 1; }}; sleep 0.1; done"
                )
        elif step.is_run:
            lines.append(step.text if step.language == "sh" else _here("python -", step.text))
    return "\n".join(lines) + "\n"


def _here(command, text):
    return f"{command} <<'END-OF-BLOCK'\n{text}END-OF-BLOCK"
