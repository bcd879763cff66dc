"""The nebula: a distribution over the sounds of one synthesizer.

One curve, one fall and one symmetry flag for each of its parameters, and which draws go together. `nebula.nebula_files`
reads and writes the JSON forms.
"""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nebula import nebula_files, synths
from nebula.draws import Correlation, Panel
from nebula.draws.surround import around_choice, around_place
from nebula.errors import ArgumentError, NebulaFileError
from nebula.files import write_whole
from nebula.shipped import ShippedFiles

#: Smallest and largest fall: beyond them draws in float32 lose digits.
FALLS = (1e-30, 1e300)

#: Behind a synth's name and a slash: the nebula of that synth that leaves every draw uniform.
UNIFORM = "uniform"

_SHIPPED = ShippedFiles("nebula.shipped_nebulae", ".json")


@dataclass(frozen=True)
class Nebula:
    """Curves, falls and symmetry of one synth; columns in the order of its panel.

    Attributes:
        curves: A positive finite number for each parameter; 1 leaves its draw uniform.
        symmetric: Whether each parameter's curve bends around the centre of its range.
        name: What messages, plots and reports call it. Not part of its identity: two nebulae are equal if they make the
            same sounds.
        correlation: Which draws go together; None draws all parameters independently.
        synth: Name of the synthesizer.
        falls: The second exponent of each parameter's curve, from 1e-30 to 1e300, by which values rest within the range
            and not at an end of it only (`nebula.draws.curves`); 1 leaves the curve alone. Where none is given, 1
            throughout.
        others: What else sounds are drawn from, where it is a mixture: the weight of each further component, and the
            component. The first one, of the weight that is left, is given by the attributes above.

    Raises:
        ArgumentError: There is not one of each for each parameter, a curve is not a positive finite number, or a fall
            is outside its range. Or the weights of others are not positive or leave none, or one of them is another
            synth's or a mixture itself.
        SynthError: There is no such synthesizer.

    Example:
        >>> import nebula
        >>> drum = nebula.Nebula.load("drum")
        >>> drum.curve("keyboard", "duration")
        0.01
        >>> drum.synth
        'voice'
    """

    curves: tuple[float, ...]
    symmetric: tuple[bool, ...]
    name: str = "unnamed"
    correlation: Correlation | None = None
    synth: str = "voice"
    falls: tuple[float, ...] = ()
    others: tuple[tuple[float, "Nebula"], ...] = ()

    def __post_init__(self) -> None:
        panel = self.panel
        if not self.falls:
            object.__setattr__(self, "falls", (1.0,) * len(panel))
        rows: dict[str, tuple[Any, ...]] = {"curves": self.curves, "symmetric": self.symmetric, "falls": self.falls}
        if self.correlation is not None:
            rows["loadings"] = self.correlation.loadings
        for field, values in rows.items():
            if len(values) != len(panel):
                raise ArgumentError(f"{field}: got {len(values)} values, expected {len(panel)}")
        for parameter, curve in zip(panel, self.curves, strict=True):
            if not (curve > 0 and math.isfinite(curve)):
                raise ArgumentError(f"curves: {parameter.path} is {curve!r}, expected a positive finite number")
        for parameter, fall in zip(panel, self.falls, strict=True):
            if not FALLS[0] <= fall <= FALLS[1]:
                raise ArgumentError(
                    f"falls: {parameter.path} is {fall!r}, expected a number from {FALLS[0]:g} to {FALLS[1]:g}"
                )
        weights = [weight for weight, _ in self.others]
        if not all(weight > 0 for weight in weights) or not sum(weights) < 1:
            listed = ", ".join(f"{weight:g}" for weight in weights)
            raise ArgumentError(f"others: got weights {listed}, expected positive numbers that add up to less than 1")
        for _, other in self.others:
            if other.synth != self.synth or other.others:
                kind = "a mixture" if other.others else f"a nebula of the synth {other.synth!r}"
                raise ArgumentError(f"others: got {kind}, expected plain nebulae of the synth {self.synth!r}")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Nebula):
            return NotImplemented
        return self._sounds == other._sounds

    def __hash__(self) -> int:
        return hash(self._sounds)

    @property
    def _sounds(self) -> tuple[Any, ...]:
        return self.synth, self.curves, self.falls, self.symmetric, self.correlation, self.others

    @property
    def _content(self) -> nebula_files.Content:
        others = tuple((weight, other._content) for weight, other in self.others)
        return nebula_files.Content(self.synth, self.curves, self.symmetric, self.correlation, self.falls, others)

    @property
    def panel(self) -> Panel:
        """The parameters of its synthesizer."""
        return synths.get(self.synth).panel

    def curve(self, module: str, parameter: str) -> float:
        """Returns one parameter's curve."""
        return self.curves[self.panel.columns[module, parameter]]

    @property
    def components(self) -> "tuple[tuple[float, Nebula], ...]":
        """Weights that add up to 1, and the plain nebulae that sounds are drawn from; itself alone without others."""
        left = 1.0 - sum(weight for weight, _ in self.others)
        return ((left, replace(self, others=())), *self.others)

    @classmethod
    def mixture(cls, components: "Sequence[tuple[float, Nebula]]", name: str = "unnamed") -> "Nebula":
        """Returns the nebula of which each sound is drawn from one of several.

        Args:
            components: A weight, in any unit, and a plain nebula each; one or more, all of one synth.
            name: Name of the result.

        Raises:
            ArgumentError: There is no component, a weight is not positive, or the nebulae do not go together.

        Example:
            >>> import nebula
            >>> drum, default = nebula.Nebula.load("drum"), nebula.Nebula.load("default")
            >>> [weight for weight, _ in nebula.Nebula.mixture([(3, drum), (1, default)]).components]
            [0.75, 0.25]
        """
        if not components:
            raise ArgumentError("components: got none, expected one or more")
        total = sum(weight for weight, _ in components)
        (_, first), *others = components
        if first.others:
            raise ArgumentError("components: got a mixture, expected plain nebulae")
        return replace(first, name=name, others=tuple((weight / total, other) for weight, other in others))

    @property
    def is_two_sided(self) -> bool:
        """Whether a parameter has a fall other than 1."""
        return any(fall != 1.0 for fall in self.falls)

    @classmethod
    def uniform(cls, synth: str = "voice") -> "Nebula":
        """Returns the nebula of a synth that leaves every draw uniform.

        Ranges from a negative to a positive value are bent around their centre, once a search bends them.

        Raises:
            SynthError: There is no such synthesizer.
        """
        panel = synths.get(synth).panel
        symmetric = tuple(parameter.minimum < 0 < parameter.maximum for parameter in panel)
        return cls((1.0,) * len(panel), symmetric, f"{synth}/{UNIFORM}", None, synth)

    @classmethod
    def around(cls, values: Sequence[float], width: float, synth: str = "voice", name: str = "unnamed") -> "Nebula":
        """Returns the nebula that surrounds one setting of a synth.

        Each knob is most often at its value of the setting, and the central 90 % of its draws take a share `width` of
        its range; each switch keeps its choice.

        Args:
            values: Physical value of each parameter, in the order of the panel; the number of a choice for a switch.
            width: From 0.005 to below 0.9, which is that of a uniform draw.
            synth: Name of the synthesizer.
            name: Name of the result.

        Raises:
            ArgumentError: The width is outside what is allowed, or a value outside its parameter's range; or there is
                not one for each parameter.
            SynthError: There is no such synthesizer.

        Example:
            >>> import nebula
            >>> middle = [(p.minimum + p.maximum) / 2 for p in nebula.PARAMETERS]
            >>> near = nebula.Nebula.around(middle, 0.1)
            >>> round(near.curves[0], 3), round(near.falls[0])
            (19.47, 688787)
        """
        panel = synths.get(synth).panel
        if len(values) != len(panel):
            raise ArgumentError(f"values: got {len(values)}, expected {len(panel)}")
        bends = []
        for parameter, value in zip(panel, values, strict=True):
            # Files hold nine digits.
            slack = 1e-6 * (parameter.maximum - parameter.minimum)
            if not parameter.minimum - slack <= value <= parameter.maximum + slack:
                raise ArgumentError(
                    f"{parameter.path}: got {value:g}, expected a value from {parameter.minimum:g} to "
                    f"{parameter.maximum:g}"
                )
            if parameter.choices:
                count = len(parameter.choices)
                bends.append(around_choice(min(int(value), count - 1), count))
            else:
                place = (value - parameter.minimum) / (parameter.maximum - parameter.minimum)
                bends.append(around_place(place, width))
        curves, falls = zip(*bends, strict=True)
        return cls(curves, (False,) * len(panel), name, None, synth, falls)

    @classmethod
    def shipped(cls) -> tuple[str, ...]:
        """Returns the names of the nebulae that come with the package, in alphabetical order."""
        return _SHIPPED.names()

    @classmethod
    def known(cls, name: str) -> bool:
        """Returns whether a name means a nebula without any file: a shipped one, or `SYNTH/uniform`."""
        synth, slash, rest = name.rpartition("/")
        return name in cls.shipped() or (bool(slash) and rest == UNIFORM and not Path(name).exists() and bool(synth))

    @classmethod
    def load(cls, name_or_path: str | os.PathLike[str], base: "Nebula | None" = None) -> "Nebula":
        """Returns a nebula by its name, or one from a JSON file.

        Args:
            name_or_path: One of `Nebula.shipped()`, a synth's name and `/uniform`, or a path.
            base: Gives what a file of torchsynth's form does not list.

        Raises:
            NebulaFileError: There is no such name or file, or the file is not a complete nebula.
            SynthError: Its synthesizer is not there.

        Example:
            >>> import nebula
            >>> nebula.Nebula.load("voice/uniform").curves[0]
            1.0
        """
        if isinstance(name_or_path, str) and name_or_path in cls.shipped():
            return cls.from_json(_SHIPPED.text(name_or_path), name_or_path)
        if isinstance(name_or_path, str) and cls.known(name_or_path):
            return cls.uniform(name_or_path.rpartition("/")[0])
        path = Path(name_or_path)
        text = _SHIPPED.text_at(path, "nebula", NebulaFileError)
        beside = correlation_path(path)
        correlation = _SHIPPED.text_at(beside, "nebula", NebulaFileError) if beside.exists() else None
        return cls.from_json(text, path.stem, str(path), correlation, base)

    @classmethod
    def from_json(
        cls,
        text: str,
        name: str = "unnamed",
        source: str | None = None,
        correlation: str | None = None,
        base: "Nebula | None" = None,
    ) -> "Nebula":
        """Returns the nebula written as JSON, in torchsynth's form or in ours; see `nebula.nebula_files`.

        Args:
            text: The JSON text.
            name: Name of the result.
            source: What error messages call the text; `name` if not given.
            correlation: What lay beside a nebula in torchsynth's form, as earlier versions wrote it.
            base: Gives what torchsynth's form does not list.

        Raises:
            NebulaFileError: The text is neither form; the message names the first entry that is unknown, missing,
                repeated or has a wrong value. Or `correlation` is not one, or is another nebula's.
            SynthError: The synthesizer is not there.
        """
        where = f"nebula {source or name!r}"
        content = nebula_files.read(text, where, correlation, None if base is None else base._content)
        try:
            return cls._of(content, name)
        except ArgumentError as error:
            raise NebulaFileError(f"{where}: {error}") from error

    @classmethod
    def _of(cls, content: nebula_files.Content, name: str) -> "Nebula":
        others = tuple((weight, cls._of(other, f"{name} {n}")) for n, (weight, other) in enumerate(content.others, 2))
        return cls(content.curves, content.symmetric, name, content.correlation, content.synth, content.falls, others)

    def to_json(self) -> str:
        """Returns the nebula as JSON, in torchsynth's form where that holds all of it, else in ours."""
        return nebula_files.write(self._content)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the nebula as a JSON file, whole or not at all.

        A correlation that an earlier version wrote beside it is removed.

        Raises:
            NebulaFileError: The file cannot be written.
        """
        try:
            write_whole(Path(path), self.to_json())
            correlation_path(Path(path)).unlink(missing_ok=True)
        except OSError as error:
            raise NebulaFileError(f"nebula {str(path)!r}: cannot be written ({error.strerror})") from error


def correlation_path(path: Path) -> Path:
    """Returns where earlier versions wrote a correlation: `NAME.correlation.json` beside `NAME.json`."""
    return path.with_name(f"{path.stem}.correlation.json")
