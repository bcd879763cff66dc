"""What is asked in the end, as questions of ours."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from service.listening.webmushra.notes import Notes
from service.listening.webmushra.pages import is_true
from service.listening.webmushra.prose import plain

_MOST = 50
_CHOICES = frozenset({"checkbox", "checkboxes", "multiple_choice"})


def fields_of(pages: list[dict[str, Any]], notes: Notes) -> list[dict[str, Any]]:
    """Returns the questions of all pages, as forms of `QuestionnaireField`.

    Args:
        pages: Of any kind.
        notes: Where it is noted what is not kept.
    """
    met: Counter[str] = Counter()
    found: list[dict[str, Any]] = []
    for page in pages:
        for row in _rows(page.get("questionnaire")):
            found.append(_field(row, len(found), met, notes))
    if len(found) > _MOST:
        notes.add("left out", f"Of {len(found)} questions those after the {_MOST}th.")
    return found[:_MOST]


def _field(row: dict[str, Any], number: int, met: Counter[str], notes: Notes) -> dict[str, Any]:
    name = str(row.get("name") or row.get("id") or number)
    letters = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name.lower())
    key = f"q_{letters}"[:56]
    met[key] += 1
    if met[key] > 1:
        notes.add("changed", f"The question {name!r} comes more than once: the next one is called {key}_{met[key]}.")
        key = f"{key}_{met[key]}"
    text = plain(str(row.get("label") or row.get("text") or name))[0][:200] or name[:200]
    asked: dict[str, Any] = {"key": key, "text": text, "required": not is_true(row.get("optional"))}
    kind = str(row.get("type") or "").lower()
    options = list(dict.fromkeys(_options(row)))
    if options:
        if len(options) > _MOST:
            notes.add("left out", f"Of {len(options)} answers to {name!r} those after the {_MOST}th.")
        several = kind in _CHOICES
        return asked | {"kind": "choices" if several else "choice", "options": options[:_MOST]}
    if kind in ("number", "slider"):
        ends = {ours: _number(row.get(theirs)) for ours, theirs in (("minimum", "min"), ("maximum", "max"))}
        if row.get("default") is not None:
            notes.add("changed", "Fields for numbers begin empty, so that no default is taken for an answer.")
        if None in ends.values() or ends["minimum"] <= ends["maximum"]:  # type: ignore[operator] # neither is none
            return asked | {"kind": "number"} | ends
        return asked | {"kind": "number"}
    if kind not in ("text", "long_text", ""):
        notes.add("changed", f"The question {name!r} of the kind {kind!r} is answered by text.")
    return asked | {"kind": "text"}


def _options(row: dict[str, Any]) -> Iterator[str]:
    listed: list[Any] = next(
        (row[key] for key in ("response", "options", "values") if isinstance(row.get(key), list)), []
    )
    for option in listed:
        label = (option.get("label") or option.get("value")) if isinstance(option, dict) else option
        text = plain(str(label))[0][:200] if isinstance(label, str) else ""
        if text:
            yield text


def _number(value: object) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if abs(number) < 1e300 else None


def _rows(value: object) -> list[dict[str, Any]]:
    """Returns the mappings in what should be a list of them."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
