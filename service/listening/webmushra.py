"""Reading configurations of webMUSHRA (YAML): its MUSHRA pages and its paired comparisons."""

from collections.abc import Iterable, Iterator
from typing import Any

import yaml
from pydantic import ValidationError

from nebula.audio import ANCHOR_CUTOFFS_HZ
from nebula.listening import Method
from service.errors import Unprocessable
from service.listening.spec import REFERENCE, ListeningSpec

# What each kind of page becomes.
_METHODS = {"mushra": Method.MUSHRA, "paired_comparison": Method.PREFERENCE}

# Deeper and larger than any configuration. An alias counts as what it stands for, each time.
_DEEPEST = 50
_MOST_NODES = 50_000

# That of libyaml, where it is there, is ten times as fast.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_TRUE = frozenset({"true", "yes", "on", "y"})
_FALSE = frozenset({"false", "no", "off", "n"})
_EMPTY = frozenset({"", "~", "null"})


def specs(configuration: str, corpus: str) -> list[ListeningSpec]:
    """Returns a spec for the MUSHRA pages of a configuration, and one for its paired comparisons.

    Pages that are no trials are passed over, but for what they ask: questionnaires become ours. Order is drawn for each
    participant whatever the configuration says.

    Args:
        configuration: The YAML file.
        corpus: Id of the uploaded corpus; its sounds are found by the ends of the paths in the file.

    Raises:
        Unprocessable: It is no configuration, or has no such page.
    """
    try:
        _check_size(yaml.parse(configuration, Loader=_LOADER))
        root = yaml.compose(configuration, Loader=_LOADER)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Unprocessable(f"configuration: not YAML ({' '.join(str(error).split())[:200]})") from error
    content = _plain(root, [_MOST_NODES], 0)
    if not isinstance(content, dict) or not isinstance(content.get("pages"), list):
        raise Unprocessable("configuration: got none, expected a mapping with a list under the key 'pages'")
    pages = list(_pages(content["pages"]))
    found = [
        _spec(content, method, [page for page in pages if page.get("type") == kind], pages, corpus)
        for kind, method in _METHODS.items()
        if any(page.get("type") == kind for page in pages)
    ]
    if not found:
        raise Unprocessable(f"configuration: got no page of type {' or '.join(_METHODS)}, expected one or more")
    return found


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


def _pages(content: list[Any]) -> Iterator[dict[str, Any]]:
    """Yields pages, out of the lists that webMUSHRA groups and shuffles them by."""
    for page in content:
        if isinstance(page, list):
            yield from _pages(page)
        elif isinstance(page, dict):
            yield page


def _is_true(value: object) -> bool:
    return isinstance(value, str) and value.lower() in _TRUE


def _is_given(value: object) -> bool:
    """Returns whether a label is there, such as that of the button for no preference."""
    return isinstance(value, str) and value.lower() not in _FALSE


def _rows(value: object) -> list[dict[str, Any]]:
    """Returns the mappings in what should be a list of them."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _spec(
    content: dict[str, Any], method: Method, asking: list[dict[str, Any]], pages: list[dict[str, Any]], corpus: str
) -> ListeningSpec:
    names = sorted({str(name) for page in asking for name in _stimuli(page)})
    form: dict[str, Any] = {
        "version": 1,
        "name": _name(content.get("testId") or content.get("testname") or "imported"),
        "method": method.value,
        "texts": {"title": str(content.get("testname") or "Listening test"), "question": _question(asking)},
        "systems": [{"name": name} for name in names],
        "corpus": corpus,
        "items": [_item(page, number, method) for number, page in enumerate(asking)],
        "questionnaire": [field for page in pages for field in _fields(page)],
        "seconds": 12.0,
    }
    if method is Method.MUSHRA:
        wanted = [any(_is_true(page.get(key)) for page in asking) for key in ("createAnchor35", "createAnchor70")]
        form["reference"] = {"name": REFERENCE}
        form["anchors_hz"] = [cutoff for cutoff, want in zip(ANCHOR_CUTOFFS_HZ, wanted, strict=True) if want]
    else:
        form["tie"] = any(_is_given(page.get("unforced")) for page in asking)
    try:
        return ListeningSpec.model_validate(form)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Unprocessable(f"configuration: {place} {first['msg']}".replace("Value error, ", "")) from error


def _stimuli(page: dict[str, Any]) -> dict[str, str]:
    stimuli = page.get("stimuli")
    if not isinstance(stimuli, dict) or not stimuli:
        raise Unprocessable(f"configuration: page {str(page.get('id'))!r}: got no stimuli, expected some")
    return {str(name): str(path) for name, path in stimuli.items()}


def _item(page: dict[str, Any], number: int, method: Method) -> dict[str, Any]:
    sounds = {name: [path] for name, path in _stimuli(page).items()}
    if method is Method.MUSHRA:
        sounds[REFERENCE] = [str(page.get("reference"))]
    return {"name": str(page.get("id") or page.get("name") or number), "sounds": sounds}


def _question(asking: list[dict[str, Any]]) -> str:
    return str(asking[0].get("content") or asking[0].get("name") or "")


def _fields(page: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for number, field in enumerate(_rows(page.get("questionnaire"))):
        key = "".join(letter if letter.isalnum() else "_" for letter in str(field.get("name", number)).lower())
        options = [str(option.get("label", option.get("value"))) for option in _rows(field.get("response"))]
        yield {
            "key": f"q_{key}"[:64],
            "text": str(field.get("label") or field.get("name") or key)[:200],
            "kind": "choice" if options else "text",
            "options": options,
            "required": not _is_true(field.get("optional")),
        }


def _name(text: object) -> str:
    letters = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter in " ._-") else "-" for letter in str(text)
    )
    return letters.lstrip(" ._-")[:64] or "imported"
