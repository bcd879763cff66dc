"""Which pages a configuration has, in lists within lists of which some are shuffled."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_TRUE = frozenset({"true", "yes", "on", "y", "1"})
_FALSE = frozenset({"false", "no", "off", "n", "0"})


def is_true(value: object) -> bool:
    """Returns whether a switch is on."""
    return isinstance(value, str) and value.lower() in _TRUE


def is_false(value: object) -> bool:
    """Returns whether a switch is off, rather than not there."""
    return isinstance(value, str) and value.lower() in _FALSE


@dataclass(frozen=True, eq=False)
class WrittenPage:
    """One page.

    Attributes:
        id: Unlike that of any other page.
        kind: What the configuration calls its type.
        form: All that it says.
    """

    id: str
    kind: str
    form: dict[str, Any]


@dataclass(frozen=True, eq=False)
class PageList:
    """Pages one after the other.

    Attributes:
        shuffled: Whether their order is drawn at random.
        parts: Pages, and lists that stay consecutive.
    """

    shuffled: bool
    parts: "tuple[WrittenPage | PageList, ...]"

    def pages(self) -> Iterator[WrittenPage]:
        """Yields all pages in the order in which they are listed."""
        for part in self.parts:
            if isinstance(part, WrittenPage):
                yield part
            else:
                yield from part.pages()


def page_list(content: list[Any], met: dict[str, int]) -> PageList:
    """Returns the pages of a configuration.

    Args:
        content: A list of pages and of lists.
        met: How often each id has come up; it is counted on.
    """
    shuffled = bool(content) and content[0] == "random"
    parts: list[WrittenPage | PageList] = []
    for part in content:
        if isinstance(part, list):
            parts.append(page_list(part, met))
        elif isinstance(part, dict):
            name = str(part.get("id") or part.get("name") or part.get("type") or "page")[:180]
            met[name] = met.get(name, 0) + 1
            unique = name if met[name] == 1 else f"{name} ({met[name]})"
            parts.append(WrittenPage(unique, str(part.get("type")), part))
    return PageList(shuffled, tuple(parts))
