"""What shipped nebulae would score in a study, to compare its own scores with."""

from nebula import Corpus, Nebula, distances
from nebula.discrepancy import Interval, mean_interval
from nebula.tuning import evaluate, load_target
from service.api.recent import OneAtATime, Recent
from service.corpora.targets import identity
from service.findings.schemas import YardstickAnswer, YardsticksAnswer
from service.launch.inputs import Inputs

#: Nebulae that are scored in every study, beside its own start.
KNOWN = ("default", "drum")

#: Sets of sounds over which a score is averaged.
REPEATS = 4

#: Most sounds in one of them.
SOUNDS = 512

RECENT_BYTES = 2**18

# Seeds from here on are drawn by no search.
_FIRST_SEED = 4_000_000

_PATIENCE_SECONDS = 60.0


class Surveyor:
    """Scores known nebulae, one study at a time: it takes seconds on every core."""

    def __init__(self) -> None:
        refusal = "yardsticks: those of other studies are being measured; ask again in some seconds"
        self._recent = Recent[tuple[object, ...]](RECENT_BYTES, OneAtATime(refusal, _PATIENCE_SECONDS))

    def survey(self, inputs: Inputs) -> bytes:
        """Returns a `YardsticksAnswer` as JSON.

        Args:
            inputs: The study with its target and start.

        Raises:
            Unavailable: Others keep it busy.
            CorpusError: The target cannot be used any more.
        """
        spec = inputs.spec
        if spec.distance not in distances.quick_names():
            reason = (
                f"distance {spec.distance!r} takes too long here; a finished study has its start among its finalists"
            )
            return YardsticksAnswer(items=[], reason=reason).model_dump_json().encode()
        target = inputs.target
        held = identity(str(spec.target), target) if isinstance(target, Corpus) else target
        key = (spec.distance, spec.measure, spec.sounds_per_trial, spec.seed, held, spec.search.start, inputs.start)
        return self._recent.get(key, lambda: _measured(inputs))


def _measured(inputs: Inputs) -> bytes:
    known = {inputs.spec.search.start: inputs.start} | {name: Nebula.load(name) for name in KNOWN}
    items = [
        YardstickAnswer(name=name, score=interval.mean, low=interval.low, high=interval.high)
        for name, interval in _scores(inputs, known).items()
    ]
    return YardsticksAnswer(items=items, reason="").model_dump_json().encode()


def _scores(inputs: Inputs, nebulae: dict[str, Nebula]) -> dict[str, Interval]:
    spec = inputs.spec
    distance = distances.get(spec.distance)
    reference = None
    if inputs.target is not None:
        reference = load_target(inputs.target, distance, spec.seed).reference(spec.measure)
    sounds = min(spec.sounds_per_trial, SOUNDS)
    sets = [range(first, first + sounds) for first in range(_FIRST_SEED, _FIRST_SEED + REPEATS * sounds, sounds)]
    return {
        name: mean_interval([evaluate(nebula, seeds, reference, distance).score for seeds in sets], least=0.0)
        for name, nebula in nebulae.items()
    }
