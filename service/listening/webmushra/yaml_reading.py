"""Reading YAML as webMUSHRA's own parser does: all values as text, whatever they look like."""

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import Any

import yaml

from service.errors import Unprocessable

# Deeper and larger than any configuration. An alias counts as what it stands for, each time.
_DEEPEST = 50
_MOST_NODES = 50_000

# That of libyaml, where it is there, is ten times as fast.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_EMPTY = frozenset({"", "~", "null"})

# A key with what stands behind it on its line, perhaps the first one of an item of a list.
_KEY = re.compile(r"^(?P<key>\s*(?:-\s+)*[\w.-]+\s*:)(?:\s+(?P<value>.*?))?\s*$")
_BLOCK = re.compile(r"[|>][+-]?\d*[+-]?\s*(?:#.*)?")
_ITEM = re.compile(r"^\s*-(?:\s|$)")


def content_of(configuration: str) -> Any:
    """Returns the lists, dictionaries by text, texts and None of a YAML file.

    What is no YAML because a plain value has a colon in it, or begins with a character that means something, is read up
    to the end of its line, as webMUSHRA's parser does.

    Args:
        configuration: The file.

    Raises:
        Unprocessable: It is not YAML, or larger than any configuration.
    """
    try:
        root = _composed(configuration)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        try:
            root = _composed("\n".join(_quoted(configuration.splitlines())))
        except (yaml.YAMLError, ValueError, RecursionError):
            raise Unprocessable(f"configuration: not YAML ({' '.join(str(error).split())[:200]})") from error
    return _plain(root, [_MOST_NODES], 0)


def _composed(text: str) -> yaml.Node | None:
    _check_size(yaml.parse(text, Loader=_LOADER))
    return yaml.compose(text, Loader=_LOADER)


def _quoted(lines: list[str]) -> Iterator[str]:
    """Yields lines with quotes around their plain values, each on one line; blocks of text stay as they are."""
    number = 0
    while number < len(lines):
        line, indent = lines[number], _indent(lines[number])
        number += 1
        found = _KEY.match(line)
        value = (found["value"] or "") if found else ""
        if found is None or value.startswith("#"):
            yield line
            continue
        following = number
        while following < len(lines) and (not lines[following].strip() or _indent(lines[following]) > indent):
            following += 1
        inside = [inner.strip() for inner in lines[number:following] if inner.strip()]
        if _BLOCK.fullmatch(value):
            yield from lines[number - 1 : following]
            number = following
        elif value[:1] not in "'\"[{&*!" or value == "":
            # Words that go on, in lines that are no keys and no items.
            words = itertools.takewhile(lambda inner: not (_KEY.match(inner) or _ITEM.match(inner)), inside)
            more = list(words) if value or (inside and inside[0][0] == "<") else []
            number += _spanned(lines, number, len(more))
            joined = " ".join([value.partition(" #")[0].rstrip(), *more]).strip().replace("'", "''")
            yield f"{found['key']} '{joined}'" if joined else line
        else:
            yield line


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _spanned(lines: list[str], start: int, count: int) -> int:
    """Returns how many lines hold so many that are not empty."""
    spanned = 0
    while count:
        count -= bool(lines[start + spanned].strip())
        spanned += 1
    return spanned


def _check_size(events: Iterable[yaml.Event]) -> None:
    """Passes if a file is neither too long nor nested too deep, before anything is made of it: libyaml would crash.

    Raises:
        Unprocessable: It is.
    """
    depth = 0
    for number, event in enumerate(events):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise Unprocessable(f"configuration: nested more than {_DEEPEST} deep")
        if number > 2 * _MOST_NODES:
            raise Unprocessable(f"configuration: more than {_MOST_NODES} values, expected fewer")


def _plain(node: yaml.Node | None, left: list[int], depth: int) -> Any:
    """Returns a node as lists, dictionaries by text, texts and None, whatever it says that it is.

    Args:
        node: Of the YAML file.
        left: How many nodes there may yet be.
        depth: Of the node.

    Raises:
        Unprocessable: There are too many, or they are nested too deep.
    """
    left[0] -= 1
    if left[0] < 0:
        raise Unprocessable(f"configuration: more than {_MOST_NODES} values, expected fewer; aliases count each time")
    if depth > _DEEPEST:
        raise Unprocessable(f"configuration: nested more than {_DEEPEST} deep")
    if isinstance(node, yaml.MappingNode):
        content: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise Unprocessable("configuration: a key is no text")
            plain = _plain(value, left, depth + 1)
            if key.tag == "tag:yaml.org,2002:merge":
                for merged in plain if isinstance(plain, list) else [plain]:
                    content = (merged if isinstance(merged, dict) else {}) | content
            else:
                content[key.value] = plain
        return content
    if isinstance(node, yaml.SequenceNode):
        return [_plain(inside, left, depth + 1) for inside in node.value]
    return None if node is None or node.value.lower() in _EMPTY else str(node.value)
