"""Installs the peers of published.py, each in an environment of its own, since they need companions that exclude ours.

    python benchmarks/published_install_peers.py FOLDER

Without what they compute embeddings with: given embeddings, their distances need no model.
"""

import argparse
import subprocess
import sys
import venv
from pathlib import Path

# fadtk calls scipy.linalg.sqrtm with an argument that later releases do not know.
_COMPANIONS = ["torch==2.13.0", "numpy==2.2.6", "scipy==1.15.3", "hypy-utils==1.0.29", "tqdm==4.67.1"]

#: Installed without what it asks for.
PEERS = {"fadtk": "fadtk==1.1.0", "kadtk": "kadtk==1.1.0"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    for name, peer in PEERS.items():
        home = arguments.folder / name
        venv.create(home, with_pip=True)
        pip = [home / "bin" / "pip", "install", "--quiet"]
        subprocess.run([*pip, *_COMPANIONS], check=True)
        subprocess.run([*pip, "--no-deps", peer], check=True)
        sys.stdout.write(f"{name}: {home / 'bin' / 'python'}\n")


if __name__ == "__main__":
    main()
