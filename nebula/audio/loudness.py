"""Levels: integrated loudness by ITU-R BS.1770-4, root mean square where there is none, and bringing sounds to one.

pyloudnorm measures BS.1770. Its gate needs one block of 0.4 s above -70 LUFS; shorter or quieter sounds are measured by
their root mean square in dB instead. The two scales meet: a sine near 1 kHz reads the same on both. Channels are
weighted as `nebula.audio.layouts` has it; mono is one of them.
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING

from nebula.audio.layouts import total_weight, weights
from nebula.errors import ArgumentError
from nebula.tensors import Float, Tensor, np, torch

if TYPE_CHECKING:
    import pyloudnorm

#: Length of a gating block in BS.1770-4; no integrated loudness exists for less.
BLOCK_SECONDS = 0.4

#: At or below this root mean square, under the last bit of 32 bit integers, a sound is digital silence: no gain.
SILENCE_DB = -200.0


def rms_db(audio: Float[Tensor, "*batch time"]) -> Float[Tensor, "*batch"]:
    """Returns the root mean square in dB: -3.01 for a sine at full scale, minus infinity for silence."""
    return (10 * audio.double().square().mean(dim=-1).log10()).to(audio.dtype)


def integrated_loudness_lufs(audio: Float[Tensor, "*batch time"], sample_rate_hz: int) -> Float[Tensor, "*batch"]:
    """Returns the integrated loudness of mono sounds by BS.1770-4.

    Minus infinity where the standard gives no value: shorter than 0.4 s, or no block above the gate at -70 LUFS.
    Trailing zeros change little, because their blocks are gated away.

    Args:
        audio: mono sounds of any level, on any device.
        sample_rate_hz: their rate.

    Example:
        >>> time = torch.arange(48000) / 48000
        >>> f"{integrated_loudness_lufs(torch.sin(2 * torch.pi * 997 * time), 48000):.2f}"
        '-3.01'

    Source: ITU-R BS.1770-4, annex 1; a sine of 997 Hz at full scale in one channel reads -3.01.
    """
    return _integrated_lufs(audio.unsqueeze(-2), sample_rate_hz)


def level_lufs(audio: Float[Tensor, "*batch time"], sample_rate_hz: int) -> Float[Tensor, "*batch"]:
    """Returns the integrated loudness of mono sounds or, where the standard gives none, their root mean square in dB.

    Minus infinity for silence only.

    Args:
        audio: mono sounds of any level, on any device.
        sample_rate_hz: their rate.
    """
    integrated = integrated_loudness_lufs(audio, sample_rate_hz)
    return torch.where(integrated.isfinite(), integrated, rms_db(audio))


def relative_level_lufs(audio: Float[Tensor, "*batch channel time"], sample_rate_hz: int) -> Float[Tensor, "*batch"]:
    """Returns the level of sounds as it is measured with each brought to a peak of 1 before, in one channel.

    That is integrated loudness or, where the standard gives none, root mean square in dB, over all channels. The gate
    at -70 LUFS stands at the same place of a sound however quiet it is: a gain moves this level by as many decibels,
    always. So does playing mono on more channels, by `total_weight`. Minus infinity for silence only, and for sounds of
    low frequencies alone.

    Args:
        audio: sounds of 1 to 6 channels and of any level, on any device.
        sample_rate_hz: their rate.

    Raises:
        ArgumentError: there are more channels.

    Source: ITU-R BS.1770-4, annex 1: the powers of the channels are added, weighted by where they come from.
    """
    exact = audio.detach().double()
    shares = exact.new_tensor(weights(audio.shape[-2]))
    peaks = exact.abs().amax(dim=(-1, -2))
    audible = peaks > 10 ** (SILENCE_DB / 20)
    spread_db = 10 * math.log10(total_weight(audio.shape[-2]))
    scaled = exact / torch.where(audible, peaks, 1.0)[..., None, None] * 10 ** (-spread_db / 20)
    powers = (shares * scaled.square().mean(dim=-1)).sum(dim=-1)
    integrated = _integrated_lufs(scaled, sample_rate_hz)
    levels = torch.where(integrated.isfinite(), integrated, 10 * powers.log10())
    return torch.where(audible, levels + 20 * peaks.log10() + spread_db, -math.inf)


def align_loudness(
    audio: Float[Tensor, "*batch time"], sample_rate_hz: int, loudness_lufs: float = -23.0
) -> Float[Tensor, "*batch time"]:
    """Returns each mono sound scaled to an integrated loudness.

    A sound without integrated loudness (shorter than 0.4 s, or too quiet for the gate) is scaled so that its root mean
    square in dB takes that value. Silence stays silence. Nothing is clipped: samples may exceed 1.

    Args:
        audio: mono sounds; not modified.
        sample_rate_hz: their rate.
        loudness_lufs: the loudness wanted; -23 is EBU R 128's.

    Raises:
        ArgumentError: `loudness_lufs` is not finite.
    """
    if not math.isfinite(loudness_lufs):
        raise ArgumentError(f"loudness_lufs: {loudness_lufs} is not a finite number")
    exact = audio.detach().double()
    gains_db = loudness_lufs - level_lufs(exact, sample_rate_hz).unsqueeze(-1)
    sounding = rms_db(exact).unsqueeze(-1) > SILENCE_DB
    return (audio * torch.where(sounding, 10 ** (gains_db / 20), 1.0)).to(audio.dtype)


def fit_loudness(
    sound: Float[Tensor, " time"], sample_rate_hz: int, loudness_lufs: float
) -> tuple[Float[Tensor, " time"], bool]:
    """Returns a mono sound at an integrated loudness, and whether it is lower because its peaks would not fit.

    Unlike what `align_loudness` returns, the sound has that loudness exactly, however quiet it was, and nothing of it
    lies beyond full scale. Silence stays silence.

    Args:
        sound: not modified.
        sample_rate_hz: its rate.
        loudness_lufs: the loudness wanted.

    Raises:
        ArgumentError: `loudness_lufs` is not finite.

    Example:
        >>> tone = 0.1 * torch.sin(2 * torch.pi * 997 * torch.arange(48000) / 48000)
        >>> fitted, is_lowered = fit_loudness(tone, 48000, -3.01 + 6)
        >>> f"{float(fitted.abs().max()):.2f}", is_lowered
        ('1.00', True)
    """
    # The gate at -70 LUFS is at another place in a sound of another level: measured once more at about the right one.
    roughly = align_loudness(sound, sample_rate_hz, loudness_lufs)
    aligned = align_loudness(roughly, sample_rate_hz, loudness_lufs)
    peak = float(aligned.abs().max())
    return (aligned / peak, True) if peak > 1.0 else (aligned, False)


def _integrated_lufs(audio: Float[Tensor, "*batch channel time"], sample_rate_hz: int) -> Float[Tensor, "*batch"]:
    """Returns the integrated loudness of sounds of 1 to 6 channels."""
    channels, samples = audio.shape[-2:]
    if samples < BLOCK_SECONDS * sample_rate_hz:
        return audio.new_full(audio.shape[:-2], -math.inf)
    # pyloudnorm weighs up to five channels, of three in front: surround ones without a centre bring a silent one.
    rows = audio.detach().reshape(-1, channels, samples).double().cpu().numpy()
    if channels == 4:
        rows = np.insert(rows, 2, 0.0, axis=1)
    rows = rows[:, [place for place, weight in enumerate(weights(rows.shape[1])) if weight > 0]]
    meter = _meter(sample_rate_hz)
    # Where every block is gated, pyloudnorm takes means of nothing: its minus infinity is right, its complaint is not.
    with np.errstate(divide="ignore", invalid="ignore"):
        values = [float(meter.integrated_loudness(row.T)) if row.any() else -math.inf for row in rows]
    return torch.tensor(values, dtype=audio.dtype, device=audio.device).reshape(audio.shape[:-2])


@functools.lru_cache(maxsize=8)
def _meter(sample_rate_hz: int) -> "pyloudnorm.Meter":
    """Returns the meter of a rate; designing its filters costs more than a short sound does."""
    # Imported here: with SciPy's filters it takes half as long to load as torch, and every command would wait for it.
    import pyloudnorm

    # pyloudnorm's "DeMan" filters are the standard's own at 48 kHz; its default ones read 0.04 LU low.
    return pyloudnorm.Meter(sample_rate_hz, filter_class="DeMan", block_size=BLOCK_SECONDS)
