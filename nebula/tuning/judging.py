"""What judges make of the nebula that a study found, for its report."""

from collections.abc import Sequence

from nebula.audio import Corpus, HoldOut
from nebula.errors import CorpusError
from nebula.evaluation.judges import YARDSTICKS, Judging, judge_sounds
from nebula.nebulae import Nebula
from nebula.tuning.seeds import Purpose, draw_seeds
from nebula.watching import Watcher, of_all

#: How many sounds of each nebula are judged: enough for intervals a tenth wide, in a matter of seconds.
SOUNDS = 256

#: Most recordings that the judges learn from, of the target and of others.
RECORDINGS = 512


def judge_winner(
    known: Corpus | Nebula,
    others: Sequence[Corpus],
    start: Nebula,
    winner: Nebula,
    study_seed: int,
    by: HoldOut = "group",
    device: str = "cpu",
    watcher: Watcher = lambda done, total: None,
) -> Judging | str:
    """Returns what judges make of a finished study, or in words why there is none.

    The classifiers judge the tuned nebula, the start, and the yardsticks that are neither.

    Args:
        known: Sounds of the target that the classifiers learn: what the study held out from the search, else what it
            tuned towards.
        others: Recordings of other things.
        start: Where the study started.
        winner: What it found.
        study_seed: Decides all that is random.
        by: What recordings that the classifiers are examined on share with none that they learned.
        device: Where sounds are rendered.
        watcher: Told how much of all sounds is done, in hundredths of a source.
    """
    judged = {"tuned": winner, f"start, {start.name}": start}
    judged |= {name: nebula for name in YARDSTICKS if (nebula := Nebula.load(name)) not in judged.values()}
    (seed,) = draw_seeds(study_seed, Purpose.JUDGING, 0, 1)
    try:
        return judge_sounds(
            judged,
            known,
            others,
            sounds=SOUNDS,
            recordings=RECORDINGS,
            by=by,
            seed=seed,
            device=device,
            watcher=of_all(1 + len(others) + len(judged), watcher),
        )
    except CorpusError as error:
        return str(error)
