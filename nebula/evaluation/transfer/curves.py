"""Learning curves with their floors, gaps and exchange rates, and the intervals of all of these together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from nebula.discrepancy import Interval
from nebula.evaluation.bootstrap import balanced_shares
from nebula.evaluation.transfer.exchange import exchange_rates
from nebula.evaluation.transfer.fitting import FEWEST_SIZES, PowerLaw, fit_power_laws, why_no_floor
from nebula.evaluation.transfer.learning import Cell
from nebula.evaluation.transfer.sounds import LabelledSounds
from nebula.evaluation.transfer.spec import RECORDINGS, ModelName

#: Resamples that intervals are read from.
RESAMPLES = 500

_LEVEL = 0.95


@dataclass(frozen=True)
class LearningCurve:
    """How the error on recordings falls with what was learned. Intervals are 95 %, by bootstrap.

    Of five repeats a bootstrap covers what further ones would give in 83 of 100 cases, of three in fewer.

    Errors are balanced: the mean over classes of the share of a class's recordings that were mistaken; at chance they
    are 1 - 1 / classes. So are log-losses, of which each probability below 0.001 counts as that; at chance they are the
    logarithm of the number of classes.

    Attributes:
        training: Name of what was learned.
        model: The classifier.
        sizes: Sounds of each class that were learned.
        errors: At each size.
        losses: Log-losses at each size, in nats.
        law: The power law nearest to the errors; None where there are too few sizes.
        floor: The error of unlimited sounds, the law's c; None where `refusal` says why not.
        refusal: Why the curve says nothing of unlimited sounds; empty where it does.
        gap: The floor, or the error at the largest size where there is none, less the error of all real recordings;
            None for the recordings themselves.
        exchange: Real recordings of each class that do as well as the same; the mean is the rate of the curves
            themselves. Infinite where all recordings do not. None for the recordings themselves.
        both: The error of the largest size and all recordings learned together; None for the recordings themselves.
    """

    training: str
    model: ModelName
    sizes: tuple[int, ...]
    errors: tuple[Interval, ...]
    losses: tuple[Interval, ...]
    law: PowerLaw | None
    floor: Interval | None
    refusal: str
    gap: Interval | None
    exchange: Interval | None
    both: Interval | None


def learning_curves(cells: Sequence[Cell], test: LabelledSounds, seed: int = 0) -> list[LearningCurve]:
    """Returns the curves of finished lessons, by training and model in the order they come in.

    The bootstrap draws groups of the tested recordings within each class, the same ones for all curves, so that a gap
    varies less than its parts; and repeats, for each set of sounds its own.

    Args:
        cells: Every size and repeat of each training and model, `RECORDINGS` among them.
        test: What was tested.
        seed: Decides the resamples.
    """
    draws = np.concatenate(
        [
            balanced_shares(test.labels, test.groups, None),
            balanced_shares(test.labels, test.groups, np.random.default_rng(seed), RESAMPLES),
        ]
    )
    errors: dict[tuple[str, ModelName], dict[int, list[np.ndarray]]] = {}
    losses: dict[tuple[str, ModelName], dict[int, list[np.ndarray]]] = {}
    both: dict[tuple[str, ModelName], list[np.ndarray]] = {}
    for cell in cells:
        lesson, row = cell.lesson, draws @ cell.wrong
        if lesson.more:
            both.setdefault((lesson.more, lesson.model), []).append(row)
        else:
            key = (lesson.training, lesson.model)
            errors.setdefault(key, {}).setdefault(lesson.size, []).append(row)
            losses.setdefault(key, {}).setdefault(lesson.size, []).append(draws @ cell.losses)
    repeats = {name: place for place, name in enumerate(dict.fromkeys(name for name, _ in errors))}
    means, mean_losses = (
        {
            key: np.stack([_over_repeats(rows, [seed, repeats[key[0]]]) for rows in by_size.values()], axis=1)
            for key, by_size in measured.items()
        }
        for measured in (errors, losses)
    )
    curves = []
    for (name, model), by_size in errors.items():
        sizes = np.array(list(by_size), dtype=float)
        together = both.get((name, model))
        curves.append(
            _curve(
                name,
                model,
                sizes,
                means[name, model],
                mean_losses[name, model],
                None if name == RECORDINGS else (np.array(list(errors[RECORDINGS, model])), means[RECORDINGS, model]),
                None if together is None else _over_repeats(together, [seed, repeats[name]]),
            )
        )
    return curves


def _curve(
    name: str,
    model: ModelName,
    sizes: Float[np.ndarray, " size"],
    errors: Float[np.ndarray, "resample size"],
    losses: Float[np.ndarray, "resample size"],
    recordings: tuple[np.ndarray, np.ndarray] | None,
    both: Float[np.ndarray, " resample"] | None,
) -> LearningCurve:
    law, refusal = None, f"got {len(sizes)} sizes, expected {FEWEST_SIZES} or more"
    unlimited = errors[:, -1]
    if len(sizes) >= FEWEST_SIZES:
        laws = fit_power_laws(sizes, errors)
        law = PowerLaw(*laws[0].tolist())
        refusal = why_no_floor(law, sizes, errors[0])
        unlimited = unlimited if refusal else laws[:, 2]
    gap = exchange = None
    if recordings is not None:
        real_sizes, real_errors = recordings
        gap = _interval(unlimited - real_errors[:, -1])
        exchange = _interval(exchange_rates(unlimited, real_sizes.astype(float), real_errors))
    return LearningCurve(
        name,
        model,
        tuple(int(size) for size in sizes),
        tuple(_interval(column) for column in errors.T),
        tuple(_interval(column) for column in losses.T),
        law,
        None if refusal else _interval(unlimited),
        refusal,
        gap,
        exchange,
        None if both is None else _interval(both),
    )


def _over_repeats(
    rows: Sequence[Float[np.ndarray, " resample"]], seed: Sequence[int]
) -> Float[np.ndarray, " resample"]:
    """The mean over repeats, and behind the first, which has each once, over repeats drawn anew."""
    values = np.stack(rows)
    generator = np.random.default_rng([*seed, len(rows)])
    chosen = generator.integers(len(rows), size=(len(rows), values.shape[1]))
    chosen[:, 0] = np.arange(len(rows))
    mean: Float[np.ndarray, " resample"] = np.take_along_axis(values, chosen, axis=0).mean(axis=0)
    return mean


def _interval(values: Float[np.ndarray, " resample"]) -> Interval:
    """The value of the sounds themselves, between the percentiles of its resamples."""
    tail = (1 - _LEVEL) / 2
    # Not between two resamples: one may be infinite.
    low, high = np.quantile(values[1:], [tail, 1 - tail], method="closest_observation")
    return Interval(float(values[0]), float(low), float(high), _LEVEL)


def exchange_text(exchange: Interval, most: int) -> str:
    """Returns an exchange rate in words: how many recordings, between how many and how many.

    Args:
        exchange: From a curve.
        most: How many recordings of each class there were.
    """
    mean, low, high = (
        f"more than {most:,}" if np.isinf(value) else "1 or fewer" if value <= 1 else f"{value:,.0f}"
        for value in (exchange.mean, exchange.low, exchange.high)
    )
    return f"{mean} ({low} to {high})"
