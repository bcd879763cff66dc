"""The classifiers that judge: three of different kinds, each near the settings that users of scikit-learn start from.

| name | what it is |
|---|---|
| `forest` | 100 extremely randomised trees: cuts through single traits |
| `vectors` | a support vector machine with a Gaussian kernel: likeness over all traits |
| `linear` | logistic regression: one weighted sum of the traits |

Where they agree, the verdict does not hang on one of them. Classes count alike, however many sounds each has.
"""

from typing import Any

import numpy as np
from jaxtyping import Float, Int

from nebula.errors import ArgumentError

#: The classifiers by name, in the order of rows.
CLASSIFIERS = ("forest", "vectors", "linear")

#: Parts of a cross-validation: each classifier learns from four fifths and answers for the rest.
FOLDS = 5

Rows = Float[np.ndarray, "sound trait"]
Labels = Int[np.ndarray, " sound"]

# What scikit-learn calls an estimator has no type of its own.
Classifier = Any


def trained(traits: Rows, labels: Labels, seed: int = 0) -> dict[str, Classifier]:
    """Returns the classifiers by name, trained to tell label 1 from label 0.

    Args:
        traits: One row for each sound; of any units, since each trait is standardised.
        labels: 1 or 0 for each sound, both present.
        seed: Decides what is random in training.
    """
    return {name: classifier.fit(traits, labels) for name, classifier in _untrained(seed).items()}


def votes_of(classifiers: dict[str, Classifier], traits: Rows) -> Int[np.ndarray, "classifier sound"]:
    """Returns each classifier's label for each sound, rows in the order of `CLASSIFIERS`."""
    return np.stack([classifiers[name].predict(traits) for name in CLASSIFIERS])


def cross_validated(
    traits: Rows, labels: Labels, groups: Labels, seed: int = 0, one_by_one: bool = False
) -> Int[np.ndarray, "classifier sound"]:
    """Returns each classifier's label for each sound, given by one that learned from other groups.

    Args:
        traits: One row for each sound.
        labels: 1 or 0 for each sound.
        groups: Sounds with equal numbers are takes of the same thing, or of one library, and stay on one side.
        seed: Decides which groups are put together, and what is random in training.
        one_by_one: Hold out each group alone, rather than a fifth of all: few large groups of mixed labels might leave
            nothing of a label to learn from.

    Raises:
        ArgumentError: Either label has fewer than two groups.
    """
    fewest = min(len(set(groups[labels == label])) for label in (0, 1))
    if fewest < 2:
        raise ArgumentError(f"groups: got {fewest} for one of two sets of sounds, expected 2 or more on either side")
    # Imported here, as below: scikit-learn takes a second to load, which no worker of a study needs to spend.
    from sklearn.model_selection import LeaveOneGroupOut, StratifiedGroupKFold

    by_fifths = StratifiedGroupKFold(min(FOLDS, fewest), shuffle=True, random_state=seed)
    folds = LeaveOneGroupOut() if one_by_one else by_fifths
    found = np.zeros((len(CLASSIFIERS), len(labels)), dtype=np.int64)
    for learn, answer in folds.split(traits, labels, groups):
        found[:, answer] = votes_of(trained(traits[learn], labels[learn], seed), traits[answer])
    return found


def _untrained(seed: int) -> dict[str, Classifier]:
    from sklearn.ensemble import ExtraTreesClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    made = (
        ExtraTreesClassifier(n_estimators=100, class_weight="balanced", random_state=seed),
        make_pipeline(StandardScaler(), SVC(class_weight="balanced")),
        # With a tenth of the usual freedom: there are 48 traits, and often few sounds.
        make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced", C=0.1, max_iter=1000)),
    )
    return dict(zip(CLASSIFIERS, made, strict=True))
