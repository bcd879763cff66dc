"""Line 19 of the leak checklist: who knows everything but the sound guesses the nebula no better than a coin."""

import time
import zlib

import numpy as np
import pytest
from listening_watch import role_of, walk
from scipy import stats
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import GroupKFold, cross_val_predict

from service.listening import answering, showing

#: One honest server in ten thousand is suspected by chance.
LEVEL = 1e-4


def table(walks):
    """Returns what is known of each slot, which nebula it is, and whose it was."""
    rows, truth, groups = [], [], []
    for person, seen in enumerate(walks):
        for order, slot in enumerate(seen.slots):
            head = {name: value for name, value in slot.response.headers.items() if name != "date"}
            trial = seen.sessions[slot.trial]["trial"]["id"]
            letters = [ord(letter) for letter in slot.token[:6] + trial[:2]]
            place = [ord(slot.slot), order, slot.trial, order % 2]
            size = [len(slot.response.content), zlib.crc32(repr(sorted(head.items())).encode()), len(slot.address)]
            rows.append([*letters, *place, *size, slot.seconds])
            truth.append(slot.system == "made by hand")
            groups.append(person)
    return np.array(rows, dtype=float), np.array(truth), np.array(groups)


def p_value(walks):
    """Returns how likely so many right guesses about other people's slots are by chance, and how many slots there are.

    Slots of a trial are not independent: whoever knows one knows the other. So trials are counted, by the slot that the
    classifier is surer about.
    """
    rows, truth, groups = table(walks)
    classifier = HistGradientBoostingClassifier(max_iter=60, random_state=0)
    folds = GroupKFold(n_splits=4)
    odds = cross_val_predict(classifier, rows, truth, groups=groups, cv=folds, method="predict_proba")[:, 1]
    first, second = odds[::2], odds[1::2]
    assert (truth[::2] != truth[1::2]).all()
    decided = first != second
    right = ((first > second) == truth[::2])[decided]
    return stats.binomtest(int(right.sum()), len(right), alternative="greater").pvalue, len(rows)


def spec(sounds):
    return {
        "version": 1,
        "name": "metadata",
        "method": "preference",
        "sounds": sounds,
        "seconds": 0.1,
        "systems": [{"name": "made by hand", "nebula": "drum"}, {"name": "untouched", "nebula": "default"}],
    }


@pytest.mark.slow
def test_a_classifier_of_metadata_is_at_chance_over_two_thousand_slots(lab):
    test, invite = lab.open(spec(64))
    found, slots = p_value([walk(lab, test, invite) for _ in range(16)])
    assert slots == 2048
    assert found > LEVEL
    print(f"{slots} slots, p = {found:.2g}")


def late(patch):
    original = answering.played

    def played(store, test, sound):
        time.sleep(0.02 if role_of(test, sound) == "made by hand" else 0)
        return original(store, test, sound)

    patch.setattr(answering, "played", played)


def long(patch):
    original = answering.played

    def played(store, test, sound):
        extra = role_of(test, sound) == "made by hand"
        return original(store, test, sound) + bytes(2 * extra)

    patch.setattr(answering, "played", played)


def sorted_slots(patch):
    original = showing.question_shown

    def shown(spec, trial, token, language):
        # The sounds of one nebula come first in what the page is told, whatever their letters.
        found = original(spec, trial, token, language)
        ordered = sorted(found.slots, key=lambda slot: trial.systems[ord(slot.slot) - ord("A")])
        return found.model_copy(update={"slots": ordered})

    patch.setattr(showing, "question_shown", shown)


@pytest.mark.slow
@pytest.mark.parametrize("fault", [late, long, sorted_slots])
def test_the_classifier_sees_a_leak(lab, monkeypatch, fault):
    test, invite = lab.open(spec(16))
    fault(monkeypatch)
    found, _ = p_value([walk(lab, test, invite) for _ in range(8)])
    assert found < LEVEL
