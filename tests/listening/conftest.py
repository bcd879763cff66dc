"""Listeners whose tastes are known."""

from itertools import combinations

import numpy as np
import pytest

from nebula.listening import Answer, Answers, Choice, Participant


@pytest.fixture(scope="session")
def choosing():
    """Returns a function that simulates comparisons of all pairs of systems about each item."""

    def simulate(log_odds, listeners, items, seed, deviation=0.0, ties=0.0, lean=0.0):
        """Returns answers.

        Args:
            log_odds: true strength of each system, by name.
            listeners: how many.
            items: how many.
            seed: decides.
            deviation: standard deviation between listeners of what a system is worth.
            ties: share of answers that are ties.
            lean: log-odds by which the first slot is preferred.
        """
        generator = np.random.default_rng(seed)
        rows = []
        for listener in range(listeners):
            worth = {name: value + generator.normal(0, deviation) for name, value in log_odds.items()}
            for item in range(items):
                for number, pair in enumerate(combinations(sorted(log_odds), 2)):
                    first, second = pair if generator.random() < 0.5 else pair[::-1]
                    odds = np.exp(worth[first] - worth[second] + lean)
                    wins = generator.random() < odds / (1 + odds)
                    choices = (Choice.CHOSEN, Choice.PASSED) if wins else (Choice.PASSED, Choice.CHOSEN)
                    if generator.random() < ties:
                        choices = (Choice.TIED, Choice.TIED)
                    rows += [
                        Answer(
                            participant=f"p{listener}",
                            trial=f"{item}-{number}",
                            item=f"sound {item}",
                            system=system,
                            position=position,
                            choice=choice,
                        )
                        for position, (system, choice) in enumerate(zip((first, second), choices, strict=True))
                    ]
        return Answers(tuple(Participant(key=f"p{listener}") for listener in range(listeners)), tuple(rows))

    return simulate


@pytest.fixture(scope="session")
def rating():
    """Returns a function that simulates ratings of all systems about each item."""

    def simulate(means, listeners, items, seed, deviation=8.0, noise=12.0, by_slot=0.0):
        """Returns answers.

        Args:
            means: true mean of each system, by name.
            listeners: how many.
            items: how many.
            seed: decides.
            deviation: standard deviation between listeners, of all their ratings and of each system's.
            noise: standard deviation of a rating.
            by_slot: added for each slot further to the right.
        """
        generator = np.random.default_rng(seed)
        rows = []
        for listener in range(listeners):
            own = generator.normal(0, deviation)
            taste = {name: mean + own + generator.normal(0, deviation) for name, mean in means.items()}
            for item in range(items):
                for position, name in enumerate(generator.permutation(sorted(means))):
                    value = taste[name] + by_slot * position + generator.normal(0, noise)
                    rows.append(
                        Answer(
                            participant=f"p{listener}",
                            trial=str(item),
                            item=f"sound {item}",
                            system=str(name),
                            position=position,
                            rating=float(np.clip(np.rint(value), 0, 100)),
                        )
                    )
        return Answers(tuple(Participant(key=f"p{listener}") for listener in range(listeners)), tuple(rows))

    return simulate
