"""Log-mel statistics: what a sound's bands are like on average and how they vary, whenever it is."""

import torch
from jaxtyping import Float
from torch import Tensor

from nebula.distances import Embedder, LogMel, LogMelSettings, Settings


class LogMelStatistics(Embedder):
    """The mean and the standard deviation over time of each log-mel band: 128 numbers, in the logarithm's unit.

    No distance: it is what an embedding has to better in a probe.

    Args:
        settings: Length and level.

    Example:
        >>> LogMelStatistics().embed(torch.zeros(1, 44100), 44100).shape
        torch.Size([1, 128])
    """

    name = "log-mel-statistics"
    version = 1

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(Settings() if settings is None else settings)
        self._log_mel = LogMel(
            LogMelSettings(duration_seconds=self.settings.duration_seconds, level_rms=self.settings.level_rms)
        )

    def analyse(self, audio: Float[Tensor, "batch time"], sample_rate_hz: float) -> Float[Tensor, "batch dimension"]:
        """Statistics of a few sounds that are already level and of the right length.

        Args:
            audio: Sounds.
            sample_rate_hz: Any rate that `embed` allows.
        """
        bands = self._log_mel.magnitudes(audio, sample_rate_hz)
        levels = (bands + self._log_mel.settings.log_floor).log()
        return torch.cat([levels.mean(1), levels.std(1, correction=0)], dim=1)
