"""Installs the peers of render.py, each in an environment of its own, since they need companions that exclude ours.

    python benchmarks/render_install_peers.py FOLDER [--cuda]

With --cuda their GPU builds are installed.
"""

import argparse
import subprocess
import sys
import venv
from pathlib import Path

REQUIREMENTS = {
    "torchsynth": [
        "torch==2.13.0",
        "numpy==2.4.6",
        "setuptools<82",
        "pytorch-lightning==1.8.6",
        "torchmetrics==0.11.4",
        "torchsynth==1.0.2",
    ],
    "synthax": ["jax{cuda}==0.10.2", "synthax==0.2.2"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cuda", action="store_true")
    arguments = parser.parse_args()
    for name, requirements in REQUIREMENTS.items():
        home = arguments.folder / name
        venv.create(home, with_pip=True)
        wanted = [requirement.format(cuda="[cuda12]" if arguments.cuda else "") for requirement in requirements]
        subprocess.run([home / "bin" / "pip", "install", "--quiet", *wanted], check=True)
        sys.stdout.write(f"{name}: {home / 'bin' / 'python'}\n")


if __name__ == "__main__":
    main()
