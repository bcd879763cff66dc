"""The search space: points of a unit box, and the nebulae they stand for."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from nebula.draws import Correlation, Panel
from nebula.errors import SpecError
from nebula.nebulae import Nebula
from nebula.tensors import Float64, np
from nebula.tuning.spec import StudySpec, frozen_columns

#: What the weight of a component is called among Optuna's parameter values.
WEIGHT = "weight"

#: How wide the logarithms of weights range, before they are brought to a sum of 1.
LOG_WEIGHTS = 12.0

# A component that weighs less is dropped: of a set of 100 sounds it would make less than one.
_EMPTY = 0.01

Point = Float64[np.ndarray, " dimension"]


@dataclass(frozen=True)
class Space:
    """What a study varies: curves, log-uniform within their range, and optionally falls, symmetry flags or correlation.

    A point lies in [0, 1]^dimension. Its first coordinates are the tuned curves on a logarithmic scale, in the order of
    the panel; then, where falls are tuned, these likewise; then, where symmetry is tuned, a coordinate a parameter, of
    which 0.5 and above means symmetric; or, where correlation is tuned, the loadings of one parameter after the other,
    from -1 at 0 to 1 at 1. Of a mixture it holds the curves and falls of one component after the other, then their
    weights, whose logarithms are from -6 at 0 to 6 at 1 before they are brought to a sum of 1.

    Attributes:
        start: Gives every value that does not vary.
        columns: Which parameters vary.
        curve_range: Smallest and largest curve.
        tunes_symmetry: Whether the flags vary too.
        rank: How many loadings of each parameter vary: all that any correlation needs, or 0, which keeps the start's.
        fall_range: Smallest and largest fall; None keeps the start's.
        components: Of the mixture; with one it is none.
    """

    start: Nebula
    columns: tuple[int, ...]
    curve_range: tuple[float, float]
    tunes_symmetry: bool
    rank: int = 0
    fall_range: tuple[float, float] | None = None
    components: int = 1

    @classmethod
    def of(cls, spec: StudySpec, start: Nebula | None = None) -> "Space":
        """Returns the space that a spec describes.

        Args:
            spec: The study.
            start: What gives every value that does not vary, instead of the nebula that the spec names.

        Raises:
            NebulaFileError: The start nebula cannot be loaded.
            SpecError: The start is a nebula of another synth, or what is frozen does not fit its parameters. Or it is a
                mixture of more components than are searched for, or of different symmetry, or one whose draws go
                together.
        """
        search = spec.search
        begun = start or Nebula.load(search.start)
        if spec.synth not in (None, begun.synth):
            raise SpecError(
                f"spec {spec.name!r}: search.start: got a nebula of the synth {begun.synth!r}, expected {spec.synth!r}"
            )
        try:
            frozen = frozen_columns(search.frozen, begun.panel)
        except ValueError as error:
            raise SpecError(f"spec {spec.name!r}: search.frozen: {error}") from error
        parts = [part for _, part in begun.components]
        if len(parts) > search.components:
            raise SpecError(
                f"spec {spec.name!r}: search.components: got {search.components}, expected at least {len(parts)}, "
                "which the start has"
            )
        if search.components > 1 and any(part.correlation or part.symmetric != begun.symmetric for part in parts):
            raise SpecError(
                f"spec {spec.name!r}: search.start: has components that differ in symmetry or whose draws go together, "
                "expected neither where several are searched for"
            )
        free = [column for column in range(len(begun.panel)) if column not in frozen]
        return cls(
            begun,
            tuple(free),
            search.curve_range,
            search.tune == "curves+symmetry",
            len(free) if search.tune.endswith("+correlation") else 0,
            search.fall_range if search.tune.startswith("curves+falls") else None,
            search.components,
        )

    @property
    def panel(self) -> Panel:
        """The parameters of the synth whose nebulae these are."""
        return self.start.panel

    @property
    def tunes_falls(self) -> bool:
        """Whether falls vary too."""
        return self.fall_range is not None

    @property
    def ranges(self) -> dict[str, tuple[float, float]]:
        """What varies on a logarithmic scale, and between which limits: `curve`, and `fall` where it does."""
        return {"curve": self.curve_range} | ({} if self.fall_range is None else {"fall": self.fall_range})

    @property
    def bends(self) -> int:
        """Number of coordinates that stand for curves and falls, of each component."""
        return len(self.columns) * (1 + self.tunes_falls)

    @property
    def dimension(self) -> int:
        """Number of coordinates."""
        weights = self.components if self.components > 1 else 0
        return self.components * self.bends + weights + len(self.columns) * (self.tunes_symmetry + self.rank)

    @property
    def binary(self) -> tuple[bool, ...]:
        """Which coordinates stand for a flag."""
        return (False,) * self.bends + (self.tunes_symmetry,) * (self.dimension - self.bends)

    @property
    def widths(self) -> Float64[np.ndarray, " bend"]:
        """How wide the range of each coordinate's curve or fall is, as a natural logarithm, in each component."""
        spans = [np.diff(np.log(limits)).repeat(len(self.columns)) for limits in self.ranges.values()]
        return np.concatenate(spans)

    def nebula(self, point: Point, name: str = "unnamed") -> Nebula:
        """Returns the nebula that a point stands for."""
        if self.components == 1:
            return self._plain(point, name, self.start)
        weights = self.weights(point)
        parts = np.split(point[: self.components * self.bends], self.components)
        named = [
            self._plain(part, f"{name}, {number}", start)
            for number, (part, start) in enumerate(zip(parts, self._starts, strict=True), 1)
        ]
        return Nebula.mixture(
            [(weight, part) for weight, part in zip(weights.tolist(), named, strict=True) if weight], name
        )

    def weights(self, point: Point) -> Float64[np.ndarray, " component"]:
        """Returns the weights of the components of the nebula that a point stands for; 0 of those that are dropped."""
        if self.components == 1:
            return np.ones(1)
        grown = np.exp(LOG_WEIGHTS * (np.asarray(point[-self.components :], dtype=np.float64) - 0.5))
        kept = np.where(grown < _EMPTY * grown.sum(), 0.0, grown)
        return np.asarray(kept / kept.sum(), dtype=np.float64)

    def kept(self, point: Point) -> tuple[int, ...]:
        """Returns the numbers, from 1, of the components that a point does not drop; none without a mixture."""
        if self.components == 1:
            return ()
        return tuple((np.flatnonzero(self.weights(point)) + 1).tolist())

    @property
    def _starts(self) -> list[Nebula]:
        """What each component keeps of the start: its components in turn."""
        parts = [part for _, part in self.start.components]
        return [parts[number % len(parts)] for number in range(self.components)]

    def _plain(self, point: Point, name: str, start: Nebula) -> Nebula:
        bent = [list(start.curves), list(start.falls)]
        symmetric = list(start.symmetric)
        parts = np.split(np.asarray(point[: self.bends], dtype=np.float64), len(self.ranges))
        for values, limits, part in zip(bent, self.ranges.values(), parts, strict=False):
            low, high = (math.log(limit) for limit in limits)
            for column, coordinate in zip(self.columns, part.tolist(), strict=True):
                # Clamped: exp(log(10)) is not exactly 10, and Optuna refuses what lies outside.
                values[column] = min(max(math.exp(low + (high - low) * coordinate), limits[0]), limits[1])
        if self.tunes_symmetry:
            for column, flag in zip(self.columns, point[self.bends :], strict=True):
                symmetric[column] = bool(flag >= 0.5)
        rows = 2 * np.asarray(point[self.bends :], dtype=np.float64) - 1 if self.rank else None
        curves, falls = map(tuple, bent)
        return Nebula(curves, tuple(symmetric), name, self._correlation(rows), self.start.synth, falls)

    def point(self, nebula: Nebula) -> Point:
        """Returns the point that stands for a nebula, or the nearest one where its curves or falls leave the range.

        Where it has fewer components than the space, they are repeated, and share their weight.
        """
        if self.components > 1:
            parts = nebula.components
            shares = np.bincount(np.arange(self.components) % len(parts), minlength=len(parts))
            weights = [parts[number % len(parts)][0] / shares[number % len(parts)] for number in range(self.components)]
            logarithms = np.log(weights) - np.log(weights).mean()
            bends = [self._plain_point(parts[number % len(parts)][1]) for number in range(self.components)]
            return np.concatenate([*bends, np.clip(logarithms / LOG_WEIGHTS + 0.5, 0.0, 1.0)])
        return self._plain_point(nebula)

    def _plain_point(self, nebula: Nebula) -> Point:
        bends = []
        for values, limits in zip((nebula.curves, nebula.falls), self.ranges.values(), strict=False):
            low, high = (math.log(limit) for limit in limits)
            bends += [(math.log(values[column]) - low) / (high - low) for column in self.columns]
        flags = [float(nebula.symmetric[column]) for column in self.columns] if self.tunes_symmetry else []
        rows = np.zeros((len(self.columns), self.rank))
        if nebula.correlation is not None:
            kept = np.array(nebula.correlation.loadings)[list(self.columns), : self.rank]
            rows[:, : kept.shape[1]] = kept
        loadings = ((rows + 1) / 2).ravel().tolist()
        return np.clip(np.array(bends + flags + loadings, dtype=np.float64), 0.0, 1.0).astype(np.float64)

    @property
    def names(self) -> tuple[str, ...]:
        """What Optuna's parameter values may be called."""
        further = range(1, self.components + 1)
        names = [self._name(number, name) for number in further for name in self._own_names]
        # The first component of all never needs its weight: it has what is left.
        return tuple(name for name in names if name != WEIGHT)

    @property
    def _own_names(self) -> tuple[str, ...]:
        """What the values of each component are called, without its number."""
        bends = [f"{self.panel.paths[column]}.{kind}" for kind in self.ranges for column in self.columns]
        flags = [f"{self.panel.paths[column]}.symmetric" for column in self.columns if self.tunes_symmetry]
        return (*bends, *flags, WEIGHT)

    def values(self, nebula: Nebula, numbers: tuple[int, ...] = ()) -> dict[str, float | int]:
        """Returns a nebula of this space as Optuna's parameter values, without its correlation.

        Those of the second component and further ones begin with its number; the first that is there has the weight
        that is left.

        Args:
            nebula: Of this space.
            numbers: Of its components, as `kept` returns them; from 1 on without a gap if empty.
        """
        components = nebula.components
        values: dict[str, float | int] = {}
        for place, (number, (weight, part)) in enumerate(
            zip(numbers or range(1, len(components) + 1), components, strict=True)
        ):
            mine = self._plain_values(part) | ({WEIGHT: weight} if place else {})
            values |= {self._name(number, name): value for name, value in mine.items()}
        return values

    @staticmethod
    def _name(number: int, name: str) -> str:
        return name if number == 1 else f"{number}:{name}"

    def _plain_values(self, nebula: Nebula) -> dict[str, float | int]:
        rows: dict[str, tuple[float, ...]] = {"curve": nebula.curves, "fall": nebula.falls}
        paths = self.panel.paths
        bends: dict[str, float | int] = {
            f"{paths[column]}.{kind}": rows[kind][column] for kind in self.ranges for column in self.columns
        }
        flags = {f"{paths[column]}.symmetric": int(nebula.symmetric[column]) for column in self.columns}
        return bends | flags if self.tunes_symmetry else bends

    def numbers(self, values: dict[str, float | int]) -> tuple[int, ...]:
        """Returns what `kept` returned, from Optuna's parameter values."""
        if self.components == 1:
            return ()
        found = {int(number) if colon else 1 for number, colon, _ in (name.partition(":") for name in values)}
        return tuple(sorted(found))

    def from_values(
        self, values: dict[str, float | int], name: str = "unnamed", correlation: Correlation | None = None
    ) -> Nebula:
        """Returns the nebula with these parameter values of Optuna's, and this correlation where it is tuned."""
        together = correlation if self.rank else self.start.correlation
        starts = self._starts
        parts: list[tuple[float, Nebula]] = []
        for number in self.numbers(values) or (1,):
            mine = {known: values[full] for known in self._own_names if (full := self._name(number, known)) in values}
            called = f"{name}, {number}" if parts else name
            part = self._from_plain_values(mine, called, None if parts else together, starts[number - 1])
            # What the first one weighs is what the others leave.
            parts.append((float(mine.get(WEIGHT, 1.0)), part))
        (_, first), *others = parts
        return replace(first, others=tuple(others))

    def _from_plain_values(
        self, values: dict[str, float | int], name: str, correlation: Correlation | None, start: Nebula
    ) -> Nebula:
        kinds: dict[str, tuple[float, ...]] = {"curve": start.curves, "fall": start.falls, "symmetric": start.symmetric}
        curves, falls, symmetric = (
            [values.get(f"{path}.{kind}", kept) for path, kept in zip(self.panel.paths, known, strict=True)]
            for kind, known in kinds.items()
        )
        return Nebula(
            tuple(map(float, curves)),
            tuple(map(bool, symmetric)),
            name,
            correlation,
            start.synth,
            tuple(map(float, falls)),
        )

    def _correlation(self, loadings: Float64[np.ndarray, " loading"] | None) -> Correlation | None:
        """The start's correlation, or the one with these loadings of the tuned parameters; none where all are 0."""
        if loadings is None:
            return self.start.correlation
        if not loadings.any():
            return None
        rows = np.zeros((len(self.panel), self.rank))
        rows[list(self.columns)] = loadings.reshape(-1, self.rank)
        return Correlation(tuple(tuple(row) for row in rows.tolist()))
