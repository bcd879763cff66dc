"""Values as messages show them."""

import json
from typing import Any


def short(value: Any, characters: int = 60) -> str:
    """Returns a value as JSON, cut off where it is long; its type's name where JSON has no form for it.

    Args:
        value: Any value; what JSON does not know is shown as its text.
        characters: Longest result, at least 3.

    Example:
        >>> short({"kind": "curve"}), short("ab" * 40, 12)
        ('{"kind": "curve"}', '"abababab...')
    """
    try:
        text = json.dumps(value, default=str)
    except ValueError:
        text = type(value).__name__
    return text if len(text) <= characters else text[: characters - 3] + "..."
