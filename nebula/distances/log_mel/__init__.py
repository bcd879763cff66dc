"""The log-mel distance: log magnitudes in mel bands, time-aligned.

- `distance`: `LogMel`, on any device and with gradients
- `settings`: what it can be told
- `fused`: the same on the CPU in one pass
- `kernels`: the compiled loops of that
"""

from nebula.distances.log_mel.distance import LogMel
from nebula.distances.log_mel.settings import REFERENCE_RATE_HZ, LogMelSettings

__all__ = ["REFERENCE_RATE_HZ", "LogMel", "LogMelSettings"]
