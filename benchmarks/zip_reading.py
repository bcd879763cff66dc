"""Writes zip_reading.md: what a sound of a large zip costs, and how long a single short one waits meanwhile.

Run with `python benchmarks/zip_reading.py [ENTRIES ...]`.
"""

import os
import platform
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
import torch

from nebula.audio import wav_bytes
from service.corpora import queries
from service.corpora.decoder import Decoder
from service.corpora.inspection import Inspector
from service.corpora.store import ARCHIVE_NAME, CorpusStore
from service.corpora.tables import UploadedCorpus
from service.database import Database
from service.tables import metadata

SIZES = (1_000, 10_000, 100_000)
SOUND_SECONDS = 0.05
ASKED = 50  # sounds of the middle of the zip, one after another
WATCHED_SECONDS = 10.0


def main() -> None:
    """Writes the table."""
    sizes = [int(argument) for argument in sys.argv[1:]] or SIZES
    lines = [
        "# Reading zips",
        "",
        f"Written by `benchmarks/zip_reading.py {' '.join(map(str, sizes))}`, in one go.",
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; "
        f"sounds of {SOUND_SECONDS} s, stored.",
        "A sound: asked for one after another in the middle of the zip. A single sound: uploaded while the zip is",
        "being read, of 0.3 s, until it is ready; a row's reading is watched for "
        f"{WATCHED_SECONDS:g} s. Opening includes the start of a process.",
        "",
        "| entries | opened, s | a sound, ms | read meanwhile, sounds/s | a single sound waits, s |",
        "|---:|---:|---:|---:|---:|",
    ]
    for entries in sizes:
        with tempfile.TemporaryDirectory() as folder:
            lines.append(f"| {entries:,} | {_row(Path(folder), entries)} |")
            print(lines[-1], flush=True)
    Path(__file__).with_suffix(".md").write_text("\n".join(lines) + "\n")


def _row(home: Path, entries: int) -> str:
    store, decoder = CorpusStore(home), Decoder()
    database = Database(f"sqlite:///{home / 'nebula.db'}")
    metadata.create_all(database.engine)
    names = [f"{number:06}.wav" for number in range(entries)]
    large = _kept(database, store, names)
    path = store.content(large)

    began = time.monotonic()
    decoder.listing(path)
    opened_seconds = time.monotonic() - began
    began = time.monotonic()
    for name in names[entries // 2 :][:ASKED]:
        decoder.finding(path, name)
    sound_seconds = (time.monotonic() - began) / ASKED

    inspector = Inspector(database, store, decoder)
    inspector.start()
    time.sleep(WATCHED_SECONDS)
    with database.read() as session:
        speed = queries.find(session, large).sounds_read / WATCHED_SECONDS
    began = time.monotonic()
    single = _kept(database, store, names[:1], seconds=0.3)
    inspector.wake()
    inspector.wait(single, 600.0)
    waited_seconds = time.monotonic() - began
    inspector.stop()
    decoder.close()
    database.close()
    return f"{opened_seconds:.2f} | {1000 * sound_seconds:.1f} | {speed:.0f} | {waited_seconds:.2f}"


def _kept(database: Database, store: CorpusStore, names: list[str], seconds: float = SOUND_SECONDS) -> str:
    """Enters a zip of sounds as an upload does; returns the id of the corpus."""
    noise = torch.from_numpy(np.random.default_rng(0).uniform(-0.5, 0.5, round(44100 * seconds)).astype(np.float32))
    content = wav_bytes(noise, 44100, seed=0)
    folder = store.begin()
    with zipfile.ZipFile(folder / ARCHIVE_NAME, "w") as archive:
        for name in names:
            archive.writestr(name, content)
    with database.begin() as session:
        corpus = UploadedCorpus(id=store.id_of(folder), name="zip", size_bytes=1, sounds_total=len(names))
        queries.add(session, corpus, names, [])
        store.keep(folder)
    store.end(folder)
    return corpus.id


if __name__ == "__main__":
    main()
