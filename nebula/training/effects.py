"""Effects that hide what two sounds of a pair share by accident: filters, pitch, place in time, and rooms.

Each is drawn for each sound by itself, and each with a probability of one half. The recipe's authors used
torch-audiomentations, which draws one setting for up to a hundred sounds, and recorded impulse responses; rooms here
are noise that dies away, since none are shipped.
"""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional

#: How likely each effect is.
PROBABILITY = 0.5

#: Cutoffs of the filters, drawn evenly on HTK's mel scale.
HIGH_PASS_HZ, LOW_PASS_HZ = (20.0, 800.0), (1200.0, 8000.0)

#: Furthest transposition, and furthest shift as a share of the length.
SEMITONES, SHIFT = 2.0, 0.25

#: Seconds in which a room dies away by 60 dB.
DECAY_SECONDS = (0.1, 1.0)

# Filters fall by 24 dB an octave.
_ORDER = 4

# Window of the phase vocoder, 32 ms at 16 kHz, and its hop.
_WINDOW, _HOP = 512, 128


def augment_audio(
    audio: Float[Tensor, "batch time"], sample_rate_hz: float, generator: torch.Generator
) -> Float[Tensor, "batch time"]:
    """Returns the sounds with effects of their own, as long as before.

    Args:
        audio: Sounds, a quarter of a second or more.
        sample_rate_hz: Their rate.
        generator: Decides everything random; lies on the device of the sounds.

    Source:
        Cherep and Singh, "Contrastive learning from synthetic audio doppelgängers", 2024, section 3.3.
    """
    batch = len(audio)

    def uniform(low: float, high: float) -> Float[Tensor, " batch"]:
        return low + (high - low) * torch.rand(batch, generator=generator, device=audio.device)

    def chosen() -> Bool[Tensor, "batch 1"]:
        return torch.rand((batch, 1), generator=generator, device=audio.device) < PROBABILITY

    def cutoff(limits_hz: tuple[float, float]) -> Float[Tensor, " batch"]:
        low, high = (math.log1p(limit / 700) for limit in limits_hz)
        return 700 * torch.expm1(uniform(low, high))

    audio = torch.where(chosen(), filtered(audio, sample_rate_hz, cutoff(HIGH_PASS_HZ), high_pass=True), audio)
    audio = torch.where(chosen(), filtered(audio, sample_rate_hz, cutoff(LOW_PASS_HZ), high_pass=False), audio)
    semitones = uniform(-SEMITONES, SEMITONES)
    # This takes longer than all the others, so only those have it done that are to have it.
    rows = chosen().squeeze(1).nonzero().squeeze(1)
    if len(rows):
        audio = audio.index_copy(0, rows, transposed(audio[rows], semitones[rows]))
    audio = torch.where(chosen(), shifted(audio, uniform(-SHIFT, SHIFT)), audio)
    noise = torch.randn(audio.shape, generator=generator, device=audio.device, dtype=audio.dtype)
    return torch.where(chosen(), in_room(audio, sample_rate_hz, uniform(*DECAY_SECONDS), noise), audio)


def filtered(
    audio: Float[Tensor, "batch time"], sample_rate_hz: float, cutoff_hz: Float[Tensor, " batch"], *, high_pass: bool
) -> Float[Tensor, "batch time"]:
    """Returns sounds behind Butterworth's magnitude without his phase: 3 dB less at the cutoff, 24 dB an octave.

    Args:
        audio: Sounds, silent beyond their ends.
        sample_rate_hz: Their rate.
        cutoff_hz: Of each sound, above 0.
        high_pass: Whether what is below the cutoff goes, rather than what is above.
    """
    length = 2 * audio.shape[1]
    frequencies = torch.fft.rfftfreq(length, 1 / sample_rate_hz, device=audio.device, dtype=audio.dtype)
    ratio = frequencies / cutoff_hz[:, None].to(audio.dtype)
    gain = 1 / (1 + ratio ** (2 * _ORDER)).sqrt()
    if high_pass:
        gain = ratio**_ORDER * gain
    found: Tensor = torch.fft.irfft(torch.fft.rfft(audio, length) * gain, length)
    return found[:, : audio.shape[1]]


def transposed(audio: Float[Tensor, "batch time"], semitones: Float[Tensor, " batch"]) -> Float[Tensor, "batch time"]:
    """Returns sounds at another pitch and of the same length, by a phase vocoder.

    Args:
        audio: Sounds of 512 samples or more.
        semitones: Up or down, for each sound.

    Source:
        Puckette, "Phase-locked vocoder", IEEE Workshop on Applications of Signal Processing to Audio, 1995.
    """
    samples = audio.shape[1]
    ratio = (2 ** (semitones / 12))[:, None].to(audio.dtype)
    window = torch.hann_window(_WINDOW, dtype=audio.dtype, device=audio.device)
    spectrum = torch.stft(audio, _WINDOW, _HOP, window=window, return_complex=True)
    last = spectrum.shape[2] - 1
    # Stretched in time by the ratio, each frame lies between two frames of before; where these end, it is silent.
    count = math.ceil(spectrum.shape[2] * float(ratio.max())) + 1
    place = torch.arange(count, device=audio.device, dtype=audio.dtype) / ratio
    inside = place <= last
    place = place.clamp(max=last)
    before = place.floor().long().clamp(max=last - 1)
    share = (place - before).unsqueeze(1)
    bins = spectrum.shape[1]

    def frame(number: Tensor) -> Tensor:
        return spectrum.gather(2, number[:, None].expand(-1, bins, -1))

    near, far = frame(before), frame(before + 1)
    size = ((1 - share) * near.abs() + share * far.abs()) * inside[:, None]
    expected = 2 * math.pi * _HOP / _WINDOW * torch.arange(bins, device=audio.device, dtype=audio.dtype)[:, None]
    turned = far.angle() - near.angle() - expected
    advance = expected + turned - 2 * math.pi * (turned / (2 * math.pi)).round()
    turning = torch.polar(torch.ones_like(advance), advance)
    frames = [near[:, :, 0]]
    for number in range(count - 1):
        # Bins that belong to one partial have opposite signs side by side: the strongest of three turns all of them.
        locked = 2 * frames[-1] - functional.pad(frames[-1], (1, 1)).unfold(1, 3, 1).sum(2)
        turned_on = locked * turning[:, :, number]
        frames.append(size[:, :, number + 1] * turned_on / turned_on.abs().clamp(min=1e-12))
    stretched = torch.istft(torch.stack(frames, dim=2), _WINDOW, _HOP, window=window)
    # Read that much faster, it has its length again and another pitch.
    read = torch.arange(samples, device=audio.device, dtype=audio.dtype) * ratio
    left = read.floor().long().clamp(max=stretched.shape[1] - 2)
    part = (read - left).clamp(max=1)
    return (1 - part) * stretched.gather(1, left) + part * stretched.gather(1, left + 1)


def shifted(audio: Float[Tensor, "batch time"], shares: Float[Tensor, " batch"]) -> Float[Tensor, "batch time"]:
    """Returns sounds later or earlier; what leaves at one end comes in at the other.

    Args:
        audio: Sounds.
        shares: How much later, as a share of the length, for each sound.
    """
    samples = audio.shape[1]
    later = (shares * samples).round().long()
    places = (torch.arange(samples, device=audio.device) - later[:, None]) % samples
    return audio.gather(1, places)


def in_room(
    audio: Float[Tensor, "batch time"],
    sample_rate_hz: float,
    decay_seconds: Float[Tensor, " batch"],
    noise: Float[Tensor, "batch time"],
) -> Float[Tensor, "batch time"]:
    """Returns sounds with the echoes of a room, which carry as much energy as what comes straight; levels stay.

    Args:
        audio: Sounds.
        sample_rate_hz: Their rate.
        decay_seconds: In which each room dies away by 60 dB.
        noise: Standard normal numbers that rooms are made of.
    """
    samples = audio.shape[1]
    seconds = torch.arange(samples, device=audio.device, dtype=audio.dtype) / sample_rate_hz
    echoes = noise * 10 ** (-3 * seconds / decay_seconds[:, None].to(audio.dtype))
    echoes = echoes / echoes.norm(dim=1, keepdim=True)
    response = torch.cat([torch.ones_like(echoes[:, :1]), echoes[:, 1:]], dim=1)
    length = 2 * samples
    heard: Tensor = torch.fft.irfft(torch.fft.rfft(audio, length) * torch.fft.rfft(response, length), length)
    heard = heard[:, :samples]
    level, found = audio.norm(dim=1, keepdim=True), heard.norm(dim=1, keepdim=True)
    gain = torch.where(found > 0, level / torch.where(found > 0, found, 1.0), 0.0)
    return heard * gain
