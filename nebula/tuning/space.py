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
    """What a study varies: curves, log-uniform within their range, and optionally symmetry flags or correlation.

    A point lies in [0, 1]^dimension. Its first coordinates are the tuned curves on a logarithmic scale, in the order of
    the panel; then, where symmetry is tuned, one coordinate a parameter, of which 0.5 and above means symmetric; or,
    where correlation is tuned, the loadings of one parameter after the other, from -1 at 0 to 1 at 1.

    Attributes:
        start: Gives every value that does not vary.
        columns: Which parameters vary.
        curve_range: Smallest and largest curve.
        tunes_symmetry: Whether the flags vary too.
        rank: How many loadings of each parameter vary: all that any correlation needs, or 0, which keeps the start's.
    """

    start: Nebula
    columns: tuple[int, ...]
    curve_range: tuple[float, float]
    tunes_symmetry: bool
    rank: int = 0

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
            len(free) if search.tune == "curves+correlation" else 0,
        )

    @property
    def panel(self) -> Panel:
        """The parameters of the synth whose nebulae these are."""
        return self.start.panel

    @property
    def dimension(self) -> int:
        """Number of coordinates."""
        return len(self.columns) * (1 + self.tunes_symmetry + self.rank)

    @property
    def binary(self) -> tuple[bool, ...]:
        """Which coordinates stand for a flag."""
        first = (False,) * len(self.columns)
        return first + (self.tunes_symmetry,) * (self.dimension - len(first))

    def nebula(self, point: Point, name: str = "unnamed") -> Nebula:
        """Returns the nebula that a point stands for."""
        curves, symmetric = list(self.start.curves), list(self.start.symmetric)
        low, high = (math.log(limit) for limit in self.curve_range)
        for i, column in enumerate(self.columns):
            # Clamped: exp(log(10)) is not exactly 10, and Optuna refuses what lies outside.
            curve = math.exp(low + (high - low) * float(point[i]))
            curves[column] = min(max(curve, self.curve_range[0]), self.curve_range[1])
            if self.tunes_symmetry:
                symmetric[column] = bool(point[len(self.columns) + i] >= 0.5)
        rows = 2 * np.asarray(point[len(self.columns) :], dtype=np.float64) - 1 if self.rank else None
        return Nebula(tuple(curves), tuple(symmetric), name, self._correlation(rows), self.start.synth)

    def point(self, nebula: Nebula) -> Point:
        """Returns the point that stands for a nebula, or the nearest one where its curves leave the range."""
        low, high = (math.log(limit) for limit in self.curve_range)
        curves = [(math.log(nebula.curves[column]) - low) / (high - low) for column in self.columns]
        flags = [float(nebula.symmetric[column]) for column in self.columns] if self.tunes_symmetry else []
        rows = np.zeros((len(self.columns), self.rank))
        if nebula.correlation is not None:
            kept = np.array(nebula.correlation.loadings)[list(self.columns), : self.rank]
            rows[:, : kept.shape[1]] = kept
        loadings = ((rows + 1) / 2).ravel().tolist()
        return np.clip(np.array(curves + flags + loadings, dtype=np.float64), 0.0, 1.0).astype(np.float64)

    def values(self, nebula: Nebula) -> dict[str, float | int]:
        """Returns a nebula of this space as Optuna's parameter values, without its correlation."""
        curves = {f"{self.panel.paths[column]}.curve": nebula.curves[column] for column in self.columns}
        flags = {f"{self.panel.paths[column]}.symmetric": int(nebula.symmetric[column]) for column in self.columns}
        return curves | flags if self.tunes_symmetry else {**curves}

    def from_values(
        self, values: dict[str, float | int], name: str = "unnamed", correlation: Correlation | None = None
    ) -> Nebula:
        """Returns the nebula with these parameter values of Optuna's, and this correlation where it is tuned."""
        curves, symmetric = list(self.start.curves), list(self.start.symmetric)
        for column in self.columns:
            curves[column] = float(values[f"{self.panel.paths[column]}.curve"])
            if self.tunes_symmetry:
                symmetric[column] = bool(values[f"{self.panel.paths[column]}.symmetric"])
        together = correlation if self.rank else self.start.correlation
        return Nebula(tuple(curves), tuple(symmetric), name, together, self.start.synth)

    def _correlation(self, loadings: Float64[np.ndarray, " loading"] | None) -> Correlation | None:
        """The start's correlation, or the one with these loadings of the tuned parameters; none where all are 0."""
        if loadings is None:
            return self.start.correlation
        if not loadings.any():
            return None
        rows = np.zeros((len(self.panel), self.rank))
        rows[list(self.columns)] = loadings.reshape(-1, self.rank)
        return Correlation(tuple(tuple(row) for row in rows.tolist()))
