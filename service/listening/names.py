"""Names that tell where a sound comes from, looked for among what participants read."""

import re
from collections.abc import Iterable, Iterator

from service.listening.spec import ListeningSpec, canaries

# Shorter names are not looked for: a single letter also names a slot.
_SHORTEST_NAME = 2

# Of a word; Japanese and Chinese have no spaces, and a name may stand between any two of their characters.
_LETTER = r"[^\W\u3040-\u30ff\u3400-\u9fff]"


def names_planned(spec: ListeningSpec) -> list[str]:
    """Returns those names that participants would read by the plan alone: among its own texts, labels and tags."""
    scale = spec.scale.model_dump() if spec.has_scale else None
    return names_among(canaries(spec), [*written_by_hand(spec), scale, list(spec.tags)])


def written_by_hand(spec: ListeningSpec) -> list[object]:
    """Returns what the experimenter has written for every participant, as values of JSON."""
    fields = [field.model_dump(exclude={"kind"}) for field in spec.questionnaire]
    translated = [translation.model_dump() for translation in spec.translations.values()]
    return [spec.texts.model_dump(), fields, translated, spec.completion_url, [item.text for item in spec.items]]


def names_among(secret: Iterable[str], told: object) -> list[str]:
    """Returns those names that stand among texts as words of their own, in whatever case.

    Args:
        secret: The names.
        told: Values of JSON.
    """
    text = "\n".join(texts_of(told)).casefold()
    return [name for name in sorted(secret) if len(name) >= _SHORTEST_NAME and _is_word(name.casefold(), text)]


def texts_of(told: object) -> Iterator[str]:
    """Yields every text among values of JSON."""
    if isinstance(told, str):
        yield told
    elif isinstance(told, dict):
        yield from texts_of(list(told.values()))
    elif isinstance(told, (list, tuple)):
        for inner in told:
            yield from texts_of(inner)


def _is_word(name: str, text: str) -> bool:
    return name in text and re.search(rf"(?<!{_LETTER}){re.escape(name)}(?!{_LETTER})", text) is not None
