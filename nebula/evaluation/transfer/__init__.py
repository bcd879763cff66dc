"""Transfer: what sounds of nebulae are worth as training data, by tests on recordings that nobody tuned to.

    spec ──> halves ──> sounds ──> learning: every size, repeat and model, a cell each
                                       └──> curves: floors, gaps, exchange rates

- `spec`: which classes, learned from what, tested on which recordings
- `halves`: which recordings are of which class, learned from or tested on
- `sounds`: what classifiers see: rendered sounds, kept in a folder, and recordings
- `models`: the classifiers
- `learning`: what each gets wrong, kept in the folder
- `fitting`: error as a power law of the number of sounds, and when that is refused
- `exchange`: how many recordings do as well
- `curves`: all of these with intervals
- `evaluation`: from the spec to the curves
- `plot`: the curves as a figure
"""

from nebula.evaluation.transfer.curves import LearningCurve, exchange_text
from nebula.evaluation.transfer.evaluation import Transfer, evaluate_transfer
from nebula.evaluation.transfer.fitting import PowerLaw, fit_power_laws
from nebula.evaluation.transfer.spec import RECORDINGS, TransferSpec

__all__ = [
    "RECORDINGS",
    "LearningCurve",
    "PowerLaw",
    "Transfer",
    "TransferSpec",
    "evaluate_transfer",
    "exchange_text",
    "fit_power_laws",
]
