"""Installs the peer of notes.py in an environment of its own.

python benchmarks/notes_install_peer.py FOLDER
"""

import argparse
import subprocess
import sys
import venv
from pathlib import Path

PEER = "librosa==0.11.0"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    venv.create(arguments.folder, with_pip=True)
    subprocess.run([arguments.folder / "bin" / "pip", "install", "--quiet", PEER], check=True)
    sys.stdout.write(f"{arguments.folder / 'bin' / 'python'}\n")


if __name__ == "__main__":
    main()
