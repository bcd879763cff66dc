"""Some of the sounds that were judged, to be seen and heard beside what was found."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from nebula.audio import encoded
from nebula.tiles import Tile
from service.listening.design import questions
from service.listening.spec import ListeningSpec
from service.listening.store import StimulusStore
from service.listening.tables import ListeningTest

#: Of how many items each system's sounds are shown.
ITEMS = 4

#: No further item is shown where the sounds of those before take so many bytes.
BYTES = 2**21


@dataclass(frozen=True)
class Heard:
    """Sounds of one system.

    Attributes:
        system: Its name.
        tiles: In the order of the items; of the same ones as those of the systems that it was compared with.
    """

    system: str
    tiles: tuple[Tile, ...]


def heard(test: ListeningTest, spec: ListeningSpec, store: StimulusStore) -> list[Heard]:
    """Returns sounds of the first items that count, by system, as participants heard them.

    Args:
        test: One that is unblinded.
        spec: Of it.
        store: Where its sounds are; none are returned where they are there no more.
    """
    assert test.key_map is not None
    counted = {question.key: question.item for question in questions(spec) if not (question.practice or question.check)}
    files: dict[str, dict[tuple[str, int], str]] = {item: {} for item in counted.values()}
    for name, stimulus in test.key_map["stimuli"].items():
        if stimulus["question"] in counted:
            files[counted[stimulus["question"]]].setdefault((stimulus["system"], int(stimulus["place"])), name)
    tiles: dict[str, list[Tile]] = {}
    shown: Counter[str] = Counter()
    size = 0
    for item, of_item in files.items():
        systems = {system for system, _ in of_item}
        if size > BYTES or all(shown[system] >= ITEMS for system in systems):
            continue
        shown.update(systems)
        try:
            for system, tile in _tiles(item, of_item, spec, store, str(test.folder)):
                tiles.setdefault(system, []).append(tile)
                size += len(tile.sound)
        except OSError:
            return []
    return [Heard(system, tuple(found)) for system, found in sorted(tiles.items())]


def _tiles(
    item: str, files: dict[tuple[str, int], str], spec: ListeningSpec, store: StimulusStore, folder: str
) -> Iterator[tuple[str, Tile]]:
    for (system, place), name in sorted(files.items()):
        # Drawn items are numbered, and listed ones have names.
        title = f"item {item}" if item.isdecimal() else item
        label = f"{title}, sound {place + 1}" if spec.playlist > 1 else title
        samples = store.read(folder, name).numpy().T
        yield system, Tile.of(label, encoded(samples, spec.sample_rate_hz, compression=1.0))
