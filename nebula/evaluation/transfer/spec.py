"""The spec of an evaluation of transfer: which classes, learned from what, tested on which recordings. In TOML."""

import os
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from nebula.errors import SpecError
from nebula.shipped import ShippedFiles
from nebula.spec_files import Spec, toml_content

ModelName = Literal["linear", "neighbours", "perceptron"]

#: What the curves of real recordings are called among what is learned from.
RECORDINGS = "recordings"

_SHIPPED = ShippedFiles("nebula.shipped_studies", ".toml", "transfer")


class TransferSpec(Spec):
    """What classifiers learn from, and on which recordings they are tested.

    Attributes:
        version: Of the form, 1.
        name: What the evaluation is called.
        distance: Name of the distance whose vectors classifiers see.
        models: Which kinds of them.
        largest: Most rendered sounds a class that are learned; sizes are the powers of two up to it.
        repeats: How often each size is learned, with other sounds, 2 or more.
        hold_out: What recordings to be tested on share with none to learn from: `corpus`, the library, or `group`.
        seed: Everything random follows from it, and which half of the recordings is for the test: the one that a study
            of the same seed and `hold_out` holds out of its search.
        recordings: The folder, zip or file of real recordings of each class, two classes or more.
        names: For some classes, patterns of which one has to match the name of a recording, its path within the folder,
            whatever its case: `*` stands for anything, `?` for one letter, `[ab]` for one of these. A class that is
            not listed has all recordings of its folder.
        training: What is learned beside the recordings, by name: for each class the name or path of a nebula, or the
            path of a corpus, of which what shares a library, or group, with the test is left out.

    Raises:
        SpecError: From `load` and `parse`; a value is missing, unknown, of the wrong type or out of range.
    """

    version: Literal[1]
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$")]
    distance: str = "log-mel"
    models: Annotated[tuple[ModelName, ...], Field(min_length=1)] = ("linear", "neighbours", "perceptron")
    largest: Annotated[int, Field(ge=1, le=65536)] = 8192
    repeats: Annotated[int, Field(ge=2, le=100)] = 5
    hold_out: Literal["group", "corpus"] = "corpus"
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    recordings: Annotated[dict[str, str], Field(min_length=2)]
    names: dict[str, Annotated[tuple[str, ...], Field(min_length=1)]] = Field(default_factory=dict)
    training: Annotated[dict[str, dict[str, str]], Field(min_length=1)]

    @field_validator("models", mode="before")
    @classmethod
    def _from_list(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @field_validator("names", mode="before")
    @classmethod
    def _from_lists(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {name: tuple(globs) if isinstance(globs, list) else globs for name, globs in value.items()}

    @model_validator(mode="after")
    def _classes_fit(self) -> "TransferSpec":
        if RECORDINGS in self.training:
            raise ValueError(f"training: got {RECORDINGS!r}, which is what the recordings themselves are called")
        for name in self.names:
            if name not in self.classes:
                raise ValueError(f"names.{name}: is no class, expected one of {', '.join(self.classes)}")
        for name, sounds in self.training.items():
            if set(sounds) != set(self.classes):
                raise ValueError(f"training.{name}: got {', '.join(sounds)}, expected {', '.join(self.classes)}")
        return self

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes, in the order of their labels."""
        return tuple(self.recordings)

    @classmethod
    def shipped(cls) -> tuple[str, ...]:
        """Returns the names of the specs that come with the package, in alphabetical order."""
        return _SHIPPED.names()

    @classmethod
    def load(cls, name_or_path: str | os.PathLike[str]) -> "TransferSpec":
        """Returns a spec that comes with the package, by name, or one from a TOML file.

        Raises:
            SpecError: There is no such name or file, or its content is not a spec.
        """
        text, source = _SHIPPED.read(name_or_path, "spec", SpecError)
        return cls.parse(toml_content(text, source), source)
