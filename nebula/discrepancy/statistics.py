"""Means and covariances of sets of sounds, as files that fadtk reads and writes: a set travels without its sounds."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nebula.discrepancy.vectors import checked
from nebula.errors import ArgumentError
from nebula.files import writing_whole
from nebula.tensors import Float, Float64, Tensor, np, torch


@dataclass(frozen=True, eq=False)
class FrechetStatistics:
    """The normal distribution fitted to a set of vectors, which is all that a Fréchet distance knows of it.

    Attributes:
        mean: In the unit of the embedding.
        covariance: Over one less than the number of vectors, in its square.

    Raises:
        ArgumentError: The shapes do not fit, a number is not finite, or the covariance is not symmetric.
    """

    mean: Float64[Tensor, " dimension"]
    covariance: Float64[Tensor, "row column"]

    def __post_init__(self) -> None:
        shape, size = tuple(self.covariance.shape), tuple(self.mean.shape)
        if len(size) != 1 or shape != size * 2:
            raise ArgumentError(f"covariance: got shape {shape} for a mean of shape {size}, expected one axis and two")
        for name, values in (("mean", self.mean), ("covariance", self.covariance)):
            if not bool(values.isfinite().all()):
                raise ArgumentError(f"{name}: got a value that is not finite, expected finite ones")
        apart = (self.covariance - self.covariance.T).abs().max()
        # What was computed in single precision may differ in its last digits.
        if apart > 1e-4 * self.covariance.abs().max():
            raise ArgumentError(f"covariance: got one that differs from its transpose by {float(apart):g}")

    @classmethod
    def of(cls, vectors: Float[Tensor, "sound dimension"]) -> FrechetStatistics:
        """Returns those of a set of vectors.

        Args:
            vectors: One row for each sound, or for each window of each, two or more.

        Raises:
            ArgumentError: There are fewer, or a value is not finite.

        Example:
            >>> FrechetStatistics.of(torch.tensor([[0.0], [2.0]])).covariance
            tensor([[2.]], dtype=torch.float64)
        """
        rows = checked("vectors", vectors, 2).double().cpu()
        return cls(rows.mean(0), torch.cov(rows.T).reshape(rows.shape[1], rows.shape[1]))

    @classmethod
    def load(cls, path: Path, model: str) -> FrechetStatistics:
        """Returns what a file holds for a model.

        Args:
            path: An `.npz` with the arrays `MODEL.mu` and `MODEL.cov`.
            model: What the embedding is called there, such as `vggish` or `clap-laion-audio` of fadtk.

        Raises:
            ArgumentError: The file cannot be read, has nothing of that model, or holds no statistics.
        """
        arrays = _read(path)
        names = sorted(
            name.removesuffix(".mu") for name in arrays if name.endswith(".mu") and f"{name[:-3]}.cov" in arrays
        )
        if model not in names:
            raise ArgumentError(
                f"model: got {model!r}, expected one that {str(path)!r} has: {', '.join(names) or 'none'}"
            )
        try:
            mean, covariance = (np.asarray(arrays[f"{model}.{part}"], dtype=np.float64) for part in ("mu", "cov"))
            # A single dimension has a covariance without axes.
            return cls(torch.from_numpy(mean), torch.from_numpy(np.atleast_2d(covariance)))
        except (ArgumentError, ValueError, TypeError) as error:
            raise ArgumentError(f"statistics {str(path)!r}: {error}") from error

    def save(self, path: Path, model: str) -> None:
        """Writes them to a file that fadtk reads; what it holds of other models stays.

        Args:
            path: Of the `.npz`, made if missing.
            model: What the embedding is to be called there.

        Raises:
            ArgumentError: There is a file that is none of statistics.
            OSError: The file cannot be written.
        """
        arrays = _read(path) if path.exists() else {}
        arrays.update({f"{model}.mu": self.mean.numpy(), f"{model}.cov": self.covariance.numpy()})
        with writing_whole(path) as file:
            np.savez(file, **arrays)


def _read(path: Path) -> dict[str, Any]:
    try:
        with np.load(path, allow_pickle=False) as found:
            return dict(found) if isinstance(found, np.lib.npyio.NpzFile) else {}
    except OSError as error:
        raise ArgumentError(f"statistics {str(path)!r}: cannot be read ({error.strerror or error})") from error
    except (ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ArgumentError(f"statistics {str(path)!r}: cannot be read (it is no .npz of numbers)") from error
