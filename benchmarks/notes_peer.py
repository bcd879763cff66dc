"""Prints what pYIN hears in each WAV file of a folder, `NUMBER,MIDI`; runs where librosa is (`notes_install_peer.py`).

    PYTHON benchmarks/notes_peer.py FOLDER

The pitch of a sound is the median over its voiced frames, NaN where there is none.
"""

import sys
from pathlib import Path

import librosa
import numpy as np

LOWEST_HZ, HIGHEST_HZ = 25.0, 4500.0
FRAME = 8192


def main() -> None:
    """Prints a row for each file."""
    for path in sorted(Path(sys.argv[1]).glob("*.wav")):
        audio, rate_hz = librosa.load(path, sr=None)
        pitches, voiced, _ = librosa.pyin(audio, fmin=LOWEST_HZ, fmax=HIGHEST_HZ, sr=rate_hz, frame_length=FRAME)
        midi = librosa.hz_to_midi(np.median(pitches[voiced])) if voiced.any() else np.nan
        sys.stdout.write(f"{path.stem},{midi}\n")


if __name__ == "__main__":
    main()
