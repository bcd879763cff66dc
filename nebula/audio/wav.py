"""WAV files that hold sound and nothing else, dithered so that no two need be alike."""

from __future__ import annotations

from nebula.audio.encode import encoded
from nebula.errors import ArgumentError
from nebula.tensors import Float, Tensor, np

#: Bits per sample that can be written.
BITS = (16, 24)


def wav_bytes(audio: Float[Tensor, "*channel time"], sample_rate_hz: int, seed: int, bits: int = 16) -> bytes:
    """Returns a WAV file of integer samples: a `fmt ` and a `data` chunk, without names, dates or software.

    Triangular dither of two steps peak to peak, the sum of two uniform draws, makes the rounding error a noise whose
    mean and power do not depend on the sound. The seed decides the dither: files of one sound under two seeds differ in
    their bytes and not in what is heard, files of silence too.

    Args:
        audio: one channel of sound, or channels first; within 1 by a step and a half of the last bit, so that dither
            clips nothing.
        sample_rate_hz: written into the file.
        seed: 0 or more, of any size; one for each slot that the file is played in.
        bits: 16 or 24.

    Raises:
        ArgumentError: a sample would clip or is not a number, or another argument is outside what is allowed.

    Source: Lipshitz, Wannamaker and Vanderkooy, "Quantization and dither", J. Audio Eng. Soc. 40, 1992.
    """
    if bits not in BITS:
        raise ArgumentError(f"bits: got {bits}, expected 16 or 24")
    if seed < 0:
        raise ArgumentError(f"seed: got {seed}, expected 0 or more")
    frames = np.atleast_2d(audio.detach().double().cpu().numpy()).T
    full_scale = 2 ** (bits - 1)
    largest = (full_scale - 2) / full_scale
    peak = float(np.abs(frames).max(initial=0.0))
    if not peak <= largest:
        raise ArgumentError(f"audio: peak of {peak:g}, expected at most {largest:.9g} for {bits} bits with dither")
    generator = np.random.default_rng(seed)
    dither = generator.random(frames.shape) - generator.random(frames.shape)
    samples = np.rint(frames * full_scale + dither).astype(np.int32)
    return encoded(samples, sample_rate_hz, "wav", bits=bits)
