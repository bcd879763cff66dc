"""What is installed is all that the packages need: the wheel holds each of their files."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]

#: Where the wheel has what lies beside the packages.
SHIPPED = {"nebulae": "nebula/shipped_nebulae", "studies": "nebula/shipped_studies"}


def test_the_wheel_holds_every_file_of_the_packages(tmp_path):
    # Of a copy: what an earlier build left beside the sources would come along.
    source = tmp_path / "source"
    for folder in ("nebula", "service", *SHIPPED):
        shutil.copytree(ROOT / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    options = ["--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", tmp_path]
    subprocess.run([sys.executable, "-m", "pip", "wheel", source, *options], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = set()
    for folder in ("nebula", "service", *SHIPPED):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".md":
                wanted.add(f"{SHIPPED.get(folder, folder)}/{path.relative_to(ROOT / folder).as_posix()}")
    assert wanted <= held
