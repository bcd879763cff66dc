"""The languages of the participant's page: which there are, which somebody wants, and words for what a plan says."""

import json
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Literal, get_args

Language = Literal["en", "de", "fr", "es", "ja", "zh"]

#: All of them; the first is that of the page if somebody wants none of them.
LANGUAGES: tuple[Language, ...] = get_args(Language)

_folder = resources.files("service.listening") / "words"


def chosen(offered: Sequence[Language], asked: str | None, header: str) -> Language:
    """Returns the language to speak: the one that is asked for, else what a browser likes best, else the first.

    Args:
        offered: Languages that there are, at least one.
        asked: A tag such as `de` or `de-CH`, of which the first part counts; what is not offered is passed over.
        header: What the browser says in `Accept-Language`, with weights.

    Source: RFC 9110, 12.5.4, and RFC 4647, 3.4, of a tag's first part alone.
    """
    for tag in (asked or "", *_liked(header)):
        primary = tag.strip().partition("-")[0].lower()
        for language in offered:
            if primary in (language, "*"):
                return language
    return offered[0]


def _liked(header: str) -> list[str]:
    """Returns the tags of a header, the best liked first; those that are not wanted at all are left out."""
    weighted = []
    for entry in header.split(","):
        tag, _, parameter = entry.partition(";")
        try:
            weight = float(parameter.strip().removeprefix("q=")) if parameter.strip() else 1.0
        except ValueError:
            continue
        if weight > 0:
            weighted.append((weight, tag))
    return [tag for _, tag in sorted(weighted, key=lambda pair: -pair[0])]


class Words:
    """The words of one language.

    Args:
        content: Texts by key, with `{names}` of values in them, and the labels of a scale.
    """

    def __init__(self, content: dict[str, str | list[str]]) -> None:
        self._texts = {key: text for key, text in content.items() if isinstance(text, str)}
        #: Of a scale of quality in five steps, from the lowest.
        self.labels = tuple(content["labels"])
        #: Of ITU-R BS.1116-3, from the lowest.
        self.impairments = tuple(content["impairments"])

    def say(self, key: str, **values: object) -> str:
        """Returns the text under a key with its values.

        Args:
            key: Which is there.
            values: By their names in the text; some may not be in it.
        """
        return self._texts[key].format(**values)


@cache
def words(language: Language) -> Words:
    """Returns the words of a language.

    Args:
        language: One of `LANGUAGES`.
    """
    return Words(json.loads((_folder / f"{language}.json").read_text(encoding="utf-8")))
