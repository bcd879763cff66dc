"""The classifiers that learn: three kinds, each with a capacity that is chosen on what it learns from.

| name | what it is | capacities, from the smallest |
|---|---|---|
| `linear` | logistic regression | inverse strength of its penalty: 0.001, 0.03, 1 |
| `neighbours` | the nearest of what it knows, by Euclidean distance | votes that count: 25, 5, 1 |
| `perceptron` | one hidden layer | its units: 4, 16, 64 |

Vectors are standardised by what is learned.
"""

import warnings
from typing import Any, get_args

import numpy as np
from jaxtyping import Float, Int

from nebula.evaluation.transfer.spec import ModelName

MODELS: tuple[ModelName, ...] = get_args(ModelName)

CAPACITIES: dict[ModelName, tuple[float, ...]] = {
    "linear": (0.001, 0.03, 1.0),
    "neighbours": (25, 5, 1),
    "perceptron": (4, 16, 64),
}

#: A capacity is chosen by that many sounds a class, so that the choice costs little where the learning costs much.
CHOOSING_SOUNDS = 128

#: Parts of the cross-validation that chooses.
FOLDS = 3

#: Probabilities below it count as it: whoever decides by one vote is sure of everything, and mistakes are infinite.
SMALLEST_PROBABILITY = 1e-3

_PASSES = 60

Vectors = Float[np.ndarray, "sound dimension"]
Labels = Int[np.ndarray, " sound"]

# What scikit-learn calls an estimator has no type of its own.
Classifier = Any


def chosen_capacity(model: ModelName, vectors: Vectors, labels: Labels, groups: Labels, seed: int = 0) -> float:
    """Returns the capacity that errs least in a cross-validation, the smallest of those that err alike.

    Args:
        model: Which classifier.
        vectors: What it is to learn.
        labels: Of each sound.
        groups: Sounds with equal numbers are takes of one thing and stay on one side.
        seed: Decides what is random.

    Returns:
        The middle one where a label has fewer than `FOLDS` groups.
    """
    # Imported here, as below: scikit-learn takes a second to load.
    from sklearn.model_selection import StratifiedGroupKFold

    capacities = CAPACITIES[model]
    kinds = np.unique(labels)
    rows = np.concatenate([np.flatnonzero(labels == kind)[:CHOOSING_SOUNDS] for kind in kinds])
    vectors, labels, groups = vectors[rows], labels[rows], groups[rows]
    if min(len(np.unique(groups[labels == kind])) for kind in kinds) < FOLDS:
        return capacities[len(capacities) // 2]
    folds = list(StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed).split(vectors, labels, groups))
    mistakes = [
        sum(
            (trained(model, capacity, vectors[learn], labels[learn], seed).predict(vectors[answer]) != labels[answer])
            .sum()
            .item()
            for learn, answer in folds
        )
        for capacity in capacities
    ]
    return capacities[int(np.argmin(mistakes))]


def trained(model: ModelName, capacity: float, vectors: Vectors, labels: Labels, seed: int = 0) -> Classifier:
    """Returns a classifier that has learned, with `predict`.

    Args:
        model: Which one.
        capacity: One of its `CAPACITIES`.
        vectors: What it learns, one row for each sound.
        labels: Of each sound.
        seed: Decides what is random.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if model == "linear":
        made = LogisticRegression(C=capacity, max_iter=300)
    elif model == "neighbours":
        made = KNeighborsClassifier(min(int(capacity), len(vectors)))
    else:
        made = MLPClassifier((int(capacity),), max_iter=_PASSES, random_state=seed)
    with warnings.catch_warnings():
        # Passes are limited on purpose: to stop before the last mistake on what is learned is a part of the capacity.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return make_pipeline(StandardScaler(), made).fit(vectors, labels)


def log_losses(classifier: Classifier, vectors: Vectors, labels: Labels) -> Float[np.ndarray, " sound"]:
    """Returns -log of the probability that a classifier gives the label of each sound, in nats, 0 to 6.9.

    Args:
        classifier: One that has learned all of the labels.
        vectors: One row for each sound.
        labels: Of each sound.
    """
    places = np.searchsorted(classifier.classes_, labels)
    given = classifier.predict_proba(vectors)[np.arange(len(labels)), places]
    losses: Float[np.ndarray, " sound"] = -np.log(np.maximum(given, SMALLEST_PROBABILITY))
    return losses
