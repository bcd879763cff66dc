"""Labels: what is known about each sound, from a manifest or from the layout of a published data set.

Every reader gives flat text by sound and uses the manifest's own keys where they mean the same: `instrument`,
`midi_pitch`, `velocity_rank`, `ordering_group` (sounds of one group differ in one property that can be ranked), `group`
(what has to stay on one side of a split), `corpus` (the library), `kind`, `licence`, `source`. A key without a value is
left out. Where nothing tells groups, they are guessed from names, and `Known.remarks` says so.

Sources: Ramires one-shots, Zenodo 3665275; Surge pitch, 4677097; DX7 timbre, 4677102; FSD50K, 4060432.
"""

import csv
import io
import json
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from nebula.audio.archive import MAXIMUM_TEXT_BYTES
from nebula.audio.groups import guessed_groups
from nebula.audio.sources import Source
from nebula.audio.tables import decoded_text, rows
from nebula.errors import CorpusError

#: The name under which a manifest is looked for.
MANIFEST = "manifest.csv"

Labels = dict[str, dict[str, str]]

_SURGE = re.compile(r"(?:^|/)(?P<patch>[^/]+)-velocity(?P<velocity>\d{1,3})/(?P<pitch>\d{1,3})\.\w+$")
_RAMIRES = re.compile(r"(?:^|/)\d+/(?P<id>\d+)\.\w+$")
_DX7 = re.compile(r"(?:^|/)(?P<patch>[^/]+)/(?P<velocity>[1-9]\d{0,2})\.\w+$")

#: Every sound of the DX7 set is A440.
_DX7_MIDI_PITCH = "69"
_MAXIMUM_MIDI_VALUE = 127


@dataclass(frozen=True)
class Known:
    """What is known about a source's sounds.

    Attributes:
        labels: By name; sounds that nothing is known about are left out.
        remarks: What was guessed, and which manifest could not be used, a sentence each.
    """

    labels: Labels
    remarks: tuple[str, ...] = ()


def labels_of(source: Source, manifest: Path | None = None) -> Known:
    """Returns what is known about a source's sounds.

    Args:
        source: the sounds.
        manifest: a table as `manifest_labels` reads it, on disk or named relative to the source or its parent. None
            looks for `manifest.csv` and for the known layouts, and is content with finding nothing.

    Raises:
        CorpusError: a manifest was given, and cannot be read or names none of the sounds.
    """
    remarks: list[str] = []
    labels = _given_manifest(source, manifest) if manifest is not None else _found_labels(source, remarks)
    if any("group" in known or "ordering_group" in known for known in labels.values()):
        return Known(labels, tuple(remarks))
    groups = guessed_groups(source.names)
    if groups:
        name, group = next(iter(groups.items()))
        twin = next(other for other, theirs in groups.items() if theirs == group and other != name)
        remarks.append(
            f"groups were guessed from names: {len(groups)} sounds are takes of {len(set(groups.values()))}, "
            f"such as {name} and {twin}; a manifest's column group tells them for certain"
        )
    labels = {**labels, **{name: {**labels.get(name, {}), "group": group} for name, group in groups.items()}}
    return Known(labels, tuple(remarks))


def _found_labels(source: Source, remarks: list[str]) -> Labels:
    """Returns the labels of a manifest or a known layout that nobody has named."""
    for text in source.texts(MANIFEST):
        try:
            found = manifest_labels(text, source.names, _prefixes(source, None))
        except CorpusError as error:  # perhaps another program's manifest.csv
            remarks.append(f"{MANIFEST} was not used for labels: {error}")
            continue
        if found:
            return found
        remarks.append(f"{MANIFEST} was not used for labels: names none of the sounds; expected paths from its folder")
    readers: tuple[Callable[[Source], Labels], ...] = (fsd50k_labels, ramires_labels, surge_labels, dx7_labels)
    for reader in readers:
        if found := reader(source):
            return found
    return {}


def manifest_labels(text: str, names: Iterable[str], prefixes: Iterable[str] = ("",)) -> Labels:
    """Returns the labels in a manifest: one column of paths, every other column a label.

    Args:
        text: the csv, as `nebula.audio.tables` reads it.
        names: sounds to label.
        prefixes: what may stand before a name in the column of paths; the one that fits most sounds is used, and names
            less their first folder are tried last (a zip often wraps everything in one).

    Raises:
        CorpusError: the text is not a csv with a column of paths.
    """
    labels = {_key(path): _filled(others.items()) for path, others in rows(text)}
    best: Labels = {}
    fits: list[Callable[[str], str]] = [lambda name, prefix=prefix: prefix + name for prefix in prefixes]  # type: ignore[misc]  # mypy cannot type defaults of a lambda
    fits.append(lambda name: name.partition("/")[2])
    for fit in fits:
        found = {name: labels[path] for name in names if (path := _key(fit(name))) in labels}
        if len(found) > len(best):
            best = found
    return best


def ramires_labels(source: Source) -> Labels:
    """Returns the labels of `one_shot_percussive_sounds/<n>/<id>.wav` with `licenses.txt`, which is JSON by id."""
    for text in source.texts("licenses.txt"):
        try:
            licences = json.loads(text)
        except ValueError:
            continue
        if not isinstance(licences, dict):
            continue
        labels = {}
        for name in source.names:
            match = _RAMIRES.search(name)
            entry = licences.get(match["id"]) if match else None
            if match is None or not isinstance(entry, Mapping):
                continue
            labels[name] = _filled(
                [
                    ("kind", "percussion"),
                    ("licence", entry.get("license")),
                    ("author", entry.get("username")),
                    ("title", entry.get("name")),
                    ("source", f"freesound:{match['id']}"),
                ]
            )
        if labels:
            return labels
    return {}


def surge_labels(source: Source) -> Labels:
    """Returns the labels of `surge/<patch>-velocity64/<midi pitch>.ogg`: groups of one patch, ranked by pitch."""
    labels = {}
    for name in source.names:
        match = _SURGE.search(name)
        if match is None or int(match["pitch"]) > _MAXIMUM_MIDI_VALUE:
            continue
        labels[name] = _filled(
            [
                ("kind", "pitched"),
                ("instrument", match["patch"]),
                ("midi_pitch", match["pitch"]),
                ("velocity_rank", match["velocity"]),
                ("ordering_group", PurePosixPath(name).parent.as_posix()),
            ]
        )
    return labels


def dx7_labels(source: Source) -> Labels:
    """Returns the labels of a folder per patch with `<velocity>.<ending>`: groups of one patch, ranked by velocity.

    Any numbered files look like that, so every sound must fit, and unless the source is called something with DX7 at
    least one folder must not simply count 1, 2, 3: velocities have gaps, since sounds that repeat were removed.
    """
    velocities: dict[str, set[int]] = {}
    for name in source.names:
        match = _DX7.search(name)
        if match is None or int(match["velocity"]) > _MAXIMUM_MIDI_VALUE:
            return {}
        velocities.setdefault(PurePosixPath(name).parent.as_posix(), set()).add(int(match["velocity"]))
    named = "dx7" in source.name.lower() or any("dx7" in name.lower() for name in source.names)
    if not named and all(max(ranks) == len(ranks) for ranks in velocities.values()):
        return {}
    return {
        name: _filled(
            [
                ("kind", "pitched"),
                ("instrument", PurePosixPath(name).parent.name),
                ("midi_pitch", _DX7_MIDI_PITCH),
                ("velocity_rank", PurePosixPath(name).stem),
                ("ordering_group", PurePosixPath(name).parent.as_posix()),
            ]
        )
        for name in source.names
    }


def fsd50k_labels(source: Source) -> Labels:
    """Returns the labels of `FSD50K.<part>_audio/<id>.wav` with `FSD50K.ground_truth/<part>.csv`.

    `tags` holds all classes, separated by commas; `instrument` the most specific one of a musical instrument.
    """
    labels: Labels = {}
    for part in ("dev", "eval"):
        folder = f"FSD50K.{part}_audio"
        mine = [name for name in source.names if folder in (source.name, *PurePosixPath(name).parts[:-1])]
        if not mine:
            continue
        for text in source.texts(f"FSD50K.ground_truth/{part}.csv"):
            try:
                truth = {row.get("fname"): row for row in csv.DictReader(io.StringIO(text))}
            except csv.Error:
                continue
            for name in mine:
                row = truth.get(PurePosixPath(name).stem)
                if row is None:
                    continue
                tags = row.get("labels") or ""
                instrument = tags.split(",")[0] if "Musical_instrument" in tags.split(",") else ""
                labels[name] = _filled(
                    [
                        ("kind", "broad"),
                        ("instrument", instrument),
                        ("tags", tags),
                        ("mids", row.get("mids")),
                        ("split", row.get("split") or part),
                        ("source", f"freesound:{PurePosixPath(name).stem}"),
                    ]
                )
    return labels


def _given_manifest(source: Source, manifest: Path) -> Labels:
    """Returns the labels of a manifest that was asked for, so everything wrong with it is an error."""
    try:
        if manifest.exists():
            if manifest.stat().st_size > MAXIMUM_TEXT_BYTES:
                raise CorpusError(f"{manifest}: is longer than the {MAXIMUM_TEXT_BYTES} bytes allowed for labels")
            text = decoded_text(manifest.read_bytes())
            if text is None:
                raise CorpusError(f"{manifest}: cannot be read as labels (it is no text in UTF-8, UTF-16 or cp1252)")
            texts = [text]
        else:
            texts = [] if manifest.is_absolute() else list(source.texts(manifest.as_posix()))
    except OSError as error:
        raise CorpusError(f"{manifest}: cannot be read as labels ({error.strerror})") from error
    if not texts:
        raise CorpusError(f"{manifest}: no such file of labels, here, in {source.path} or beside it")
    try:
        found = [manifest_labels(text, source.names, _prefixes(source, manifest)) for text in texts]
    except CorpusError as error:
        raise CorpusError(f"{manifest}: cannot be used as labels: {error}") from error
    best = max(found, key=len)
    if not best:
        raise CorpusError(
            f"{manifest}: names none of the sounds of {source.path}; its paths are relative to its folder"
        )
    return best


def _prefixes(source: Source, manifest: Path | None) -> list[str]:
    """Returns what may stand before a sound's name in a manifest, most likely first."""
    prefixes = ["", f"{source.name}/", f"{source.path.resolve().parent.name}/"]
    if manifest is not None:
        folder = manifest.resolve().parent
        place = source.path.resolve()
        roots = (root for root in (place, place.with_suffix(""), place.parent) if root.is_relative_to(folder))
        prefixes.extend(f"{root.relative_to(folder).as_posix()}/" for root in roots)
    return prefixes


def _key(path: str) -> str:
    """Returns a path in one spelling: macOS writes accents decomposed, Windows separates with backslashes."""
    return unicodedata.normalize("NFC", path.replace("\\", "/").removeprefix("./"))


def _filled(pairs: Iterable[tuple[object, object]]) -> dict[str, str]:
    """Returns the pairs that have a value, as text; repeated texts are stored once, for corpora of 100,000 sounds."""
    return {
        sys.intern(key): sys.intern(str(value))
        for key, value in pairs
        if isinstance(key, str) and isinstance(value, str | int | float) and str(value)
    }
