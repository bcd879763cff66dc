"""What a match leaves in a folder: the sound, its preset, and how near it came; and what is there already."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from nebula import synths
from nebula.audio import Corpus, encoded
from nebula.distances import Distance
from nebula.embedding import SAMPLE_RATE_HZ, embed_sounds, player_of
from nebula.errors import ArgumentError
from nebula.files import remove_unfinished, write_whole
from nebula.matching.search import NOISE_ROW, Effort, Match
from nebula.nebulae import Nebula
from nebula.tensors import Float, Float32, Tensor, np, torch
from nebula.watching import Watcher

#: Of the files that say how near a match came.
VERSION = 1


@dataclass(frozen=True, eq=False)
class Job:
    """A recording to be matched.

    Attributes:
        recording: Its name in its corpus.
        vector: Its vector.
        path: Where files go, without their endings.
        identity: The same for the same recording, synth, distance and effort.
    """

    recording: str
    vector: Float[Tensor, " dimension"]
    path: Path
    identity: str

    @property
    def record(self) -> Path:
        """The file that says how near the match came; written last."""
        return self.path.with_name(f"{self.path.name}.match.json")

    def read(self) -> dict[str, object] | None:
        """Returns what the record of this very match says, None if it is still to be made."""
        try:
            kept = json.loads(self.record.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return kept if isinstance(kept, dict) and kept.get("made_by") == self.identity else None


def find_jobs(
    corpora: Sequence[Corpus],
    out: Path,
    synth: str,
    distance: Distance,
    effort: Effort,
    start: Nebula | None = None,
    device: str = "cpu",
    watcher: Watcher | None = None,
) -> list[Job]:
    """Returns a job for each usable recording, in order.

    Args:
        corpora: Where the recordings are.
        out: Folder for the results; those of a corpus of one file lie in it, those of others under their names there.
        synth: Name of the synth.
        distance: Between sounds.
        effort: How hard to search.
        start: The nebula that half of the bank is drawn from.
        device: Where recordings are embedded.
        watcher: Told the number of recordings done and in all.

    Raises:
        ArgumentError: Two recordings would have the same results.
        CorpusError: Not one sound of a corpus can be used.
    """
    jobs: dict[Path, Job] = {}
    for corpus in corpora:
        found = embed_sounds(corpus, distance, device, watcher)
        for sound, content, vector in zip(found.sounds, found.content, found.vectors, strict=True):
            path = out / Path(sound.name).with_suffix("")
            if path in jobs:
                raise ArgumentError(
                    f"recordings: {jobs[path].recording} and {sound.name} would both be matched as {path.name}"
                )
            made_of = (content, synth, distance.key, asdict(effort), start and start.to_json())
            identity = hashlib.sha256(repr(made_of).encode()).hexdigest()[:16]
            # A copy: a row would bring the vectors of all recordings along wherever it is sent.
            jobs[path] = Job(sound.name, vector.clone(), path, identity)
    return list(jobs.values())


def sound_of(unit: Float32[np.ndarray, " parameter"], synth: str) -> Float[Tensor, " time"]:
    """Returns the sound of a match: 4 s at 44.1 kHz, in [-1, 1].

    Args:
        unit: Its unit values in the synth's uniform nebula.
        synth: Name of the synth.
    """
    nebula = Nebula.uniform(synth)
    with torch.no_grad():
        return player_of(nebula).render(torch.from_numpy(unit).unsqueeze(0), nebula, torch.tensor([NOISE_ROW]))[0]


def preset_of(unit: Float32[np.ndarray, " parameter"], synth: str, name: str, format_: str) -> bytes:
    """Returns the preset of a match as the content of a file.

    Args:
        unit: Its unit values in the synth's uniform nebula.
        synth: Name of the synth.
        name: What the preset is called.
        format_: One of the synth's preset formats.

    Raises:
        ArgumentError: The synth has no such format.
    """
    nebula = Nebula.uniform(synth)
    physical = player_of(nebula).physical(torch.from_numpy(unit).unsqueeze(0), nebula)
    return synths.get(synth).presets(physical, [name], format_)


def write_match(job: Job, found: Match, synth: str, distance: Distance, format_: str | None = None) -> None:
    """Writes the sound of a match as FLAC, its preset, and last its record.

    Args:
        job: What was matched.
        found: The match.
        synth: Name of the synth.
        distance: Between sounds.
        format_: One of the synth's preset formats; the first if None.

    Raises:
        ArgumentError: The synth has no such format.
        OSError: A file cannot be written.
    """
    ending = format_ or synths.get(synth).preset_formats[0]
    preset = preset_of(found.unit, synth, job.path.name, ending)
    content = encoded(sound_of(found.unit, synth).numpy(), SAMPLE_RATE_HZ, bits=24)
    job.path.parent.mkdir(parents=True, exist_ok=True)
    remove_unfinished(job.path.parent)
    write_whole(job.path.with_name(f"{job.path.name}.flac"), content)
    write_whole(job.path.with_name(f"{job.path.name}.{ending}"), preset)
    record = {
        "version": VERSION,
        "made_by": job.identity,
        "recording": job.recording,
        "synth": synth,
        "distance": distance.name,
        "value": found.distance,
        "nearest_random_sound": found.retrieved,
        "sounds": found.sounds,
        "unit_parameters": dict(zip(synths.get(synth).panel.paths, found.unit.astype(float).tolist(), strict=True)),
    }
    write_whole(job.record, json.dumps(record, indent=1) + "\n")
