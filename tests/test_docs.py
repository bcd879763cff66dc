"""What the documentation shows is done here, word for word."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"


def files_of(text):
    """The files that a page shows, by name."""
    return dict(re.findall(r"<!-- file: (\S+) -->\n```\w*\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))


@pytest.mark.slow
def test_the_synth_of_ones_own_is_installed_and_tuned(tmp_path):
    text = (DOCS / "your-own-synth.md").read_text()
    package = tmp_path / "nebula-bar"
    package.mkdir()
    shown = files_of(text)
    (tmp_path / "bar.toml").write_text(shown.pop("bar.toml"))
    assert set(shown) == {"pyproject.toml", "nebula_bar.py"}
    assert sum(len(content.splitlines()) for content in shown.values()) <= 60
    for name, content in shown.items():
        (package / name).write_text(content)
    (commands,) = re.findall(r"<!-- commands -->\n```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    install, *others = commands.splitlines()
    assert install == "pip install ./nebula-bar"
    # Beside the environment of the tests rather than in it, and without asking an index for what is there.
    site = tmp_path / "site"
    options = ["--no-deps", "--no-build-isolation", "--quiet", "--target", str(site)]
    subprocess.run([sys.executable, "-m", *install.split(), *options], cwd=tmp_path, check=True, capture_output=True)
    path = os.pathsep.join(filter(None, [str(site), os.environ.get("PYTHONPATH")]))
    printed = []
    for command in others:
        assert command.startswith("nebula ")
        done = subprocess.run(
            [sys.executable, "-m", *command.split()],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (command, done.stderr)
        printed.append(done.stdout)
    assert "material" in printed[0]
    header, *rows = (tmp_path / "bar.csv").read_text().splitlines()
    assert header == "name,bar.pitch [MIDI pitch],bar.decay [s],bar.brightness,bar.material"
    assert len(rows) == 8
    assert {row.rpartition(",")[2] for row in rows} <= {"wood", "steel"}
    assert '"synth": "bar"' in (tmp_path / "runs" / "bar" / "nebula.json").read_text()
