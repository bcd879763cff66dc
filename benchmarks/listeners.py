"""Do intervals cover what is true, and do tests hold their level? Simulated people under each method; listeners.md.

    python benchmarks/listeners.py [--tests 200] [--nulls 400] [--listeners 2 10 40]

People differ, so do sounds, and so does one person from answer to answer: what is perceived of a system in a trial is
its worth, plus a normal number of the listener and system, one of the sound and system, and one of the trial. Then
every figure has a true value that follows from normal integrals alone. Where no system is worth more, people still have
tastes, which no test is to take for a difference of systems; sounds are alike then, for tests are about these sounds.
"""

import argparse
import platform
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path

import numpy as np
import scipy

from nebula.listening import Answer, Answers, Choice, Estimate, Findings, Method, Participant, Plan, Resampling, analyse

ITEMS = 8
RESAMPLES = 1000
LEVEL = 0.05

#: Standard deviations of what is perceived, in units of worth.
OF_LISTENER, OF_ITEM, OF_TRIAL = 0.4, 0.4, 1.0

WORTH = {"a": 0.6, "b": 0.0, "c": -0.6}
#: Points of a scale from 0 to 100, and grades of one from 1 to 5, that a unit of worth makes.
POINTS, GRADES = 15.0, 0.5
MIDDLE, REFERENCE_AT = 50.0, 95.0
GRADE_AT, REFERENCE_GRADE = 3.5, 4.9
CRITERION = 0.5
REFERENCE = "reference"

Truths = dict[str, float]


@dataclass
class Cell:
    """What came of the tests of one method and number of listeners."""

    covered: list[bool] = field(default_factory=list)
    withheld: int = 0
    beyond: int = 0
    alarms: list[bool] = field(default_factory=list)


@dataclass(frozen=True)
class Simulation:
    """Who listens.

    Attributes:
        generator: Where chance comes from.
        listeners: How many there are.
        of_item: Standard deviation of what is peculiar to a sound of a system.
    """

    generator: np.random.Generator
    listeners: int
    of_item: float

    @property
    def people(self) -> tuple[Participant, ...]:
        """All of them."""
        return tuple(Participant(key=str(number)) for number in range(self.listeners))

    @property
    def deviation(self) -> float:
        """Of what is perceived in one trial."""
        return float(np.sqrt(OF_LISTENER**2 + self.of_item**2 + OF_TRIAL**2))

    def perceived(self, worth: Iterable[float]) -> np.ndarray:
        """Returns what each listener perceives of each system in each item: listener by item by system."""
        worths = np.array(list(worth))
        of_listener = self.generator.normal(0, OF_LISTENER, (self.listeners, 1, len(worths)))
        of_item = self.generator.normal(0, self.of_item, (1, ITEMS, len(worths)))
        return worths + of_listener + of_item + self.generator.normal(0, OF_TRIAL, (self.listeners, ITEMS, len(worths)))

    def compared(self, first: float, second: float) -> float:
        """Returns how often the first of two worths is perceived as the higher one."""
        return float(scipy.special.ndtr((first - second) / (np.sqrt(2) * self.deviation)))


def clipped_mean(mean: float, deviation: float, least: float, most: float) -> float:
    """Returns the mean of a normal variable that is held within two ends."""
    normal = scipy.stats.norm(mean, deviation)
    inside = scipy.stats.truncnorm.mean((least - mean) / deviation, (most - mean) / deviation, mean, deviation)
    return float(least * normal.cdf(least) + most * normal.sf(most) + inside * (normal.cdf(most) - normal.cdf(least)))


def bradley_terry(simulation: Simulation, worth: dict[str, float]) -> Truths:
    """Returns the log-odds whose pairs are nearest to those of worths, of answers without end."""
    names = list(worth)

    def unlikely(odds: np.ndarray) -> float:
        told = 0.0
        for (i, first), (j, second) in combinations(enumerate(names), 2):
            share = simulation.compared(worth[first], worth[second])
            chance = scipy.special.expit(odds[i] - odds[j])
            told -= share * np.log(chance) + (1 - share) * np.log(1 - chance)
        return told + float(odds.sum()) ** 2

    found = scipy.optimize.minimize(unlikely, np.zeros(len(names)), tol=1e-12).x
    return dict(zip(names, map(float, found), strict=True))


def strengths(simulation: Simulation, worth: dict[str, float]) -> Truths:
    return {f"strength of {name}": value for name, value in bradley_terry(simulation, worth).items()}


def figures(means: dict[str, float]) -> Truths:
    """Returns means and their differences by the names that estimates have."""
    truths = {f"mean of {name}": mean for name, mean in means.items()}
    return truths | {f"{one} less {two}": means[one] - means[two] for one, two in combinations(sorted(means), 2)}


def choices(heard: np.ndarray, names: list[str]) -> Iterator[Answer]:
    """Yields the choices of listeners who meet every pair in every item."""
    for listener, item in np.ndindex(heard.shape[:2]):
        for i, j in combinations(range(len(names)), 2):
            wins = heard[listener, item, i] > heard[listener, item, j]
            for place, (system, is_chosen) in enumerate(((i, wins), (j, not wins))):
                choice = Choice.CHOSEN if is_chosen else Choice.PASSED
                yield Answer(
                    participant=str(listener),
                    trial=f"{item} {i} {j}",
                    item=str(item),
                    system=names[system],
                    position=place,
                    choice=choice,
                )


def ratings(values: np.ndarray, names: list[str], together: bool = True) -> Iterator[Answer]:
    """Yields ratings, of all systems in one trial or of each by itself."""
    for (listener, item, system), value in np.ndenumerate(values):
        trial = str(item) if together else f"{item} {system}"
        place = system if together else 0
        yield Answer(
            participant=str(listener),
            trial=trial,
            item=str(item),
            system=names[system],
            position=place,
            rating=float(value),
        )


def told(right: np.ndarray, said: np.ndarray) -> Iterator[Answer]:
    """Yields answers that are right or wrong: listener by trial by item, and what was said of each of two."""
    for (listener, trial, item), is_right in np.ndenumerate(right):
        for place, system in enumerate("ab"):
            yield Answer(
                participant=str(listener),
                trial=f"{item} {trial}",
                item=str(item),
                system=system,
                position=place,
                choice=Choice(said[listener, trial, item, place]),
                right=bool(is_right),
            )


def preference(simulation: Simulation, worth: dict[str, float]) -> tuple[Answers, Truths]:
    heard = simulation.perceived(worth.values())
    truths = {f"{one} over {two}": simulation.compared(worth[one], worth[two]) for one, two in combinations(worth, 2)}
    return Answers(simulation.people, tuple(choices(heard, list(worth)))), truths | strengths(simulation, worth)


def ranking(simulation: Simulation, worth: dict[str, float]) -> tuple[Answers, Truths]:
    places = (-simulation.perceived(worth.values())).argsort(axis=2).argsort(axis=2) + 1
    means = {one: 1 + sum(simulation.compared(worth[two], worth[one]) for two in worth if two != one) for one in worth}
    answers = Answers(simulation.people, tuple(ratings(places, list(worth))))
    return answers, figures(means) | strengths(simulation, worth)


def rated(together: bool, has_reference: bool) -> Callable[[Simulation, dict[str, float]], tuple[Answers, Truths]]:
    """Returns the simulation of a method that rates from 0 to 100, perhaps beside a hidden reference."""

    def simulate(simulation: Simulation, worth: dict[str, float]) -> tuple[Answers, Truths]:
        middles = {name: MIDDLE + POINTS * value for name, value in worth.items()}
        if has_reference:
            middles[REFERENCE] = REFERENCE_AT
        heard = POINTS * simulation.perceived(middle / POINTS for middle in middles.values())
        rows = ratings(np.clip(heard, 0, 100), list(middles), together)
        deviation = POINTS * simulation.deviation
        means = {name: clipped_mean(middle, deviation, 0, 100) for name, middle in middles.items()}
        return Answers(simulation.people, tuple(rows)), figures(means)

    return simulate


def bs1116(simulation: Simulation, worth: dict[str, float]) -> tuple[Answers, Truths]:
    middles = {name: GRADE_AT + GRADES * value for name, value in worth.items()}
    rows: list[Answer] = []
    for name, middle in middles.items():
        # The reference is heard beside each system, and graded each time.
        heard = GRADES * simulation.perceived([middle / GRADES, REFERENCE_GRADE / GRADES])
        rows += [replace(row, trial=f"{row.trial} {name}") for row in ratings(np.clip(heard, 1, 5), [name, REFERENCE])]
    deviation = GRADES * simulation.deviation
    reference = clipped_mean(REFERENCE_GRADE, deviation, 1, 5)
    grades = {name: clipped_mean(middle, deviation, 1, 5) - reference for name, middle in middles.items()}
    return Answers(simulation.people, tuple(rows)), figures(grades | {REFERENCE: 0.0})


def abx(simulation: Simulation, worth: dict[str, float]) -> tuple[Answers, Truths]:
    edge = worth["a"] - worth["c"]
    # Where the two are one, it is a coin that decides, and no taste.
    heard = (
        simulation.perceived([edge])[:, :, 0]
        if edge
        else simulation.generator.normal(size=(simulation.listeners, ITEMS))
    )
    share = float(scipy.special.ndtr(edge / simulation.deviation))
    right = (heard > 0)[:, None]
    # X is always a, so that a is chosen where that is right.
    said = np.where(np.stack([right, ~right], axis=-1), Choice.CHOSEN, Choice.PASSED)
    return Answers(simulation.people, tuple(told(right, said))), {"right": share}


def same_different(simulation: Simulation, worth: dict[str, float]) -> tuple[Answers, Truths]:
    edge = worth["a"] - worth["c"]
    generator, listeners = simulation.generator, simulation.listeners
    # Each listener meets each item as a pair of two sounds and as a pair of one; how careful they are is their own.
    criterion = generator.normal(CRITERION, OF_LISTENER, (listeners, 1, 1))
    apart = np.stack([edge + generator.normal(0, simulation.of_item, ITEMS), np.zeros(ITEMS)])
    different = apart + generator.normal(0, OF_TRIAL, (listeners, 2, ITEMS)) > criterion
    right = different == np.array([True, False])[:, None]
    said = np.where(np.stack([different, different], axis=-1), Choice.DIFFERENT, Choice.SAME)
    hits = float(scipy.special.ndtr((edge - CRITERION) / simulation.deviation))
    false_alarms = float(scipy.special.ndtr(-CRITERION / np.hypot(OF_LISTENER, OF_TRIAL)))
    return Answers(simulation.people, tuple(told(right, said))), {"right": (hits + 1 - false_alarms) / 2}


SIMULATIONS: dict[Method, Callable[[Simulation, dict[str, float]], tuple[Answers, Truths]]] = {
    Method.PREFERENCE: preference,
    Method.RATING: rated(together=False, has_reference=False),
    Method.MULTI_STIMULUS: rated(together=True, has_reference=False),
    Method.RANKING: ranking,
    Method.MUSHRA: rated(together=True, has_reference=True),
    Method.ABX: abx,
    Method.SAME_DIFFERENT: same_different,
    Method.BS1116: bs1116,
}

#: Of what is rated, by method; of BS.1116 it is difference grades.
ENDS = {
    Method.RATING: (0.0, 100.0),
    Method.MULTI_STIMULUS: (0.0, 100.0),
    Method.MUSHRA: (0.0, 100.0),
    Method.BS1116: (-4.0, 4.0),
    Method.RANKING: (1.0, 3.0),
}


def estimates(findings: Findings, ends: tuple[float, float]) -> Iterator[tuple[str, Estimate, tuple[float, float]]]:
    """Yields every estimate with its name and the ends of the scale that it is on.

    Args:
        findings: Of a test.
        ends: Of the scale of ratings.
    """
    for pair in findings.preferences:
        yield f"{pair.first} over {pair.second}", pair.share, (0, 1)
    for strength in findings.strengths:
        yield f"strength of {strength.system}", strength.log_odds, (-np.inf, np.inf)
    for telling in findings.discriminations:
        yield "right", telling.right, (0, 1)
    if findings.ratings is not None:
        for system in findings.ratings.systems:
            yield f"mean of {system.system}", system.mean, ends
        for less in findings.ratings.differences:
            yield f"{less.first} less {less.second}", less.mean, (ends[0] - ends[1], ends[1] - ends[0])


def alarms(findings: Findings) -> bool:
    """Returns whether any test, corrected for how many there are, says that two of the systems in question differ."""
    p_values = [each.p_holm for each in findings.preferences] + [each.p_holm for each in findings.discriminations]
    if findings.ratings is not None:
        differences = findings.ratings.differences
        p_values += [each.p_holm for each in differences if REFERENCE not in (each.first, each.second)]
    return min(p_values, default=1.0) <= LEVEL


def analysed(method: Method, listeners: int, number: int, is_null: bool) -> tuple[Findings, Truths]:
    """Returns what a simulated test found, and what is true."""
    generator = np.random.default_rng([list(Method).index(method), listeners, number, is_null])
    worth = dict.fromkeys(WORTH, 0.0) if is_null else WORTH
    answers, truths = SIMULATIONS[method](Simulation(generator, listeners, 0.0 if is_null else OF_ITEM), worth)
    plan = Plan(
        method=method,
        scale=(1.0, 5.0) if method is Method.BS1116 else ENDS.get(method),
        controls=(REFERENCE,) if method is Method.MUSHRA else (),
        resampling=Resampling(resamples=2 if is_null else RESAMPLES, seed=number),
    )
    return analyse(answers, plan).everyone, truths


def cell(method: Method, listeners: int, tests: int, nulls: int) -> Cell:
    """Returns what came of the tests of a method with so many listeners."""
    found = Cell()
    for number in range(tests):
        findings, truths = analysed(method, listeners, number, False)
        for name, estimate, (least, most) in estimates(findings, ENDS.get(method, (0, 1))):
            inside = [estimate.value]
            if estimate.low is None or estimate.high is None:
                found.withheld += 1
            else:
                inside += [estimate.low, estimate.high]
                found.covered.append(estimate.low <= truths[name] <= estimate.high)
            found.beyond += not all(least - 1e-9 <= value <= most + 1e-9 for value in inside)
    found.alarms = [alarms(analysed(method, listeners, number, True)[0]) for number in range(nulls)]
    return found


def main() -> None:
    """Simulates all of them and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tests", type=int, default=200)
    parser.add_argument("--nulls", type=int, default=400)
    parser.add_argument("--listeners", type=int, nargs="+", default=[2, 10, 40])
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    asked = [(method, listeners) for method in Method for listeners in arguments.listeners]
    with ProcessPoolExecutor(arguments.processes) as pool:
        futures = [pool.submit(cell, *each, arguments.tests, arguments.nulls) for each in asked]
        lines = []
        for (method, listeners), future in zip(asked, futures, strict=True):
            found = future.result()
            lines.append(_row(method, listeners, found))
            print(lines[-1], flush=True)
    Path(__file__).with_suffix(".md").write_text("\n".join([*_head(arguments), *lines]) + "\n", encoding="utf-8")


def _row(method: Method, listeners: int, found: Cell) -> str:
    covered = f"{np.mean(found.covered):.3f} of {len(found.covered):,}" if found.covered else "–"
    known = scipy.stats.binomtest(sum(found.alarms), len(found.alarms)).proportion_ci()
    rate = f"{np.mean(found.alarms):.3f} ({known.low:.3f} to {known.high:.3f})"
    cells = (method.value, str(listeners), covered, f"{found.withheld:,}", str(found.beyond), rate)
    return f"| {' | '.join(cells)} |"


def _head(arguments: argparse.Namespace) -> list[str]:
    return [
        "# People whose truth is known",
        "",
        f"`python benchmarks/listeners.py {shlex.join(sys.argv[1:])}`".replace(" `", "`")
        + f". {platform.system()} {platform.machine()}, Python {platform.python_version()}, NumPy {np.__version__}, "
        f"SciPy {scipy.__version__}.",
        "",
        f"{arguments.tests} tests of three systems (two where they are told apart) and {ITEMS} sounds, each heard by "
        "each listener; worths are 0.6, 0 and -0.6 standard deviations of a listener's noise, and listeners and sounds "
        f"differ by {OF_LISTENER:g} of them. *Covered*: nominal 95 % intervals around the true value, of means, "
        "differences, shares and strengths. *Withheld*: figures without interval, since too few people listened or "
        "some system never lost. *Beyond*: values and bounds outside their scale. *False alarms*: of "
        f"{arguments.nulls} tests in which no system is better and listeners have tastes, those in which any pair is "
        "called different at 5 %, after Holm; the interval is Clopper and Pearson's.",
        "",
        "| method | listeners | covered | withheld | beyond | false alarms |",
        "|---|---:|---:|---:|---:|---:|",
    ]


if __name__ == "__main__":
    main()
