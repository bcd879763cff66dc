"""Specs as people write them: strict tables in TOML, and what is wrong with one in a line."""

import re
import tomllib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from nebula.errors import SpecError

# The parser's time grows with the square of a key's parts; no key of ours has more than two.
_DOTTED = re.compile(r"(?<![\w\"'-])(?:[\w\"'-]++[ \t]*+\.[ \t]*+){20}")


# typing.Self is refused by the run-time check of types, which looks at each method by itself.
SpecT = TypeVar("SpecT", bound="Spec")


class SpecTable(BaseModel):
    """A table of a spec: unknown keys are refused, and "256" is not a number. A spec says exactly what runs."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Spec(SpecTable):
    """A whole spec, which has a name."""

    if TYPE_CHECKING:
        # Declared by each spec, in the place that it has in the file.
        name: str

    @classmethod
    def parse(cls: type[SpecT], content: Mapping[str, Any], source: str = "text") -> SpecT:
        """Returns the spec with this content, in the structure of the TOML form.

        Args:
            content: The spec.
            source: What messages call it.

        Raises:
            SpecError: A value is missing, unknown, of the wrong type or out of range.
        """
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            raise SpecError(f"spec {source!r}: {first_problem(error)}") from error

    def with_changes(self: SpecT, changes: Mapping[str, Any]) -> SpecT:
        """Returns the same spec with some top-level values replaced.

        Raises:
            SpecError: A value is of the wrong type or out of range, or does not fit the rest.
        """
        return self.parse({**self.model_dump(), **changes}, self.name)


def toml_content(text: str, source: str) -> dict[str, Any]:
    """Returns the content of a spec in TOML.

    Args:
        text: The spec.
        source: What messages call it.

    Raises:
        SpecError: It is not TOML.
    """
    if _DOTTED.search(text):
        raise SpecError(f"spec {source!r}: has a key of more than 20 parts, expected fewer")
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # Numbers of thousands of digits and dates that there are not are no TOMLDecodeError.
        raise SpecError(f"spec {source!r}: not TOML ({' '.join(str(error).split())[:200]})") from error


def first_problem(error: ValidationError) -> str:
    """Returns the first of what is wrong with a table, the key before what was given and what was expected."""
    problem = error.errors()[0]
    where = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"{where}: unknown key"
    if problem["type"] == "missing":
        return f"{where}: missing"
    message = problem["msg"].removeprefix("Value error, ")
    message = message[0].lower() + message[1:]
    if not where:
        return message
    return f"{where}: got {problem['input']!r}, {message}"
