"""The classifiers that read a label from vectors.

| name | what it is |
|---|---|
| `linear` | one layer, Adam at a rate of 0.001, batches of 32: Cherep and Singh's |
| `hear` | the grid of the HEAR challenge: 1 or 2 hidden layers of 1,024, dropout 0.1, four rates, batches of 1,024 |

Each learns for at most 500 passes, and stops once 20 of them have not bettered its accuracy on sounds for validation;
those choose among a grid too. Vectors are standardised by what is learned, since distances have units of their own.

Turian et al., "HEAR: holistic evaluation of audio representations", NeurIPS 2021 competition, section 4.
"""

import copy
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Literal, get_args

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

#: Names of the classifiers.
Learner = Literal["linear", "hear"]
LEARNERS: tuple[Learner, ...] = get_args(Learner)

#: Most passes over what is learned, and how many of them may better nothing before it stops.
PASSES, PATIENCE = 500, 20

#: Units of a hidden layer, and share of them that is left out at a time.
HIDDEN, DROPOUT = 1024, 0.1


@dataclass(frozen=True)
class LearnerSettings:
    """One classifier.

    Attributes:
        layers: Hidden ones.
        rate: Of Adam.
        batch: Sounds that the weights change after.
    """

    layers: int
    rate: float
    batch: int


#: What each name stands for; of several the best on sounds for validation is taken.
GRIDS: dict[Learner, tuple[LearnerSettings, ...]] = {
    "linear": (LearnerSettings(0, 1e-3, 32),),
    "hear": tuple(LearnerSettings(*chosen, 1024) for chosen in product((1, 2), (3.2e-3, 1e-3, 3.2e-4, 1e-4))),
}

Vectors = Float[np.ndarray, "sound dimension"]
Labels = Int[np.ndarray, " sound"]
Which = Bool[np.ndarray, " sound"]


def read_labels(
    learner: Learner, vectors: Vectors, labels: Labels, learn: Which, validate: Which, answer: Which, seed: int = 0
) -> Int[np.ndarray, " answered"]:
    """Returns the labels that a classifier gives to sounds it did not learn from.

    Args:
        learner: Which one.
        vectors: Of all sounds.
        labels: From 0 to one less than there are.
        learn: Which sounds are learned from.
        validate: Which decide when to stop, and which of a grid is taken.
        answer: Which are asked about.
        seed: Decides everything random.
    """
    centre, spread = vectors[learn].mean(0), vectors[learn].std(0)
    scaled = torch.from_numpy((vectors - centre) / np.where(spread > 0, spread, 1.0)).float()
    known = torch.from_numpy(labels)
    best: nn.Module | None = None
    most = -1.0
    with torch.random.fork_rng(devices=[]):
        for number, settings in enumerate(GRIDS[learner]):
            torch.manual_seed(seed * 64 + number)
            found, right = _trained(settings, scaled, known, int(labels.max()) + 1, learn, validate)
            if right > most:
                best, most = found, right
    assert best is not None
    with torch.no_grad():
        given: Int[np.ndarray, " answered"] = best(scaled[answer]).argmax(1).numpy()
    return given


def _trained(
    settings: LearnerSettings, vectors: Tensor, labels: Tensor, kinds: int, learn: Which, validate: Which
) -> tuple[nn.Module, float]:
    """A classifier as it was at its best, and its accuracy on sounds for validation then."""
    widths = [vectors.shape[1], *[HIDDEN] * settings.layers]
    layers: list[nn.Module] = []
    for before, width in pairwise(widths):
        layers += [nn.Linear(before, width), nn.BatchNorm1d(width), nn.Dropout(DROPOUT), nn.ReLU()]
    network = nn.Sequential(*layers, nn.Linear(widths[-1], kinds))
    for layer in network:
        if isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
    optimizer = torch.optim.Adam(network.parameters(), lr=settings.rate)
    seen, known = vectors[learn], labels[learn]
    best, most, since = copy.deepcopy(network.state_dict()), -1.0, 0
    for _ in range(PASSES):
        network.train()
        for rows in torch.randperm(len(seen)).split(settings.batch):
            if len(rows) == 1 and settings.layers:
                # A single sound has no spread, which the norm needs.
                continue
            loss = nn.functional.cross_entropy(network(seen[rows]), known[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        network.eval()
        with torch.no_grad():
            right = float((network(vectors[validate]).argmax(1) == labels[validate]).float().mean())
        since += 1
        if right > most:
            best, most, since = copy.deepcopy(network.state_dict()), right, 0
        if since >= PATIENCE:
            break
    network.load_state_dict(best)
    return network.eval(), most
