"""The spec of an encoder that is trained on doppelgängers alone. In TOML."""

import os
from typing import Annotated, Literal

from pydantic import Field, model_validator

from nebula.errors import SpecError
from nebula.shipped import ShippedFiles
from nebula.spec_files import Spec, toml_content

#: Shares of all steps after which the rate falls to a tenth.
MILESTONES = (0.775, 0.85, 0.925)

#: Share of an epoch that nothing is learned from.
VALIDATION_SHARE = 0.1

_SHIPPED = ShippedFiles("nebula.shipped_studies", ".toml", "embeddings")


class EncoderSpec(Spec):
    """What an encoder learns from, and for how long. The defaults are those of Cherep and Singh.

    Attributes:
        version: Of the form, 1.
        name: What the encoder is called.
        nebula: Name or path of the nebula whose pairs are learned from.
        delta: How far both members of a pair are from their draw, see `nebula.data.Pairs`.
        augmented: Whether both are given effects, each its own; with a delta of 0 that is all they differ by.
        duration_seconds: Of each sound.
        width: Channels of the network's first layer; vectors have eight times as many numbers.
        epochs: How often `epoch_pairs` are drawn; none is drawn twice.
        epoch_pairs: Pairs of an epoch, a tenth of which tell how training went.
        batch_pairs: Pairs that the weights change after: 768 on each of two devices.
        base_rate: Learning rate for 256 pairs; it grows with the batch, and falls to a tenth at 77.5, 85 and 92.5 %.
        weight_decay: Of plain stochastic gradient descent.
        seed: Everything random follows from it.

    Raises:
        SpecError: From `load` and `parse`; a value is missing, unknown, of the wrong type or out of range.
    """

    version: Literal[1]
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$")]
    nebula: str = "voice/uniform"
    delta: Annotated[float, Field(ge=0, le=10)] = 0.25
    augmented: bool = False
    duration_seconds: Annotated[float, Field(ge=0.25, le=60)] = 1.0
    width: Annotated[int, Field(ge=1, le=256)] = 64
    epochs: Annotated[int, Field(ge=1, le=10_000)] = 200
    epoch_pairs: Annotated[int, Field(ge=20, le=10_000_000)] = 100_000
    batch_pairs: Annotated[int, Field(ge=4, le=65_536)] = 1536
    base_rate: Annotated[float, Field(gt=0, le=10)] = 0.12
    weight_decay: Annotated[float, Field(ge=0, le=1)] = 1e-6
    seed: Annotated[int, Field(ge=0, lt=2**20)] = 0

    @model_validator(mode="after")
    def _batch_fits(self) -> "EncoderSpec":
        if self.epoch_steps < 1:
            learned = self.epoch_pairs - self.validation_pairs
            raise ValueError(
                f"batch_pairs: got {self.batch_pairs}, expected {learned} or fewer, nine tenths of an epoch"
            )
        return self

    @property
    def validation_pairs(self) -> int:
        """Pairs that nothing is learned from."""
        return round(self.epoch_pairs * VALIDATION_SHARE)

    @property
    def epoch_steps(self) -> int:
        """Changes of the weights in an epoch."""
        return (self.epoch_pairs - self.validation_pairs) // self.batch_pairs

    @property
    def steps(self) -> int:
        """Changes of the weights in all."""
        return self.epochs * self.epoch_steps

    def rate(self, step: int) -> float:
        """Returns the learning rate of a step: 0.12 x batch / 256, and a tenth of it behind each milestone.

        Args:
            step: Counted from 0; its epoch decides.
        """
        done = (step // self.epoch_steps) / self.epochs
        return self.base_rate * self.batch_pairs / 256 * 0.1 ** sum(done >= milestone for milestone in MILESTONES)

    @classmethod
    def shipped(cls) -> tuple[str, ...]:
        """Returns the names of the specs that come with the package, in alphabetical order."""
        return _SHIPPED.names()

    @classmethod
    def load(cls, name_or_path: str | os.PathLike[str]) -> "EncoderSpec":
        """Returns a spec that comes with the package, by name, or one from a TOML file.

        Raises:
            SpecError: There is no such name or file, or its content is not a spec.
        """
        text, source = _SHIPPED.read(name_or_path, "spec", SpecError)
        return cls.parse(toml_content(text, source), source)
