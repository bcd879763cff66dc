"""Which recordings are of which class, which of them are learned from and which are tested on."""

import os
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np

from nebula.audio import Corpus
from nebula.errors import ArgumentError, SpecError
from nebula.evaluation.transfer.spec import TransferSpec

# Classes that share libraries are divided together, by chance. That many divisions are tried, and the first is taken
# that leaves each class so much on either side; else the one whose least share is the largest.
_ATTEMPTS = 2000
_LEAST_SHARE = 0.2


def class_corpora(spec: TransferSpec, recordings: str | os.PathLike[str] = "") -> dict[str, Corpus]:
    """Returns the recordings of each class.

    Args:
        spec: Where they are, and by which names they are told apart.
        recordings: Folder that the spec's recordings lie in, if not the current one.

    Raises:
        SpecError: No recording's name matches a class, or one matches two classes.
        CorpusError: A corpus is not there, or cannot be used.
    """
    found: dict[str, Corpus] = {}
    taken: dict[tuple[str, str], str] = {}
    opened = {path: Corpus.open(Path(recordings, path)) for path in dict.fromkeys(spec.recordings.values())}
    for label, path in spec.recordings.items():
        corpus = opened[path]
        if patterns := spec.names.get(label):
            lowered = [pattern.lower() for pattern in patterns]
            chosen = [
                sound.name for sound in corpus.sounds if any(fnmatchcase(sound.name.lower(), one) for one in lowered)
            ]
            if not chosen:
                raise SpecError(
                    f"spec {spec.name!r}: names.{label}: got {', '.join(map(repr, patterns))}, which matches none of "
                    f"{len(corpus)} names in {path}, such as {corpus.sounds[0].name!r}"
                )
            corpus = corpus.subset(chosen)
        for sound in corpus.sounds:
            other = taken.setdefault((path, sound.name), label)
            if other != label:
                raise SpecError(
                    f"spec {spec.name!r}: names: {sound.name!r} is of the classes {other} and {label}, expected one"
                )
        found[label] = corpus
    return found


def held_out(spec: TransferSpec, corpora: Mapping[str, Corpus]) -> list[tuple[Corpus, Corpus]]:
    """Returns the recordings of each class in two halves: to learn from, and to test on.

    Classes without a library, or group, in common are split each by itself, as a study of the same seed and `hold_out`
    splits its target. Others are divided together: what one of them tests on, none learns from.

    Raises:
        SpecError: A corpus cannot be split.
    """
    keys: dict[str, list[tuple[str, ...]]] = {}
    halves = []
    for name, corpus in corpora.items():
        try:
            keys[name] = [sound.kept_with(spec.hold_out) for sound in corpus.sounds]
            halves.append(corpus.split(seed=spec.seed, by=spec.hold_out))
        except ArgumentError as error:
            raise SpecError(f"spec {spec.name!r}: recordings.{name}: {error}") from error
    if sum(len(set(of_class)) for of_class in keys.values()) == len({key for of in keys.values() for key in of}):
        return halves
    learned_from = _together(spec, keys)
    divided = []
    for name, corpus in corpora.items():
        sides: tuple[list[str], list[str]] = ([], [])
        for sound, key in zip(corpus.sounds, keys[name], strict=True):
            sides[key not in learned_from].append(sound.name)
        divided.append((corpus.subset(sides[0]), corpus.subset(sides[1])))
    return divided


def _together(spec: TransferSpec, keys: Mapping[str, Sequence[tuple[str, ...]]]) -> set[tuple[str, ...]]:
    """Returns the libraries, or groups, to learn from; every class has some on either side."""
    all_keys = sorted({key for of_class in keys.values() for key in of_class})
    place = {key: number for number, key in enumerate(all_keys)}
    # Of each class, the share of its recordings that each library has.
    shares = np.stack(
        [
            np.bincount([place[key] for key in of_class], minlength=len(all_keys)) / len(of_class)
            for of_class in keys.values()
        ]
    )
    random = np.random.default_rng(spec.seed)
    least, found = 0.0, np.zeros(len(all_keys), bool)
    for _ in range(_ATTEMPTS):
        tried = random.random(len(all_keys)) < 0.5
        learned = shares @ tried
        smallest = float(np.minimum(learned, 1 - learned).min())
        if smallest > least + 1e-9:
            least, found = smallest, tried
        if least >= _LEAST_SHARE:
            break
    if least == 0:
        raise SpecError(
            f"spec {spec.name!r}: hold_out: got {spec.hold_out!r}, of which none of {_ATTEMPTS:,} divisions leaves "
            "each class recordings to learn from and others to test on"
        )
    return {key for key, is_learned in zip(all_keys, found.tolist(), strict=True) if is_learned}


def untested(spec: TransferSpec, key: str, corpus: Corpus, halves: Sequence[tuple[Corpus, Corpus]]) -> Corpus:
    """Returns a corpus without what shares a library, or group, with the recordings of a test.

    Args:
        spec: Says which of the two.
        key: Of the spec, which names the corpus.
        corpus: To learn from.
        halves: As `held_out` returns them.

    Raises:
        SpecError: Nothing is left, or it does not say of which library a sound is.
    """
    tested_on = {sound.kept_with(spec.hold_out) for _, half in halves for sound in half.sounds}
    try:
        left = [sound.name for sound in corpus.sounds if sound.kept_with(spec.hold_out) not in tested_on]
    except ArgumentError as error:
        raise SpecError(f"spec {spec.name!r}: {key}: {error}") from error
    if not left:
        raise SpecError(f"spec {spec.name!r}: {key}: got {corpus.name}, all of which is tested on, expected others")
    return corpus.subset(left)
