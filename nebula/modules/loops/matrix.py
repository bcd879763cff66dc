"""The loop of `nebula.modules.matrix`."""

from typing import no_type_check

from nebula.compilation import compiled


@no_type_check
@compiled("void(float64[:, ::1], float64[::1], int64[::1], int64[::1])")
def modulate(signals, weights, sources, targets) -> None:
    """Fills the signals that are targets with weighted sums of those that are sources."""
    for t in range(targets.size):
        target = signals[targets[t]]
        for n in range(sources.size):
            # The second source first, then the first and the rest: so does a compiler that fuses multiplications into
            # the sum of all, on whose rounding the Voice's bits rest.
            s = n if n > 1 or sources.size == 1 else 1 - n
            source, weight = signals[sources[s]], weights[s * targets.size + t]
            if n == 0:
                for i in range(target.size):
                    target[i] = weight * source[i]
            else:
                for i in range(target.size):
                    target[i] += weight * source[i]
