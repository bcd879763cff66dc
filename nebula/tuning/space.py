"""The search space: points of a unit box, and the nebulae they stand for."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nebula.draws import Correlation, Panel
from nebula.errors import SpecError
from nebula.nebulae import Nebula
from nebula.tensors import Float64, np
from nebula.tuning.spec import StudySpec, frozen_columns

Point = Float64[np.ndarray, " dimension"]


@dataclass(frozen=True)
class Space:
    """What a study varies: curves, log-uniform within their range, and optionally falls, symmetry flags or correlation.

    A point lies in [0, 1]^dimension. Its first coordinates are the tuned curves on a logarithmic scale, in the order of
    the panel; then, where falls are tuned, these likewise; then, where symmetry is tuned, a coordinate a parameter, of
    which 0.5 and above means symmetric; or, where correlation is tuned, the loadings of one parameter after the other,
    from -1 at 0 to 1 at 1.

    Attributes:
        start: Gives every value that does not vary.
        columns: Which parameters vary.
        curve_range: Smallest and largest curve.
        tunes_symmetry: Whether the flags vary too.
        rank: How many loadings of each parameter vary: all that any correlation needs, or 0, which keeps the start's.
        fall_range: Smallest and largest fall; None keeps the start's.
    """

    start: Nebula
    columns: tuple[int, ...]
    curve_range: tuple[float, float]
    tunes_symmetry: bool
    rank: int = 0
    fall_range: tuple[float, float] | None = None

    @classmethod
    def of(cls, spec: StudySpec, start: Nebula | None = None) -> "Space":
        """Returns the space that a spec describes.

        Args:
            spec: The study.
            start: What gives every value that does not vary, instead of the nebula that the spec names.

        Raises:
            NebulaFileError: The start nebula cannot be loaded.
            SpecError: The start is a nebula of another synth, or what is frozen does not fit its parameters.
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
        free = [column for column in range(len(begun.panel)) if column not in frozen]
        return cls(
            begun,
            tuple(free),
            search.curve_range,
            search.tune == "curves+symmetry",
            len(free) if search.tune.endswith("+correlation") else 0,
            search.fall_range if search.tune.startswith("curves+falls") else None,
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
        """Number of coordinates that stand for curves and falls."""
        return len(self.columns) * (1 + self.tunes_falls)

    @property
    def dimension(self) -> int:
        """Number of coordinates."""
        return self.bends + len(self.columns) * (self.tunes_symmetry + self.rank)

    @property
    def binary(self) -> tuple[bool, ...]:
        """Which coordinates stand for a flag."""
        return (False,) * self.bends + (self.tunes_symmetry,) * (self.dimension - self.bends)

    @property
    def widths(self) -> Float64[np.ndarray, " bend"]:
        """How wide the range of each coordinate's curve or fall is, as a natural logarithm."""
        spans = [np.diff(np.log(limits)).repeat(len(self.columns)) for limits in self.ranges.values()]
        return np.concatenate(spans)

    def nebula(self, point: Point, name: str = "unnamed") -> Nebula:
        """Returns the nebula that a point stands for."""
        bent = [list(self.start.curves), list(self.start.falls)]
        symmetric = list(self.start.symmetric)
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
        """Returns the point that stands for a nebula, or the nearest one where its curves or falls leave the range."""
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

    def values(self, nebula: Nebula) -> dict[str, float | int]:
        """Returns a nebula of this space as Optuna's parameter values, without its correlation."""
        rows: dict[str, tuple[float, ...]] = {"curve": nebula.curves, "fall": nebula.falls}
        paths = self.panel.paths
        bends: dict[str, float | int] = {
            f"{paths[column]}.{kind}": rows[kind][column] for kind in self.ranges for column in self.columns
        }
        flags = {f"{paths[column]}.symmetric": int(nebula.symmetric[column]) for column in self.columns}
        return bends | flags if self.tunes_symmetry else bends

    def from_values(
        self, values: dict[str, float | int], name: str = "unnamed", correlation: Correlation | None = None
    ) -> Nebula:
        """Returns the nebula with these parameter values of Optuna's, and this correlation where it is tuned."""
        start = self.start
        kinds: dict[str, tuple[float, ...]] = {"curve": start.curves, "fall": start.falls, "symmetric": start.symmetric}
        curves, falls, symmetric = (
            [values.get(f"{path}.{kind}", kept) for path, kept in zip(self.panel.paths, known, strict=True)]
            for kind, known in kinds.items()
        )
        together = correlation if self.rank else start.correlation
        return Nebula(
            tuple(map(float, curves)),
            tuple(map(bool, symmetric)),
            name,
            together,
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
