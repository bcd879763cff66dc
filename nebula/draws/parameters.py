"""What a synthesizer can be set to: its parameters, and the panel that they are in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from nebula.errors import ArgumentError
from nebula.tensors import Bool, Float, Tensor, torch


@dataclass(frozen=True)
class Parameter:
    """One knob or switch of a synthesizer.

    Attributes:
        module: Name of the module that owns it, such as `vco_1`.
        name: Its name within the module, such as `tuning`.
        minimum: Smallest physical value, in `unit`; 0 for a switch.
        maximum: Largest physical value, in `unit`; the number of choices for a switch.
        unit: Unit of the physical value; empty for a plain ratio.
        description: What turning it does.
        choices: What a switch can be set to, two or more names; empty for a knob. The unit interval is cut into equal
            parts, one a choice, and the physical value is the number of the choice, counted from 0.

    Raises:
        ArgumentError: The range is empty, or a switch has fewer than two choices or two of one name.
    """

    module: str
    name: str
    minimum: float
    maximum: float
    unit: str
    description: str
    choices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.minimum < self.maximum:
            raise ArgumentError(
                f"{self.path}: got a range from {self.minimum:g} to {self.maximum:g}, expected the smaller value first"
            )
        if self.choices and (self.minimum, self.maximum) != (0, len(self.choices)):
            raise ArgumentError(
                f"{self.path}: got a range from {self.minimum:g} to {self.maximum:g}, "
                f"expected 0 to the number of choices ({len(self.choices)})"
            )
        if len(self.choices) == 1 or len(set(self.choices)) < len(self.choices):
            raise ArgumentError(f"{self.path}: got choices {self.choices}, expected two or more different names")

    @classmethod
    def switch(cls, module: str, name: str, choices: tuple[str, ...], description: str) -> "Parameter":
        """Returns a parameter that is one of several named choices.

        Raises:
            ArgumentError: There are fewer than two choices, or two of one name.
        """
        if len(choices) < 2:
            raise ArgumentError(f"{module}.{name}: got choices {choices}, expected two or more different names")
        return cls(module, name, 0.0, float(len(choices)), "", description, choices)

    @property
    def path(self) -> str:
        """`module.name`, the form that globs in study specs match, such as `vco_1.tuning`."""
        return f"{self.module}.{self.name}"


@dataclass(frozen=True)
class Panel:
    """The parameters of a synthesizer, in the order of the columns of its parameter tensors.

    Attributes:
        parameters: One or more, each path once; those of one module stand together.

    Raises:
        ArgumentError: There is none, a path stands twice, or a module's parameters are apart.
    """

    parameters: tuple[Parameter, ...]

    def __post_init__(self) -> None:
        if not self.parameters:
            raise ArgumentError("parameters: got none, expected one or more")
        paths = [parameter.path for parameter in self.parameters]
        if twice := next((path for path in paths if paths.count(path) > 1), None):
            raise ArgumentError(f"parameters: got {twice} twice, expected each once")
        left: set[str] = set()
        for before, parameter in zip(self.parameters, self.parameters[1:], strict=False):
            if before.module != parameter.module:
                left.add(before.module)
            if parameter.module in left:
                raise ArgumentError(f"parameters: got {parameter.path} apart from the others of {parameter.module}")

    def __len__(self) -> int:
        return len(self.parameters)

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self.parameters)

    def __getitem__(self, column: int) -> Parameter:
        return self.parameters[column]

    @cached_property
    def columns(self) -> dict[tuple[str, str], int]:
        """Column of each parameter, by module and name."""
        return {(parameter.module, parameter.name): column for column, parameter in enumerate(self.parameters)}

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Path of each parameter, in the order of the columns."""
        return tuple(parameter.path for parameter in self.parameters)

    @cached_property
    def modules(self) -> dict[str, slice]:
        """The columns of each module, in the order of the columns."""
        found: dict[str, slice] = {}
        for column, parameter in enumerate(self.parameters):
            first = found[parameter.module].start if parameter.module in found else column
            found[parameter.module] = slice(first, column + 1)
        return found

    @cached_property
    def draw_order(self) -> tuple[int, ...]:
        """Which column gets the first, second, ... number of a sound's draw: columns in the order of their paths.

        torchsynth assigns its draws to parameters that are sorted so.
        """
        return tuple(sorted(range(len(self)), key=lambda column: self.paths[column]))

    def ranges(self, like: Tensor) -> tuple[Float[Tensor, " parameter"], Float[Tensor, " parameter"]]:
        """Returns the smallest and the largest physical values, with the dtype and on the device of `like`."""
        minimum = torch.tensor([p.minimum for p in self.parameters], dtype=like.dtype, device=like.device)
        maximum = torch.tensor([p.maximum for p in self.parameters], dtype=like.dtype, device=like.device)
        return minimum, maximum

    @cached_property
    def switches(self) -> Bool[Tensor, " parameter"] | None:
        """Which parameters are choices; None where there is none."""
        flags = [bool(parameter.choices) for parameter in self.parameters]
        return torch.tensor(flags) if any(flags) else None
