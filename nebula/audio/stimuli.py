"""Sounds made comparable for ears: begin together, end together, as loud as each other, without offset or clipping.

What remains between the sounds of a trial is what a listener is asked about. `align_edges` sees to time, within one
trial; `align_levels` to loudness, best over all sounds of a test, so that trials are as loud as each other too;
`spread` measures what is left. Sounds have 1 to 6 channels, which are never mixed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from nebula.audio.layouts import total_weight
from nebula.audio.loudness import SILENCE_DB, relative_level_lufs
from nebula.errors import ArgumentError
from nebula.tensors import Float, Tensor, torch

#: Sounds whose onsets lie this near to each other are heard as starting together.
TOLERANCE_SECONDS = 0.01

#: A sound lasts while it moves by more than this, against its own loudest moment.
EDGE_DB = -50.0

#: What is kept before an onset; the fade in is over when the sound begins.
LEAD_SECONDS = 0.002

#: What is kept after a tail, fading.
FADE_SECONDS = 0.005

#: Highest peak of a test: 1 dB under full scale, for what a converter makes between the samples, and for dither.
PEAK = 10 ** (-1 / 20)

#: How far a sound's peak may lie above its loudness in dB. A single click lies higher: as loud as others it would clip,
#: unless all of them were turned down for its sake.
PEAK_TO_LOUDNESS_DB = 28.0

# Edges are found to a millisecond, in windows that hold a fifth of a period at 40 Hz.
_HOP_SECONDS = 0.001
_WINDOW_SECONDS = 0.005


@dataclass(frozen=True)
class Spread:
    """How alike the sounds of a trial are in what a listener is not asked about.

    Attributes:
        loudness_lu: loudest minus quietest, as `relative_level_lufs` measures them; 0 if fewer than two are audible.
        onset_seconds: last onset minus first.
        tail_seconds: last tail minus first.
        peak: the largest sample, full scale being 1.
        offset: the largest mean of a channel, regardless of its sign.
    """

    loudness_lu: float
    onset_seconds: float
    tail_seconds: float
    peak: float
    offset: float


def align_edges(
    sounds: Sequence[Float[Tensor, "channel _"]], sample_rate_hz: int, tails: str = "aligned"
) -> Float[Tensor, "batch channel time"]:
    """Returns the sounds of a trial beginning together, all of one length, without offset, faded at both ends.

    Sounds whose onsets lie within 10 ms already, such as the versions of one recording, are cut at the same sample, so
    that what was synchronous stays so. Each channel's mean is taken out under its fades, so that nothing steps.

    Args:
        sounds: of any lengths, one dtype and one number of channels, which begin and end where the first and last of
            them does; silence is allowed and stays silence. Not modified.
        sample_rate_hz: their rate.
        tails: `aligned` ends all sounds within 10 ms of the first to end; `natural` lets each sound die away, with
            zeros behind it up to the end of the longest: how long a sound lasts is then heard, and may be what is
            judged.

    Raises:
        ArgumentError: there is no sound, one has no or infinite samples, or `tails` is something else.
    """
    _check(sounds)
    if tails not in ("aligned", "natural"):
        raise ArgumentError(f"tails: got {tails!r}, expected 'aligned' or 'natural'")
    lead, fade = (round(seconds * sample_rate_hz) for seconds in (LEAD_SECONDS, FADE_SECONDS))
    edges = [_edges(sound, sample_rate_hz) for sound in sounds]
    onsets = [edge[0] for edge in edges if edge]
    first = min(onsets, default=0)
    together = max(onsets, default=0) - first <= TOLERANCE_SECONDS * sample_rate_hz
    begun = [
        _from(sound, (first if together or not edge else edge[0]) - lead)
        for sound, edge in zip(sounds, edges, strict=True)
    ]
    ends = _common_ends(begun, sample_rate_hz) if tails == "aligned" else _ends(begun, sample_rate_hz)
    stops = [end + fade for end in ends]
    return torch.stack([_shaped(sound, stop, lead, fade, max(stops)) for sound, stop in zip(begun, stops, strict=True)])


def align_levels(
    sounds: Sequence[Float[Tensor, "..."]], sample_rate_hz: int, loudness_lufs: float = -23.0
) -> tuple[list[Tensor], float]:
    """Returns sounds of one loudness that all fit under `PEAK`, and that loudness in LUFS.

    Where the loudness wanted would push a sound over the peak, all are turned down by the same gain: none is clipped or
    compressed, and none is quieter than the others. Silence stays silence.

    Args:
        sounds: channels first, of any lengths, or batches of them; not modified.
        sample_rate_hz: their rate.
        loudness_lufs: the loudness wanted, as `relative_level_lufs` measures it.

    Raises:
        ArgumentError: there is no sound, one has no or infinite samples, or `loudness_lufs` is not finite.
    """
    _check(sounds)
    if not math.isfinite(loudness_lufs):
        raise ArgumentError(f"loudness_lufs: got {loudness_lufs}, expected a finite number")
    fitted, gain_db = fit_peaks([_at_level(sound, sample_rate_hz, loudness_lufs) for sound in sounds])
    return fitted, loudness_lufs + gain_db


def fit_peaks(sounds: Sequence[Float[Tensor, "..."]]) -> tuple[list[Tensor], float]:
    """Returns sounds that all fit under `PEAK`, and by how many decibels all are turned down for it: 0, or less.

    One gain for all keeps what they differ by in level.

    Args:
        sounds: of any shapes; not modified.

    Raises:
        ArgumentError: there is no sound, or one has no or infinite samples.

    Example:
        >>> fitted, gain_db = fit_peaks([torch.ones(3), torch.full((3,), 0.5)])
        >>> f"{gain_db:.2f}", f"{float(fitted[0].max() / fitted[1].max()):.2f}"
        ('-1.00', '2.00')
    """
    _check(sounds)
    peak = max(float(sound.abs().max()) for sound in sounds)
    if peak <= PEAK:
        return list(sounds), 0.0
    gain = PEAK / peak
    return [sound * gain for sound in sounds], 20 * math.log10(gain)


def peak_to_loudness_db(sounds: Float[Tensor, "batch channel time"], sample_rate_hz: int) -> Float[Tensor, " batch"]:
    """Returns how far each sound's peak lies above the loudness of its channels in the mean; infinity for silence.

    Mono played on several channels has the same.

    Args:
        sounds: at any level, which changes nothing.
        sample_rate_hz: their rate.
    """
    levels = relative_level_lufs(sounds, sample_rate_hz) - 10 * math.log10(total_weight(sounds.shape[1]))
    peaks_db = 20 * sounds.double().abs().amax(dim=(-1, -2)).log10()
    return torch.where(levels.isfinite(), peaks_db - levels, math.inf)


def spread(sounds: Float[Tensor, "batch channel time"], sample_rate_hz: int) -> Spread:
    """Returns how alike the sounds of a trial are in loudness, onset, tail, peak and offset.

    Args:
        sounds: as they are played.
        sample_rate_hz: their rate.

    Raises:
        ArgumentError: there is no sound, or one has no or infinite samples.
    """
    _check(list(sounds))
    levels = relative_level_lufs(sounds, sample_rate_hz)
    levels = levels[levels.isfinite()]
    edges = [edge for edge in (_edges(sound, sample_rate_hz) for sound in sounds) if edge]
    onsets, tails = zip(*edges, strict=True) if edges else ((0,), (0,))
    return Spread(
        loudness_lu=float(levels.max() - levels.min()) if len(levels) else 0.0,
        onset_seconds=(max(onsets) - min(onsets)) / sample_rate_hz,
        tail_seconds=(max(tails) - min(tails)) / sample_rate_hz,
        peak=float(sounds.abs().max()),
        offset=float(sounds.double().mean(dim=-1).abs().max()),
    )


def _at_level(sound: Tensor, sample_rate_hz: int, loudness_lufs: float) -> Tensor:
    levels = relative_level_lufs(sound, sample_rate_hz)[..., None, None]
    gains = torch.where(levels.isfinite(), 10 ** ((loudness_lufs - levels) / 20), 1.0)
    return (sound * gains).to(sound.dtype)


def _check(sounds: Sequence[Tensor]) -> None:
    if not sounds:
        raise ArgumentError("sounds: got none, expected at least one")
    for number, sound in enumerate(sounds):
        if sound.numel() == 0 or not sound.isfinite().all():
            fault = "no samples" if sound.numel() == 0 else "a sample that is not a finite number"
            raise ArgumentError(f"sounds: number {number} has {fault}")


def _edges(sound: Float[Tensor, "channel time"], sample_rate_hz: int) -> tuple[int, int] | None:
    """Returns the samples between which any channel of a sound moves, or nothing for silence.

    Windows are judged by the deviation from their own mean: an offset is no sound, wherever it begins.
    """
    hop, width = (max(2, round(seconds * sample_rate_hz)) for seconds in (_HOP_SECONDS, _WINDOW_SECONDS))
    exact = sound.detach().double().cpu()
    # The first and last sample go on outside, so that an offset does not seem to begin or end there.
    padded = torch.cat([exact[:, :1].expand(-1, width), exact, exact[:, -1:].expand(-1, width + hop)], dim=-1)
    deviation = padded.unfold(-1, width, hop).std(dim=-1, correction=0).amax(dim=0)
    loudest = float(deviation.max())
    if loudest <= 10 ** (SILENCE_DB / 20):
        return None
    moving = torch.nonzero(deviation > loudest * 10 ** (EDGE_DB / 20)).flatten()
    # The first window moves by what its last hop brought, the last one by what its first hop still holds.
    onset = int(moving[0]) * hop - hop
    tail = int(moving[-1]) * hop + hop - width
    return max(onset, 0), min(max(tail, 1), sound.shape[-1])


def _ends(sounds: list[Tensor], sample_rate_hz: int) -> list[int]:
    """Returns where each sound ends; where the last one does for silence."""
    edges = [_edges(sound, sample_rate_hz) for sound in sounds]
    last = max((edge[1] for edge in edges if edge), default=min(sound.shape[-1] for sound in sounds))
    return [edge[1] if edge else last for edge in edges]


def _common_ends(sounds: list[Tensor], sample_rate_hz: int) -> list[int]:
    """Returns the end of the first sound to end, for each."""
    tolerance = (TOLERANCE_SECONDS - FADE_SECONDS) * sample_rate_hz
    ends = _ends(sounds, sample_rate_hz)
    while True:
        frames = min(ends)
        ends = _ends([sound[:, :frames] for sound in sounds], sample_rate_hz)
        # A sound that falls silent before the cut, to come back after it, ends earlier than the cut: cut again.
        if max(ends) - min(ends) <= tolerance:
            return [frames] * len(sounds)


def _from(sound: Tensor, start: int) -> Tensor:
    return sound[:, start:] if start >= 0 else torch.cat([sound[:, :1].expand(-1, -start), sound], dim=-1)


def _shaped(sound: Tensor, stop: int, lead: int, fade: int, frames: int) -> Tensor:
    """Returns a sound up to a sample, faded in and out, each channel of mean zero, with zeros up to a length."""
    exact = sound[:, :stop].double()
    window = torch.ones_like(exact[0])
    window[:lead] *= _rise(lead, exact)[: len(window)]
    window[-fade:] *= _rise(fade, exact).flip(0)[-len(window) :]
    # What is left has a sum of zero: the fades do not bring back what was taken away.
    centred = window * (exact - (window * exact).sum(dim=-1, keepdim=True) / window.sum())
    return torch.nn.functional.pad(centred, (0, frames - exact.shape[-1])).to(sound.dtype)


def _rise(samples: int, like: Tensor) -> Tensor:
    phase = (torch.arange(samples, dtype=like.dtype, device=like.device) + 0.5) / samples
    return torch.sin(torch.pi / 2 * phase).square()
