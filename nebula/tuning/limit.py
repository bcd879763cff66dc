"""The limit of a synth: what inverse synthesis reaches with it, which no nebula of that synth can pass.

    recordings ──split──> first half ──match──> the nearest sound to each ──┐
                     └──> second half ──────────────────────────────────> judges

Judges that tell the nearest sounds from recordings would tell those of every nebula, whose sounds are less near. What
they are judged beside, and whatever others the judges know, took no part in matching.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from nebula.audio import MANIFEST, Corpus, HoldOut
from nebula.distances import Distance
from nebula.evaluation.judges import Judging, judge_sounds
from nebula.files import write_whole
from nebula.matching import Effort, Job
from nebula.tuning.matching import match_into
from nebula.tuning.workers import THIS_MACHINE, Workers
from nebula.watching import NamedWatcher

#: What the recordings are called that sounds were matched to, where they are judged themselves.
MATCHED = "what was matched"


@dataclass(frozen=True)
class Limit:
    """How near a synth comes.

    Attributes:
        synth: Its name.
        distance: Name of the distance by which sounds were matched.
        recordings: How many were matched.
        nearest: Median distance of a recording from the sound that was found for it.
        nearest_random: Median distance of a recording from the nearest of the random sounds.
        judging: The judges' verdicts: of the second half by halves, of the recordings that were matched, and of the
            sounds that were found for them, in this order.
    """

    synth: str
    distance: str
    recordings: int
    nearest: float
    nearest_random: float
    judging: Judging


def measure_limit(
    synth: str,
    recordings: Corpus,
    out: Path,
    others: Sequence[Corpus] = (),
    *,
    distance: Distance,
    effort: Effort | None = None,
    sounds: int = 128,
    by: HoldOut = "group",
    seed: int = 0,
    workers: Workers = THIS_MACHINE,
    watcher: NamedWatcher = lambda name, done, total: None,
) -> Limit:
    """Returns how near a synth comes to recordings, by its nearest sounds to some of them.

    Args:
        synth: Name of the synth.
        recordings: What is to be resembled; one half is matched, the other judges.
        out: Folder for the matches; made if missing. The same call again continues where it stopped.
        others: Recordings of other things, for the share that is taken for the target.
        distance: By which sounds are matched.
        effort: How hard to search; as `nebula match` does if None.
        sounds: Recordings to match, at most.
        by: What no two recordings of different halves share.
        seed: Decides the halves, the recordings, and what the judges draw.
        workers: Which ones match.
        watcher: Told what is being done, how much of it is done, and how much there is in all.

    Raises:
        ArgumentError: The recordings cannot be split, or the synth cannot play on the workers' device.
        CorpusError: A corpus cannot be used, or has too few recordings to be judged by.
        SynthError: There is no such synth, or it cannot play here.
        StudyError: Searches failed too often.
        OSError: A file cannot be written.
    """
    first, second = recordings.split(seed=seed, by=by)
    order = np.random.default_rng(seed).permutation(len(first))[:sounds]
    chosen = first.subset(first.sounds[place].name for place in order)
    jobs = match_into(out, [chosen], synth, distance, effort or Effort(), workers=workers, watcher=watcher)
    found = _matches(out, jobs, chosen)
    judging = judge_sounds(
        {MATCHED: chosen, synth: found},
        second,
        others,
        sounds=sounds,
        by=by,
        seed=seed,
        device=workers.device,
        watcher=watcher,
    )
    records = [record for record in (job.read() for job in jobs) if record is not None]
    nearest, nearest_random = (
        median(float(str(record[key])) for record in records) for key in ("value", "nearest_random_sound")
    )
    return Limit(synth, distance.name, len(jobs), nearest, nearest_random, judging)


def _matches(out: Path, jobs: Sequence[Job], recordings: Corpus) -> Corpus:
    """The sounds that were found, with the groups of the recordings: two takes of a hit have much the same match."""
    groups = {sound.name: "/".join(sound.group) for sound in recordings.sounds}
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["path", "group"])
    names = [f"{job.path.relative_to(out).as_posix()}.flac" for job in jobs]
    table.writerows([name, groups[job.recording]] for name, job in zip(names, jobs, strict=True))
    write_whole(out / MANIFEST, text.getvalue())
    return Corpus.open(out).subset(names)
