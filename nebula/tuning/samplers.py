"""What proposes candidates, one generation at a time.

A sampler's proposal follows from the seed and from the generations before it, and from nothing else: not from the
number of workers, nor from whether the study was interrupted. A study is continued by showing a new sampler the
finished generations in order. Losses are minimised; an objective to maximise arrives negated.
"""

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution

from nebula.tuning.generations import Generation, Points
from nebula.tuning.gradient import Gradient
from nebula.tuning.space import Point, Space
from nebula.tuning.spec import SamplerName


@runtime_checkable
class Sampler(Protocol):
    """A source of candidates.

    Attributes:
        generation_size: How many candidates each proposal has. They are scored side by side, so it also bounds how many
            workers a study can use at once.
        credits_sounds: Whether it learns from each sound's influence, and so wants draws of its own for each candidate;
            otherwise the candidates of a generation are compared on the same draws.
    """

    generation_size: int
    credits_sounds: bool

    def propose(self, history: Sequence[Generation]) -> Points:
        """Returns the generation after those of `history`, which are this sampler's own, complete and in order."""
        ...

    def centre(self, history: Sequence[Generation]) -> Point | None:
        """Returns the centre of the search distribution after `history`, or None for a sampler that has none.

        It was never scored, but it averages over the noise that picks lucky candidates.
        """
        ...


class RandomSampler:
    """Uniform in the unit box: the paper's first phase."""

    generation_size = 20
    credits_sounds = False

    def __init__(self, space: Space, seed: int) -> None:
        self._dimension, self._seed = space.dimension, seed

    def propose(self, history: Sequence[Generation]) -> Points:
        """Returns uniform points."""
        generator = np.random.default_rng([self._seed, len(history)])
        return generator.random((self.generation_size, self._dimension))

    def centre(self, history: Sequence[Generation]) -> None:
        """Returns None."""
        return


class SobolSampler:
    """A scrambled Sobol sequence: even coverage of every few coordinates at a time."""

    generation_size = 32
    credits_sounds = False

    def __init__(self, space: Space, seed: int) -> None:
        self._dimension, self._seed = space.dimension, seed

    def propose(self, history: Sequence[Generation]) -> Points:
        """Returns the next points of the sequence."""
        # Imported here: it takes half as long to load as torch, and no other sampler needs it.
        from scipy.stats import qmc

        sequence = qmc.Sobol(self._dimension, scramble=True, rng=np.random.default_rng(self._seed))
        if history:
            sequence.fast_forward(len(history) * self.generation_size)
        points: Points = sequence.random(self.generation_size)
        return points

    def centre(self, history: Sequence[Generation]) -> None:
        """Returns None."""
        return


class CmaEs:
    """CMA-ES, starting at `mean` with a standard deviation of a sixth of the box: three of them reach its walls.

    Curves alone are searched with a diagonal covariance matrix (Ros and Hansen 2008), since a full one has 3,081
    entries at 78 curves and learns nothing within a thousand trials. With symmetry flags it is CMA-ES with margin
    (Hamano et al. 2022), which keeps both values of a flag within reach.

    Args:
        space: What varies.
        seed: Everything random follows from it.
        mean: Where the search starts.
    """

    generation_size = 20
    credits_sounds = False

    def __init__(self, space: Space, seed: int, mean: Point) -> None:
        # Imported here, with SciPy's statistics, for the reason above.
        import cmaes

        # One resampling only: in 78 dimensions a mean near a wall would otherwise cost a hundred vain draws before the
        # same repair.
        settings = {
            "mean": mean,
            "sigma": 1 / 6,
            "bounds": np.tile([0.0, 1.0], (space.dimension, 1)),
            "n_max_resampling": 1,
            "seed": seed,
            "population_size": self.generation_size,
        }
        self._optimizer: cmaes.CMAwM | cmaes.SepCMA
        if space.tunes_symmetry:
            self._optimizer = cmaes.CMAwM(**settings, steps=np.array(space.binary, dtype=float))
        else:
            self._optimizer = cmaes.SepCMA(**settings)
        self._generations: list[list[tuple[Point, Point]]] = []
        self._told = 0

    def propose(self, history: Sequence[Generation]) -> Points:
        """Returns samples of the search distribution after `history`."""
        self._learn(history)
        return np.stack([point for point, _ in self._asked(len(history))])

    def centre(self, history: Sequence[Generation]) -> Point:
        """Returns the mean of the search distribution after `history`."""
        self._learn(history)
        return np.asarray(np.clip(self._optimizer.mean, 0.0, 1.0), dtype=np.float64)

    def _learn(self, history: Sequence[Generation]) -> None:
        # The optimizer's state cannot be stored, but it can be made again: by asking and telling from the beginning.
        while self._told < len(history):
            hidden = [raw for _, raw in self._asked(self._told)]
            losses = history[self._told].losses.tolist()
            self._optimizer.tell(list(zip(hidden, losses, strict=True)))
            self._told += 1

    def _asked(self, generation: int) -> list[tuple[Point, Point]]:
        """The points of a generation, each beside the form that the optimizer wants to be told."""
        if generation == len(self._generations):
            asked = [self._optimizer.ask() for _ in range(self.generation_size)]
            self._generations.append([point if isinstance(point, tuple) else (point, point) for point in asked])
        return self._generations[generation]


class OptunaSampler:
    """One of Optuna's samplers that learn from all trials so far.

    Args:
        space: What varies.
        seed: Everything random follows from it.
        make: Optuna's sampler from a seed.
        earlier: Generations of earlier phases, which it learns from too.
        generation_size: How many candidates are asked for before any is told. Small, since candidates of one generation
            do not learn from each other.
    """

    credits_sounds = False

    def __init__(
        self,
        space: Space,
        seed: int,
        make: Callable[[int], optuna.samplers.BaseSampler],
        earlier: Sequence[Generation],
        generation_size: int,
    ) -> None:
        self.generation_size = generation_size
        self._seed, self._make, self._earlier = seed, make, tuple(earlier)
        self._distributions: dict[str, BaseDistribution] = {
            str(i): IntDistribution(0, 1) if binary else FloatDistribution(0.0, 1.0)
            for i, binary in enumerate(space.binary)
        }

    def propose(self, history: Sequence[Generation]) -> Points:
        """Returns candidates asked of a study in memory that holds everything so far."""
        seed = int(np.random.SeedSequence([self._seed, len(history)]).generate_state(1)[0])
        study = optuna.create_study(sampler=self._make(seed))
        for generation in (*self._earlier, *history):
            for point, loss in zip(generation.points, generation.losses, strict=True):
                study.add_trial(
                    optuna.trial.create_trial(
                        params={
                            name: int(value) if isinstance(self._distributions[name], IntDistribution) else float(value)
                            for name, value in zip(self._distributions, point, strict=True)
                        },
                        distributions=self._distributions,
                        value=float(loss),
                    )
                )
        asked = [study.ask(self._distributions) for _ in range(self.generation_size)]
        return np.array([[trial.params[name] for name in self._distributions] for trial in asked], dtype=np.float64)

    def centre(self, history: Sequence[Generation]) -> None:
        """Returns None."""
        return


def make_sampler(name: SamplerName, space: Space, seed: int, earlier: Sequence[Generation]) -> Sampler:
    """Returns the sampler of one phase.

    Args:
        name: As in a study spec.
        space: What varies.
        seed: Everything random follows from it.
        earlier: Generations of earlier phases. CMA-ES and the gradient start at the best candidate among them, or at
            the start nebula.
    """
    if name == "random":
        return RandomSampler(space, seed)
    if name == "sobol":
        return SobolSampler(space, seed)
    if name == "tpe":
        return OptunaSampler(space, seed, _tpe, earlier, generation_size=10)
    if name == "gp":
        return OptunaSampler(space, seed, _gp, earlier, generation_size=4)
    mean = _best_point(earlier) if earlier else space.point(space.start)
    return Gradient(space, mean) if name == "auto" else CmaEs(space, seed, mean)


def _tpe(seed: int) -> optuna.samplers.BaseSampler:
    return optuna.samplers.TPESampler(seed=seed, constant_liar=True)


def _gp(seed: int) -> optuna.samplers.BaseSampler:
    return optuna.samplers.GPSampler(seed=seed)


def _best_point(generations: Sequence[Generation]) -> Point:
    best = min(generations, key=lambda generation: float(generation.losses.min()))
    return np.asarray(best.points[int(best.losses.argmin())], dtype=np.float64)
